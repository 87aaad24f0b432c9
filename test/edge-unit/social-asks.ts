/** What tests of challenges and teams ask for again and again. */
import { expect } from "vitest";
import type { World } from "./social-world.ts";

export const operator = { roles: ["operator"] } as const;
export const draft = {
  ...{ name: "Ride November", measure: "distance", from: "2026-11-16", to: "2026-11-20" },
  joining: "everybody",
};
export const making = (here: World, changes: object = {}) =>
  here.ask("post", "/v1/challenges", { ...operator, body: { ...draft, ...changes } });
export const made = async (here: World, changes: object = {}) => {
  const { status, body } = await making(here, changes);
  expect(status).toBe(201);
  return body;
};
export const joining = (here: World, member: string, id: string, code?: string) =>
  here.ask("put", `/v1/challenges/${id}/me`, { member, body: code === undefined ? {} : { code } });
export const leaving = (here: World, member: string, id: string) =>
  here.ask("delete", `/v1/challenges/${id}/me`, { member });
/** A second later, so that it is not the answer of before. */
export const standings = async (here: World, id: string, query = "") => {
  here.after(1_000);
  return here.ask("get", `/v1/challenges/${id}/standings?${query}`);
};
export const places = async (here: World, id: string) =>
  (await standings(here, id)).body.items.map((of: { member: string; score: number }) => [
    of.member,
    of.score,
  ]);

export const makeTeam = async (here: World, member: string, name = "Ours") =>
  (await here.ask("post", "/v1/teams", { member, body: { name } })).body;
export const joinTeam = (here: World, member: string, team: { id: string; code: string }) =>
  here.ask("post", `/v1/teams/${team.id}/members`, { member, body: { code: team.code } });
export const leaveTeam = (here: World, member: string, id: string) =>
  here.ask("delete", `/v1/teams/${id}/members/me`, { member });
export const teamStandings = async (here: World, query = "") =>
  (await here.ask("get", `/v1/teams/standings?${query}`)).body.items;

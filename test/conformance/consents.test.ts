/**
 * Bad input where a member says who may read what, and where an operator goes in without asking: the
 * documented status, nothing kept, nothing opened. docs/errors.md has a line for each.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrol } from "../../local/people.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "../system/support.ts";
import { ask, marker } from "./support.ts";

let own: OwnSystem;
let who: Athlete;
let operator: string;

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "consents");
  operator = (await enrol(own.system, "operator", "The operator", ["operator"])).token;
});
afterAll(() => own?.end());

describe("who may read what", () => {
  const post = (path: string, token: string, body: object, method = "POST") =>
    ask(own.system, method, path, { token, body: JSON.stringify(body) });
  const nobody = `m_${"f".repeat(32)}`;
  const reason = "found unconscious at the track";

  it.each([
    ["to what is no id", () => ({ grantee: { member: nobody.slice(1) } }), "body.grantee.member"],
    ["to oneself", () => ({ grantee: { member: who.id } }), "body.grantee"],
    ["until a time that has passed", () => ({ until: "2026-01-01T00:00:00Z" }), "body.until"],
    [
      "from its end",
      () => ({ from: "2099-01-01T00:00:00Z", until: "2099-01-01T00:00:00Z" }),
      "body.from",
    ],
    ["with another effect", () => ({ effect: marker }), "body.effect"],
    ["for an emergency", () => ({ purpose: "emergency" }), "body.purpose"],
    ["of what is only the member's own", () => ({ columns: ["raw"] }), "body.columns.0"],
  ])("is not consented to %s", async (_, changes, field) => {
    const body = { grantee: { role: "coach" }, columns: ["track"], ...changes() };
    const answer = await post("/v1/consents", who.token, body);
    expect([answer.status, answer.body.type]).toEqual([400, "urn:singlet:problem:invalid-request"]);
    expect(answer.body.fields[0].field).toBe(field);
  });

  it.each([
    ["further than they may", { endsM: 5001, places: [] }],
    ["less than nothing", { endsM: -1, places: [] }],
    ["without their places", { endsM: 200 }],
    ["off the globe", { endsM: 200, places: [{ lat: 90.1, lon: 0, radiusM: 100 }] }],
    ["too small to hide anything", { endsM: 0, places: [{ lat: 52, lon: 5, radiusM: 49 }] }],
    ["too many", { endsM: 0, places: Array(21).fill({ lat: 52, lon: 5, radiusM: 100 }) }],
    ["of another form", { endsM: 200, places: [], [marker]: 1 }],
  ])("keeps no privacy zones %s", async (_, zones) => {
    const answer = await post("/v1/privacy-zones", who.token, zones, "PUT");
    expect([answer.status, answer.body.type]).toEqual([400, "urn:singlet:problem:invalid-request"]);
    const kept = await ask(own.system, "GET", "/v1/privacy-zones", { token: who.token });
    expect(kept.body).toEqual({ endsM: 200, places: [] });
  });

  it.each([
    ["without a reason", {}],
    ["for a reason that is none", { reason: "  because   " }],
    ["for a reason that is a book", { reason: marker.repeat(50) }],
    ["for longer than it lasts", { reason, until: "2099-01-01T00:00:00Z" }],
  ])("breaks no glass %s", async (_, body) => {
    const answer = await post("/v1/ops/break-glass", operator, { member: who.id, ...body });
    expect([answer.status, answer.body.type]).toEqual([400, "urn:singlet:problem:invalid-request"]);
  });

  it("breaks no glass of somebody who is not there, nor in another role", async () => {
    for (const [token, member] of [
      [operator, nobody],
      [who.token, who.id],
    ] as const) {
      const answer = await post("/v1/ops/break-glass", token, { member, reason });
      expect([answer.status, answer.body.type]).toEqual([403, "urn:singlet:problem:forbidden"]);
    }
    const told = await ask(own.system, "GET", "/v1/consents", { token: who.token });
    expect(told.body.breakGlass).toEqual([]);
  });
});

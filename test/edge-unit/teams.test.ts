/** Teams at the door: who makes, sees, joins and leaves one. */
import { describe, expect, it } from "vitest";
import { teamMembersMax, teamsJoinedMax } from "../../domain/teams.ts";
import { joinTeam, leaveTeam, makeTeam, teamStandings } from "./social-asks.ts";
import { aboutMember, memberId, saidOf, type World, world } from "./social-world.ts";

const teamsOf = async (here: World, member: string) =>
  (await here.ask("get", "/v1/teams", { member })).body.items;

describe("a team", () => {
  it("is made with its maker in it; whoever has the code joins", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const team = await makeTeam(here, ada);
    expect(team).toMatchObject({ name: "Ours", members: 1 });
    expect(team.code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    const { code: _, ...shown } = team;
    expect(await teamsOf(here, ada)).toEqual([shown]);
    const typed = { id: team.id, code: ` ${team.code.toLowerCase().replaceAll("-", " ")}` };
    expect((await joinTeam(here, ben, typed)).body).toEqual({ ...shown, members: 2 });
    expect((await joinTeam(here, ben, team)).body.members).toBe(2);
    expect(await teamsOf(here, ben)).toEqual([{ ...shown, members: 2 }]);
  });

  it("tells its members who of them is on boards, and others nothing", async () => {
    const here = world();
    const [ada, ben, cas] = [await here.enrol(1), await here.enrol(2, false), await here.enrol(3)];
    const team = await makeTeam(here, ada);
    await joinTeam(here, ben, team);
    const { body } = await here.ask("get", `/v1/teams/${team.id}`, { member: ben });
    expect(body).toMatchObject({ members: 2, next: null });
    expect(body.items).toEqual([{ member: ada, name: `Name of ${ada}` }]);
    for (const path of [`/v1/teams/${team.id}`, "/v1/teams/t_none"])
      expect(saidOf(await here.ask("get", path, { member: cas }))).toBe("not-found");
  });

  it("lets nobody in by a wrong code, or by one that another took the place of", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const [team, other] = [await makeTeam(here, ada), await makeTeam(here, ada, "Others")];
    const wrong = await joinTeam(here, ben, { ...team, code: other.code });
    for (const id of [team.id, "t_none"])
      expect((await joinTeam(here, ben, { id, code: "no code" })).body).toEqual(wrong.body);
    expect(saidOf(wrong)).toBe("not-found");
    const renewed = await here.ask("put", `/v1/teams/${team.id}/code`, { member: ada });
    expect(saidOf(await joinTeam(here, ben, team))).toBe("not-found");
    expect((await joinTeam(here, ben, { id: team.id, code: renewed.body.code })).status).toBe(200);
    const path = `/v1/teams/${other.id}/code`;
    expect(saidOf(await here.ask("put", path, { member: ben }))).toBe("not-found");
  });

  it("is not another one for whoever is in it and joins again", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const team = await makeTeam(here, ada);
    await joinTeam(here, ben, team);
    const version = () => here.rows("SELECT version FROM team");
    const before = await version();
    here.after(1_000);
    expect((await joinTeam(here, ben, team)).status).toBe(200);
    await joinTeam(here, ben, { ...team, code: "0".repeat(16) });
    expect(await version()).toEqual(before);
  });

  it("keeps its code as a digest only", async () => {
    const here = world();
    const team = await makeTeam(here, await here.enrol(1));
    const [kept] = await here.rows("SELECT * FROM team");
    expect(JSON.stringify(kept)).not.toContain(team.code);
    expect(JSON.stringify(kept)).not.toContain(team.code.replaceAll("-", ""));
  });

  it("has so many members at most, and a member so many teams", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const full = await makeTeam(here, ada);
    const others = Array.from({ length: teamMembersMax - 1 }, (_, i) => memberId(1000 + i));
    await here.rows(
      "INSERT INTO team_member SELECT ?, value, 0 FROM json_each(?)",
      full.id,
      JSON.stringify(others),
    );
    expect(saidOf(await joinTeam(here, ben, full))).toBe("full");
    const teams = [];
    for (let i = 0; i < teamsJoinedMax; i++) teams.push(await makeTeam(here, ben, `Team ${i}`));
    const more = await here.ask("post", "/v1/teams", { member: ben, body: { name: "More" } });
    expect(saidOf(more)).toBe("full");
    expect((await teamsOf(here, ben)).length).toBe(teamsJoinedMax);
    await leaveTeam(here, others[0] ?? "", full.id);
    expect(saidOf(await joinTeam(here, ben, full))).toBe("full");
    await leaveTeam(here, ben, teams[0].id);
    expect((await joinTeam(here, ben, full)).status).toBe(200);
  });

  it.each([[""], [" "], ["a\u0000b"], ["x".repeat(61)], [7]])("is not called %j", async (name) => {
    const here = world();
    const member = await here.enrol(1);
    const answer = await here.ask("post", "/v1/teams", { member, body: { name } });
    expect(saidOf(answer)).toBe("invalid-request");
  });

  it("ends with its last member, and everything told of it", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const team = await makeTeam(here, ada);
    await joinTeam(here, ben, team);
    here.ride(ada, 20);
    await teamStandings(here);
    expect((await leaveTeam(here, ada, team.id)).body).toEqual({ left: team.id });
    expect(await teamsOf(here, ada)).toEqual([]);
    expect((await here.rows("SELECT * FROM team")).length).toBe(1);
    await leaveTeam(here, ben, team.id);
    for (const table of ["team", "team_member", "team_sum"])
      expect(await here.rows(`SELECT * FROM ${table}`), table).toEqual([]);
    expect(saidOf(await joinTeam(here, ada, team))).toBe("not-found");
  });

  it("is known to its members' ledgers at once, also when they could not be told at first", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2, false)];
    const team = await makeTeam(here, ada);
    here.faults.ledger = true;
    await expect(joinTeam(here, ben, team)).rejects.toThrow("down");
    here.faults.ledger = false;
    await joinTeam(here, ben, team);
    expect(here.settings.get(ben)).toMatchObject({ inTeams: true, onBoards: false });
    here.faults.ledger = true;
    await expect(leaveTeam(here, ben, team.id)).rejects.toThrow("down");
    here.faults.ledger = false;
    await leaveTeam(here, ben, team.id);
    expect(here.settings.get(ben)).not.toHaveProperty("inTeams");
    // Its other ledgers have no boards.
    expect(here.configured.filter((of) => of.member === ben && of.stream !== "workouts")).toEqual([
      { member: ben, stream: "samples" },
    ]);
  });
});

it("stands in the member's own export", async () => {
  const here = world();
  const ada = await here.enrol(1);
  const { id } = await makeTeam(here, ada);
  const joined = "2026-11-18T12:00:00.000Z";
  expect(await aboutMember(here.ports, ada)).toMatchObject({
    teams: [{ id, name: "Ours", joined }],
  });
});

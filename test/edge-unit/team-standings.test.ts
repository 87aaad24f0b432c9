/** What is told of teams, and what is told of them no more. */
import { describe, expect, it } from "vitest";
import { teamFreshMs } from "../../domain/teams.ts";
import { joinTeam, leaveTeam, makeTeam, teamStandings } from "./social-asks.ts";
import {
  day,
  dropPastWeeks,
  km,
  memberId,
  saidOf,
  startMs,
  type World,
  week,
  world,
} from "./social-world.ts";

const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const { leaving } = await load("team-rows.ts");
const { forgetSocial } = await load("social.ts");
const { refreshTeams } = await load("team-sums.ts");

/** A team of one on boards with 100 km, and of so many on none with 1, 2, 4, … km each. */
async function mixed(here: World, hidden: number) {
  const ada = await here.enrol(1);
  here.ride(ada, 100);
  const team = await makeTeam(here, ada);
  const others: string[] = [];
  for (let n = 0; n < hidden; n++) {
    const member = await here.enrol(10 + n, false);
    others.push(member);
    here.ride(member, 2 ** n);
    await joinTeam(here, member, team);
  }
  return { ada, team, others };
}
const next = (here: World) => here.after(teamFreshMs + 1_000);

describe("a board of teams", () => {
  it("has the sum of all members where enough of those on no board are in it", async () => {
    const here = world();
    const { team } = await mixed(here, 5);
    const entry = { rank: 1, team: team.id, name: "Ours", score: km(131), hidden: "counted" };
    expect(await teamStandings(here)).toEqual([entry]);
    const { body } = await here.ask("get", "/v1/teams/standings?measure=count");
    expect(body).toMatchObject({ measure: "count", week, unit: "workouts", next: null });
    expect(body.items).toEqual([{ ...entry, score: 6 }]);
  });

  it("leaves those on no board out where they are too few, and does not say whether there are any", async () => {
    const shown = [];
    for (const count of [0, 1, 4]) {
      const here = world();
      const { team } = await mixed(here, count);
      const [{ team: id, ...entry }] = await teamStandings(here);
      expect(id).toBe(team.id);
      shown.push(entry);
    }
    const left = { rank: 1, name: "Ours", score: km(100), hidden: "left-out" };
    expect(shown).toEqual([left, left, left]);
  });

  it("stands for those on no board until five of them have something new", async () => {
    const here = world();
    const { ada, others } = await mixed(here, 6);
    const score = async () => {
      next(here);
      return (await teamStandings(here))[0].score;
    };
    expect(await score()).toBe(km(163));
    for (const member of others.slice(0, 4)) here.ride(member, 10);
    expect(await score()).toBe(km(163));
    here.ride(ada, 7);
    expect(await score()).toBe(km(170));
    here.ride(others[4] ?? "", 10);
    expect(await score()).toBe(km(220));
  });

  it("has a member who leaves no more from that moment on, and is held back until it is safe", async () => {
    const here = world();
    const { team, others } = await mixed(here, 7);
    expect((await teamStandings(here))[0].score).toBe(km(227));
    await leaveTeam(here, others[0] ?? "", team.id);
    await here.settled();
    here.after(1_000);
    const held = { rank: null, team: team.id, name: "Ours", score: null, hidden: "held-back" };
    expect(await teamStandings(here)).toEqual([held]);
    for (const member of others.slice(1, 5)) here.ride(member, 10);
    next(here);
    expect(await teamStandings(here)).toEqual([held]);
    here.ride(others[5] ?? "", 10);
    next(here);
    expect((await teamStandings(here))[0]).toMatchObject({ score: km(276), hidden: "counted" });
  });

  it("goes without those on no board when fewer than five are left", async () => {
    const here = world();
    const { team, others } = await mixed(here, 5);
    await teamStandings(here);
    await leaveTeam(here, others[0] ?? "", team.id);
    await here.settled();
    here.after(1_000);
    expect((await teamStandings(here))[0]).toMatchObject({ score: km(100), hidden: "left-out" });
  });

  it("counts nobody towards the five whom everybody saw in that week", async () => {
    const here = world();
    const { others } = await mixed(here, 4);
    const fifth = await here.enrol(50);
    const [team] = await here.rows("SELECT id FROM team");
    const renewed = await here.ask("put", `/v1/teams/${team?.id}/code`, { member: others[0] });
    await joinTeam(here, fifth, { id: `${team?.id}`, code: renewed.body.code });
    here.ride(fifth, 64);
    await here.choose(fifth, false);
    expect((await teamStandings(here))[0]).toMatchObject({ score: null, hidden: "held-back" });
    // In a week that began after they hid, nobody knows them.
    here.after(7 * day);
    for (const member of [...others, fifth]) here.ride(member, 3, { at: startMs + 6 * day });
    expect((await teamStandings(here))[0]).toMatchObject({ score: km(15), hidden: "counted" });
  });

  it("counts nobody towards the five who is to be seen in a challenge over that week", async () => {
    const here = world();
    const { others } = await mixed(here, 5);
    const rules = { measure: "distance", from: "2026-11-01", to: "2026-11-20" };
    const made = await here.ask("post", "/v1/challenges", {
      roles: ["operator"],
      body: { name: "November", ...rules, joining: "everybody" },
    });
    const path = `/v1/challenges/${made.body.id}/me`;
    await here.ask("put", path, { member: others[0], body: {} });
    expect((await teamStandings(here))[0].hidden).toBe("held-back");
    expect((await teamStandings(here, "measure=count"))[0].hidden).toBe("counted");
    // What was seen until they left is known.
    await here.ask("delete", path, { member: others[0] });
    next(here);
    expect((await teamStandings(here))[0].hidden).toBe("held-back");
  });

  it("tells of two teams that share members only what tells of five in whatever is left of both", async () => {
    const here = world();
    const { team, others } = await mixed(here, 5);
    expect((await teamStandings(here))[0].score).toBe(km(131));
    const sixth = await here.enrol(60, false);
    here.ride(sixth, 64);
    const both = await makeTeam(here, sixth, "Both");
    for (const member of others) await joinTeam(here, member, both);
    next(here);
    // Told, it would be the first team's number and the sixth's.
    expect(await teamStandings(here)).toMatchObject([
      { team: team.id, score: km(131) },
      { team: both.id, score: null },
    ]);
  });

  it("never has somebody by half who is just being shown or hidden", async () => {
    const here = world();
    const { others } = await mixed(here, 6);
    // Boards have not heard of it yet.
    await here.rows("UPDATE member SET on_boards = 1 WHERE id = ?", others[5]);
    expect((await teamStandings(here))[0].score).toBe(km(131));
  });

  it("is reckoned anew only after a while, and by one at a time", async () => {
    const here = world();
    const { ada } = await mixed(here, 0);
    await teamStandings(here);
    here.ride(ada, 7);
    here.after(teamFreshMs - 2_000);
    expect((await teamStandings(here))[0].score).toBe(km(100));
    next(here);
    await Promise.all([1, 2, 3].map(() => refreshTeams(here.ports, here.clock.nowMs)));
    expect(
      await here.rows("SELECT DISTINCT version FROM team_sum WHERE measure = 'distance'"),
    ).toEqual([{ version: 2 }]);
    here.after(1_500);
    expect((await teamStandings(here))[0].score).toBe(km(107));
  });

  it("tells nothing of who was in it when somebody leaves while it is being reckoned", async () => {
    const here = world();
    const { team, others } = await mixed(here, 6);
    const { boards } = here.ports;
    let left = false;
    here.ports.boards = () => ({
      ...boards(),
      topology: async () => {
        if (!left) {
          left = true;
          await leaveTeam(here, others[0] ?? "", team.id);
        }
        return boards().topology();
      },
    });
    await refreshTeams(here.ports, here.clock.nowMs);
    await here.settled();
    for (const table of ["team_sum", "team_told"])
      expect(JSON.stringify(await here.rows(`SELECT * FROM ${table}`))).not.toContain(others[0]);
    expect((await teamStandings(here))[0].score).toBe(km(162));
  });

  it("is told of two teams at once only what is new of both", async () => {
    const here = world();
    const { team, others, ada } = await mixed(here, 5);
    const twin = await makeTeam(here, ada, "Twin");
    for (const member of others) await joinTeam(here, member, twin);
    await here.rows("UPDATE team SET read_at = ? WHERE id = ?", here.clock.nowMs, twin.id);
    const { boards } = here.ports;
    let meanwhile = false;
    here.ports.boards = () => ({
      ...boards(),
      topology: async () => {
        if (!meanwhile) {
          meanwhile = true;
          await here.rows("UPDATE team SET read_at = 0 WHERE id = ?", twin.id);
          await refreshTeams(here.ports, here.clock.nowMs);
        }
        return boards().topology();
      },
    });
    await refreshTeams(here.ports, here.clock.nowMs);
    const told = await here.rows("SELECT team FROM team_sum WHERE counted IS NOT NULL");
    expect(new Set(told.map((row) => row.team))).toEqual(new Set([twin.id]));
    expect(team.id).not.toBe(twin.id);
  });

  it("ranks them by pages, those that are held back last", async () => {
    const here = world();
    for (let n = 1; n <= 5; n++) {
      const member = await here.enrol(n);
      here.ride(member, n === 3 ? 2 : n);
      await makeTeam(here, member, `Team ${n}`);
    }
    const { team } = await mixed(here, 6);
    await teamStandings(here);
    await leaveTeam(here, memberId(10), team.id);
    await here.settled();
    const found = [];
    let cursor = "";
    do {
      here.after(1_000);
      const { body } = await here.ask("get", `/v1/teams/standings?limit=2${cursor}`);
      found.push(...body.items);
      cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor !== "");
    const scores = found.map((of) => [of.rank, of.score]);
    expect(scores.slice(0, 4)).toEqual([
      [1, km(101)],
      [2, km(5)],
      [3, km(4)],
      [4, km(2)],
    ]);
    expect(scores.slice(4)).toEqual([
      [5, km(2)],
      [null, null],
    ]);
    expect(new Set(found.map((of) => of.team)).size).toBe(6);
  });

  it("is asked about by its tag, and is the same for all for a second", async () => {
    const here = world();
    await mixed(here, 0);
    const { headers } = await here.ask("get", "/v1/teams/standings");
    expect(headers.get("cache-control")).toBe("public, max-age=1");
    const etag = headers.get("etag") ?? "";
    here.after(500);
    expect((await here.ask("get", "/v1/teams/standings", { etag })).status).toBe(304);
  });

  it.each(["week=2026-W45", "week=2026-11", "week=all", "week=x", "measure=energy", "cursor=x"])(
    "is not told for %s",
    async (query) => {
      const here = world();
      const answer = await here.ask("get", `/v1/teams/standings?${query}`);
      expect(saidOf(answer)).toBe("invalid-request");
    },
  );

  it("is told of the last week too, and what is past is forgotten", async () => {
    const here = world();
    const { ada, others } = await mixed(here, 5);
    for (const member of [ada, ...others]) here.ride(member, 1, { daysAgo: 7 });
    expect((await teamStandings(here, "week=2026-W46"))[0].score).toBe(km(6));
    expect((await here.rows("SELECT DISTINCT week FROM team_told")).length).toBe(2);
    here.after(7 * day);
    await dropPastWeeks(here.db, here.clock.nowMs);
    for (const table of ["team_told", "team_sum"])
      expect(await here.rows(`SELECT DISTINCT week FROM ${table}`)).toEqual([{ week }]);
  });
});

it("nothing of an erased member stays, nor a team that had nobody else", async () => {
  const here = world();
  const { team, others } = await mixed(here, 6);
  const [gone = ""] = others;
  const alone = await makeTeam(here, gone, "Alone");
  const follows = "INSERT INTO follow VALUES (?1, ?2, 0), (?2, ?1, 0) RETURNING member";
  expect((await here.rows(follows, gone, others[1])).length).toBe(2);
  await teamStandings(here);
  await here.db.batch([...leaving(here.db, gone, null), ...forgetSocial(here.db, gone)]);
  for (const table of ["team_member", "team_told", "team_sum", "follow", "challenge_member"])
    expect(JSON.stringify(await here.rows(`SELECT * FROM ${table}`)), table).not.toContain(gone);
  expect(await here.rows("SELECT id FROM team")).toEqual([{ id: team.id }]);
  expect(await here.rows("SELECT 1 FROM team_sum WHERE team = ?", alone.id)).toEqual([]);
  here.after(1_000);
  expect((await teamStandings(here))[0].score).toBeNull();
});

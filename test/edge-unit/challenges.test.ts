/** Challenges at the door: who makes, sees, joins and leaves one. */
import { describe, expect, it } from "vitest";
import { challengesJoinedMax } from "../../domain/challenges.ts";
import { draft, joining, leaving, made, making, operator, standings } from "./social-asks.ts";
import { aboutMember, km, memberId, saidOf, tellChallenges, world } from "./social-world.ts";

describe("an operator", () => {
  it("makes a challenge, and nobody else does", async () => {
    const here = world();
    const rules = { families: ["run", "ride"], dayMax: km(50), least: km(5), verifiedOnly: true };
    const challenge = await made(here, rules);
    expect(challenge).toEqual({
      ...{ id: expect.stringMatching(/^ch_[0-9a-f]{32}$/), ...draft, ...rules, unit: "mm" },
      families: expect.arrayContaining(["run", "ride"]),
      ...{ team: null, state: "running", made: "2026-11-18T12:00:00.000Z", ended: null },
      ...{ joined: false, code: null },
    });
    const member = await here.enrol(1);
    for (const roles of [[], ["coach"]]) {
      const asked = { member, roles, body: draft };
      expect(saidOf(await here.ask("post", "/v1/challenges", asked))).toBe("forbidden");
    }
  });

  it.each([
    ["no name", { name: " " }, null],
    ["a measure that is none", { measure: "energy" }, null],
    ["a family that is none", { families: ["fly"] }, null],
    ["a day that is none", { from: "2026-11-31" }, "body.to"],
    ["an end before its start", { to: "2026-11-15" }, "body.to"],
    ["days that are over", { from: "2026-11-01", to: "2026-11-16" }, "body.to"],
    ["more than a year", { to: "2027-11-17" }, "body.to"],
    ["a day worth nothing", { dayMax: 0 }, null],
    ["half a millimetre", { least: 0.5 }, null],
    ["a team's members, and no team", { joining: "team" }, null],
    ["a team, and everybody", { team: "t_1" }, null],
    ["a team that is none", { joining: "team", team: "t_none" }, "body.team"],
    ["something else besides", { prize: 1 }, null],
  ])("makes none with %s", async (_, changes, field) => {
    const here = world();
    const answer = await making(here, changes);
    expect(saidOf(answer)).toBe("invalid-request");
    if (field !== null) expect(answer.body.fields).toEqual([{ field, rule: "custom" }]);
    expect(await here.rows("SELECT 1 FROM challenge")).toEqual([]);
  });

  it("changes it until it begins somewhere, and its name at any time", async () => {
    const here = world();
    const { id } = await made(here, { from: "2026-11-20", to: "2026-11-25" });
    const ada = await here.enrol(1);
    await joining(here, ada, id);
    const change = (body: object) =>
      here.ask("patch", `/v1/challenges/${id}`, { ...operator, body });
    const { body } = await change({ dayMax: km(40), families: ["run"] });
    expect(body).toMatchObject({ dayMax: km(40), families: ["run"], name: draft.name });
    await here.settled();
    expect(here.settings.get(ada)?.challenges).toMatchObject([
      { id, dayMax: km(40), families: ["run"] },
    ]);
    expect((await change({ name: "Another" })).body).toMatchObject({ name: "Another" });
    expect(saidOf(await change({ to: "2026-11-19" }))).toBe("invalid-request");
    // Who joined agreed to show what they do from the 20th on.
    const earlier = await change({ from: "2026-01-01" });
    expect(earlier.body).toMatchObject({ fields: [{ field: "body.from", rule: "not-earlier" }] });
    expect(saidOf(await change({}))).toBe("invalid-request");
    expect(saidOf(await change({ joining: "code" }))).toBe("invalid-request");
    // Somewhere it is the 20th.
    here.clock.nowMs = Date.UTC(2026, 10, 19, 10);
    expect(saidOf(await change({ dayMax: km(50) }))).toBe("begun");
    expect((await change({ name: "A third" })).body).toMatchObject({
      name: "A third",
      dayMax: km(40),
    });
    const none = await here.ask("patch", "/v1/challenges/ch_none", {
      ...operator,
      body: { name: "x" },
    });
    expect(saidOf(none)).toBe("not-found");
  });

  it("ends it: its standings are shown no more, nobody joins, ledgers let go of it", async () => {
    const here = world();
    const { id } = await made(here);
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    here.ride(ada, 20);
    await joining(here, ada, id);
    expect((await standings(here, id)).status).toBe(200);
    const ended = await here.ask("delete", `/v1/challenges/${id}`, operator);
    expect(ended.body.state).toBe("ended");
    expect(saidOf(await standings(here, id))).toBe("not-found");
    expect(saidOf(await joining(here, ben, id))).toBe("over");
    await here.settled();
    expect(here.settings.get(ada)).not.toHaveProperty("challenges");
    const none = await here.ask("delete", "/v1/challenges/ch_none", operator);
    expect(saidOf(none)).toBe("not-found");
  });
});

describe("telling ledgers of a change", () => {
  it("goes on where it stopped, and begins anew when something changes meanwhile", async () => {
    const here = world();
    const { id } = await made(here, { from: "2026-11-21", to: "2026-11-25" });
    const ada = await here.enrol(1);
    await joining(here, ada, id);
    const many = Array.from({ length: 250 }, (_, i) => memberId(1000 + i));
    await here.rows(
      `INSERT INTO member (id, made_at, settings_version, zones, on_boards)
       SELECT value, 0, 1, '[]', 1 FROM json_each(?)`,
      JSON.stringify(many),
    );
    await here.rows(
      "INSERT INTO challenge_member SELECT ?, value, 0 FROM json_each(?)",
      ...[id, JSON.stringify(many)],
    );
    const path = `/v1/challenges/${id}`;
    await here.ask("patch", path, { ...operator, body: { dayMax: km(1) } });
    await here.settled();
    expect(here.settings.size).toBe(200);
    await here.ask("patch", path, { ...operator, body: { dayMax: km(2) } });
    await here.settled();
    await tellChallenges(here.ports);
    const told = [...here.settings.values()].map((of) => of.challenges?.[0]?.dayMax);
    expect(told).toEqual(Array.from({ length: 251 }, () => km(2)));
    expect(await here.rows("SELECT telling FROM challenge")).toEqual([{ telling: null }]);
    const before = here.configured.length;
    await tellChallenges(here.ports);
    expect(here.configured.length).toBe(before);
  });

  it("is not held up for others by a ledger that cannot be reached", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const coming = { from: "2026-11-21", to: "2026-11-25" };
    const ids = [(await made(here, coming)).id, (await made(here, coming)).id].sort();
    await joining(here, ada, ids[0]);
    await joining(here, ben, ids[1]);
    await here.rows("UPDATE challenge SET telling = '', day_max = 7");
    const isDown = { configure: () => Promise.reject(new Error("down")) };
    const ledger = (stream: never, member: string) =>
      member === ada ? isDown : here.ports.ledger(stream, member);
    for (let run = 0; run < 40; run++)
      await tellChallenges({ ...here.ports, ledger }).catch(() => {});
    expect(here.settings.get(ben)?.challenges).toMatchObject([{ dayMax: 7 }]);
    expect(await here.rows("SELECT id FROM challenge WHERE telling IS NOT NULL")).toEqual([
      { id: ids[0] },
    ]);
  });

  it("is done again where a ledger could not be reached", async () => {
    const here = world();
    const { id } = await made(here, { from: "2026-11-21", to: "2026-11-25" });
    const ada = await here.enrol(1);
    await joining(here, ada, id);
    here.faults.ledger = true;
    await here.ask("patch", `/v1/challenges/${id}`, { ...operator, body: { dayMax: km(1) } });
    await here.settled();
    here.faults.ledger = false;
    await tellChallenges(here.ports);
    expect(here.settings.get(ada)?.challenges).toMatchObject([{ dayMax: km(1) }]);
  });
});

describe("a member", () => {
  it("sees what they may join and what they are in; an operator sees all", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const team = (await here.ask("post", "/v1/teams", { member: ada, body: { name: "Ours" } }))
      .body;
    const open = await made(here);
    here.after(1);
    const ours = await made(here, { joining: "team", team: team.id });
    here.after(1);
    const secret = await made(here, { joining: "code" });
    const seenBy = async (given: object) =>
      (await here.ask("get", "/v1/challenges", given)).body.items.map(
        (of: { id: string }) => of.id,
      );
    expect(await seenBy(operator)).toEqual([secret.id, ours.id, open.id]);
    expect(await seenBy({ member: ada })).toEqual([ours.id, open.id]);
    expect(await seenBy({ member: ben })).toEqual([open.id]);
    await joining(here, ben, secret.id, secret.code);
    expect(await seenBy({ member: ben })).toEqual([secret.id, open.id]);
    const one = (member: string, id: string) => here.ask("get", `/v1/challenges/${id}`, { member });
    expect((await one(ben, secret.id)).body).toMatchObject({ joined: true, joining: "code" });
    for (const id of [ours.id, "ch_none"]) expect(saidOf(await one(ben, id))).toBe("not-found");
    const first = await here.ask("get", "/v1/challenges?limit=2", operator);
    const cursor = encodeURIComponent(first.body.next);
    const rest = await here.ask("get", `/v1/challenges?limit=2&cursor=${cursor}`, operator);
    expect([rest.body.items.length, rest.body.next]).toEqual([1, null]);
    expect(saidOf(await here.ask("get", "/v1/challenges?cursor=x", operator))).toBe(
      "invalid-request",
    );
  });

  it("joins by team or code where it takes one; what they may not is not there", async () => {
    const here = world();
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    const team = (await here.ask("post", "/v1/teams", { member: ada, body: { name: "Ours" } }))
      .body;
    const ours = await made(here, { joining: "team", team: team.id });
    const secret = await made(here, { joining: "code" });
    const kept = JSON.stringify(await here.rows("SELECT * FROM challenge"));
    expect(kept).not.toContain(secret.code);
    expect((await joining(here, ada, ours.id)).body).toMatchObject({ joined: true });
    const refused = [
      await joining(here, ben, ours.id),
      await joining(here, ben, secret.id),
      await joining(here, ben, secret.id, team.code),
      await joining(here, ben, "ch_none"),
    ];
    for (const answer of refused) expect(answer.body).toEqual(refused[0]?.body);
    expect(saidOf(refused[0] as never)).toBe("not-found");
    expect((await joining(here, ben, secret.id, secret.code.toLowerCase())).status).toBe(200);
    // Once in it, the code is not asked for again.
    expect((await joining(here, ben, secret.id)).status).toBe(200);
  });

  it("joins until its last day is over everywhere", async () => {
    const here = world();
    const { id } = await made(here);
    const ada = await here.enrol(1);
    here.clock.nowMs = Date.UTC(2026, 10, 21, 13, 59);
    expect((await joining(here, ada, id)).status).toBe(200);
    here.clock.nowMs = Date.UTC(2026, 10, 21, 14);
    expect(saidOf(await joining(here, await here.enrol(2), id))).toBe("over");
    // They are in it still, and it counts until it is settled.
    expect((await joining(here, ada, id)).body).toMatchObject({ state: "over", joined: true });
    expect(here.settings.get(ada)?.challenges).toMatchObject([{ id }]);
  });

  it("is in so many open ones at most", async () => {
    const here = world();
    const ada = await here.enrol(1);
    const all = [];
    for (let i = 0; i <= challengesJoinedMax; i++) all.push(await made(here, { name: `No ${i}` }));
    for (const { id } of all.slice(1)) expect((await joining(here, ada, id)).status).toBe(200);
    expect(saidOf(await joining(here, ada, all[0].id))).toBe("full");
    await leaving(here, ada, all[1].id);
    expect((await joining(here, ada, all[0].id)).status).toBe(200);
    expect(here.settings.get(ada)?.challenges?.length).toBe(challengesJoinedMax);
  });

  it("finds theirs in their export", async () => {
    const here = world();
    const { id, name } = await made(here);
    const ada = await here.enrol(1);
    await joining(here, ada, id);
    const joined = "2026-11-18T12:00:00.000Z";
    expect(await aboutMember(here.ports, ada)).toMatchObject({
      challenges: [{ id, name, joined }],
    });
  });
});

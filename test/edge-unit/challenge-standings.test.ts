/** What a challenge's standings show, of whom and to whom, live and once they are settled. */
import { describe, expect, it } from "vitest";
import { joining, leaving, made, places, standings } from "./social-asks.ts";
import { day, hour, km, saidOf, startMs, tellChallenges, world } from "./social-world.ts";

describe("standings", () => {
  it("rank who joined by the challenge's own rules, on boards or not, and nobody else", async () => {
    const here = world();
    const { id } = await made(here, { dayMax: km(30), least: km(5), verifiedOnly: true });
    const [ada, ben] = [await here.enrol(1), await here.enrol(2, false)];
    const cas = await here.enrol(3);
    for (const member of [ada, ben, cas]) here.ride(member, 20);
    here.ride(ada, 20);
    here.ride(ada, 4, { daysAgo: 1 });
    here.ride(ben, 15, { daysAgo: 1 });
    here.ride(ben, 40, { daysAgo: 1, method: "manual" });
    here.ride(ben, 40, { daysAgo: 3 });
    await joining(here, ada, id);
    await joining(here, ben, id);
    const { status, body } = await standings(here, id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      challenge: id,
      state: "running",
      unit: "mm",
      total: 2,
      final: null,
    });
    expect(body.items).toMatchObject([
      { rank: 1, member: ben, name: `Name of ${ben}`, score: km(35) },
      { rank: 2, member: ada, name: `Name of ${ada}`, score: km(30) },
    ]);
    here.ride(ada, 10, { daysAgo: 1 });
    expect(await places(here, id)).toEqual([
      [ada, km(40)],
      [ben, km(35)],
    ]);
  });

  it("leave out whoever left from that moment on, also where boards do not know yet", async () => {
    const here = world();
    const { id } = await made(here);
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    for (const member of [ada, ben]) {
      here.ride(member, 20);
      await joining(here, member, id);
    }
    expect((await places(here, id)).length).toBe(2);
    here.faults.ledger = true;
    await expect(leaving(here, ada, id)).rejects.toThrow("down");
    expect(await places(here, id)).toEqual([[ben, km(20)]]);
    const { body } = await standings(here, id, "limit=1");
    expect(body.items).toMatchObject([{ member: ben }]);
    expect(JSON.stringify(body)).not.toContain(ada);
    here.faults.ledger = false;
    expect((await leaving(here, ada, id)).body).toEqual({ left: id });
    expect((await standings(here, id)).body).toMatchObject({ total: 1 });
    expect(here.settings.get(ada)).not.toHaveProperty("challenges");
  });

  it("go by pages, and around me", async () => {
    const here = world();
    const { id } = await made(here);
    const members: string[] = [];
    for (let n = 1; n <= 5; n++) {
      const member = await here.enrol(n);
      members.push(member);
      here.ride(member, 10 * n);
      await joining(here, member, id);
    }
    const first = (await standings(here, id, "limit=3")).body;
    const cursor = encodeURIComponent(first.next);
    const rest = (await standings(here, id, `limit=3&cursor=${cursor}`)).body;
    const all = [...first.items, ...rest.items].map((of) => [of.rank, of.member]);
    expect(all).toEqual([...members].reverse().map((member, i) => [i + 1, member]));
    expect(rest.next).toBeNull();
    expect(saidOf(await standings(here, id, "cursor=x"))).toBe("invalid-request");
    const around = async (member: string) =>
      (await here.ask("get", `/v1/challenges/${id}/standings/me?around=1`, { member })).body;
    expect((await around(members[2] ?? "")).items.map((of: { rank: number }) => of.rank)).toEqual([
      2, 3, 4,
    ]);
    expect(await around(await here.enrol(9))).toMatchObject({ items: [], total: 0 });
  });

  it("are the same for all for a second, and asked about by their tag", async () => {
    const here = world();
    const { id } = await made(here);
    const { headers } = await standings(here, id);
    expect(headers.get("cache-control")).toBe("public, max-age=1");
    const path = `/v1/challenges/${id}/standings`;
    const etag = headers.get("etag") ?? "";
    expect((await here.ask("get", path, { etag })).status).toBe(304);
  });

  it("of one that is not for everybody are not there for who is not in it", async () => {
    const here = world();
    const { id, code } = await made(here, { joining: "code" });
    const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
    here.ride(ada, 20);
    await joining(here, ada, id, code);
    expect(saidOf(await standings(here, id))).toBe("not-found");
    const me = `/v1/challenges/${id}/standings/me`;
    const mine = await here.ask("get", me, { member: ada });
    expect(mine.headers.get("cache-control")).toBe("no-store");
    expect(mine.body.items).toMatchObject([{ member: ada, score: km(20) }]);
    expect(saidOf(await here.ask("get", me, { member: ben }))).toBe("not-found");
  });

  it("are final once they are settled, with how far the live ones were; ledgers let go", async () => {
    const here = world();
    const { id } = await made(here);
    const members: string[] = [];
    for (let n = 1; n <= 3; n++) {
      const member = await here.enrol(n);
      members.push(member);
      here.ride(member, 10 * n);
      await joining(here, member, id);
    }
    const [ada = "", ben = "", cas = ""] = members;
    here.clock.nowMs = startMs + 5 * day;
    expect((await standings(here, id)).body).toMatchObject({
      state: "over",
      final: null,
      total: 3,
    });
    const scores = [ada, ben, cas].map((member, i) => ({
      ...{ member, score: km(40 - i), atMs: startMs - hour },
    }));
    const final = {
      ...{ atMs: here.clock.nowMs, live: 3, final: 3, differing: 2 },
      members: [
        { member: ada, live: { rank: 3, score: km(10) }, final: { rank: 1, score: km(40) } },
        { member: cas, live: { rank: 1, score: km(30) }, final: { rank: 3, score: km(38) } },
      ],
    };
    await here.settle(id, scores, final);
    await tellChallenges(here.ports);
    for (const member of members)
      expect(here.settings.get(member)).not.toHaveProperty("challenges");
    const { body } = await standings(here, id);
    expect(body).toMatchObject({ state: "final", total: 3 });
    expect(body.items.map((of: { member: string }) => of.member)).toEqual([ada, ben, cas]);
    const { atMs: _, ...said } = final;
    expect(body.final).toEqual({ ...said, at: "2026-11-23T12:00:01.000Z" });
    const me = await here.ask("get", `/v1/challenges/${id}/standings/me?around=0`, { member: cas });
    expect(me.body.items).toMatchObject([{ rank: 3, score: km(38) }]);
    expect(saidOf(await joining(here, await here.enrol(4), id))).toBe("over");
    // Who leaves is gone from all of it, and it is to be made anew.
    await leaving(here, await here.enrol(5), id);
    expect(await here.rows("SELECT * FROM closing_due")).toEqual([]);
    await leaving(here, cas, id);
    const after = (await standings(here, id)).body;
    expect(JSON.stringify(after)).not.toContain(cas);
    expect(await here.rows("SELECT stream, period FROM closing_due")).toEqual([
      { stream: "workouts", period: `challenge/${id}` },
    ]);
  });

  it("that are being made for the first time are made again without who leaves meanwhile", async () => {
    const here = world();
    const { id } = await made(here);
    const ada = await here.enrol(1);
    await joining(here, ada, id);
    await here.rows("INSERT INTO closing_due VALUES ('workouts', ?, 0, 7, 0)", `challenge/${id}`);
    await leaving(here, ada, id);
    const [due] = await here.rows("SELECT mark FROM closing_due");
    expect(due?.mark).toBeGreaterThan(7);
  });
});

/**
 * Boards as they are asked for: pages that show everybody once, around me, friends and teams, who
 * moved, closed periods without those who left, and polls that no shard hears of.
 */
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  day,
  type Entry,
  nowMs,
  numbers,
  pages,
  type Shown,
  type World,
  week,
  weekBefore,
  world,
} from "./leaderboard-world.ts";

let here: World;
beforeEach(() => {
  here = world();
});

const board = "/v1/leaderboards/distance";
/** As long as a page is kept. */
const keptMs = 500;
const inWeek = (distance: number) => ({ [week]: numbers(distance) });
const ranks = ({ body }: Shown) => body.items.map(({ member, rank }: Entry) => [member, rank]);
const movedIn = ({ body }: Shown) =>
  Object.fromEntries(body.items.map(({ member, moved }: Entry) => [member, moved]));

describe("a board by pages", () => {
  it("shows everybody once, in order, whatever the page holds and however many are alike", async () => {
    const scores = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 });
    const cases = fc.tuple(scores, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }));
    await fc.assert(
      fc.asyncProperty(cases, async ([given, limit, shards]) => {
        const these = world(shards);
        for (const [i, score] of given.entries()) these.put(`m_${i}`, inWeek(score));
        const items = await pages(these, `${board}?limit=${limit}`);
        const expected = given
          .map((score, i) => ({ member: `m_${i}`, score }))
          .sort((a, b) => b.score - a.score || (a.member < b.member ? -1 : 1));
        expect(items.map(({ member, score }) => ({ member, score }))).toEqual(expected);
        expect(items.map(({ rank }) => rank)).toEqual(expected.map((_, i) => i + 1));
      }),
      { numRuns: 40 },
    );
  });

  it("says how many there are, whose name is what, and in which unit", async () => {
    here.put("ada", inWeek(7));
    const { body } = await here.get(`${board}-ride?period=week`);
    expect(body).toMatchObject({ board: "distance-ride", period: week, unit: "mm", total: 1 });
    expect(body.items).toMatchObject([{ rank: 1, member: "ada", name: "Name of ada", score: 7 }]);
    expect(body.items[0].at).toBe("2026-11-18T12:00:00.000Z");
  });

  it.each(["not a cursor", "[1,2]", '["1",2,"m"]', "[1.5,2,3]", btoa("[1,2]")])(
    "refuses a cursor that no page gave out: %s",
    async (cursor) => {
      const path = `${board}?cursor=${encodeURIComponent(cursor)}`;
      expect(await here.get(path)).toMatchObject({ status: 400, body: "invalid-request" });
    },
  );

  it.each([
    ["/v1/leaderboards/distance?period=2026-W54", "invalid-request"],
    ["/v1/leaderboards/distance?limit=101", "invalid-request"],
    ["/v1/leaderboards/hearts", "not-found"],
    ["/v1/leaderboards/distance-flying", "not-found"],
  ])("refuses %s: %s", async (path, problem) => {
    expect(await here.get(path)).toMatchObject({ status: 400, body: problem });
  });

  it("asks no shard about what has not begun", async () => {
    const [shown, asked] = await here.asking(() => here.get(`${board}?period=2027-W10`));
    expect(shown.body).toMatchObject({ items: [], next: null, total: 0 });
    expect(asked).toEqual([]);
  });
});

describe("who polls", () => {
  beforeEach(() => {
    here.put("ada", inWeek(9));
    here.put("ben", inWeek(5));
  });

  it("is told 304 while nothing that is shown changed, and no shard hears of it", async () => {
    const first = await here.get(board);
    expect(first).toMatchObject({ status: 200, cacheControl: "public, max-age=1" });
    const etag = first.etag ?? "";
    const [polls, asked] = await here.asking(() =>
      Promise.all(Array.from({ length: 50 }, () => here.get(board, { etag, at: keptMs - 100 }))),
    );
    expect(new Set(polls.map(({ status }) => status))).toEqual(new Set([304]));
    expect(polls[0]).toMatchObject({ etag, cacheControl: "public, max-age=1", body: null });
    expect(asked).toEqual([]);
  });

  it("has the shards asked once by all together when half a second is over", async () => {
    const { etag } = await here.get(board);
    const [polls, asked] = await here.asking(() =>
      Promise.all(
        Array.from({ length: 50 }, () => here.get(board, { etag: etag ?? "", at: keptMs })),
      ),
    );
    expect(new Set(polls.map(({ status }) => status))).toEqual(new Set([304]));
    expect(asked.filter((method) => method === "top")).toHaveLength(3);
  });

  it("is shown what changed within half a second, under another tag", async () => {
    const first = await here.get(board);
    here.put("ben", inWeek(12));
    const stale = await here.get(board, { at: keptMs - 1 });
    expect(stale.etag).toBe(first.etag);
    const fresh = await here.get(board, { etag: first.etag ?? "", at: keptMs });
    expect(fresh.status).toBe(200);
    expect(fresh.etag).not.toBe(first.etag);
    expect(ranks(fresh)).toEqual([
      ["ben", 1],
      ["ada", 2],
    ]);
  });

  it("keeps the tag when what changed is not shown there", async () => {
    const first = await here.get(board);
    here.put("cleo", { "2026-11": numbers(3) });
    here.put("ada", { ...inWeek(9), "2026-11": numbers(3) });
    expect((await here.get(board, { at: 2000 })).etag).toBe(first.etag);
  });

  it("shares one answer with whoever calls the period by another name", async () => {
    await here.get(`${board}?period=week&limit=50`);
    const [shown, asked] = await here.asking(() => here.get(`${board}?limit=50&period=${week}`));
    expect(shown.body.period).toBe(week);
    expect(asked).toEqual([]);
  });

  it("is told that it failed, and asks again", async () => {
    here.down(true);
    const failed = await Promise.allSettled([here.get(board), here.get(board)]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    here.down(false);
    expect((await here.get(board)).status).toBe(200);
  });

  it("gets the list of boards by its tag too", async () => {
    const first = await here.get("/v1/leaderboards");
    expect(first.body.items).toContainEqual({
      board: "distance-ride",
      unit: "mm",
      periods: ["week", "month", "all"],
    });
    const again = await here.get("/v1/leaderboards", { etag: first.etag ?? "" });
    expect(again).toMatchObject({ status: 304, cacheControl: "public, max-age=1" });
  });
});

describe("around me", () => {
  beforeEach(() => {
    for (let i = 1; i <= 9; i++) here.put(`m_${i}`, inWeek(100 - i));
  });

  it("are those beside me, as many as I ask for", async () => {
    const at = async (member: string, around: number) =>
      ranks(await here.get(`${board}/me?around=${around}`, { member }));
    expect(await at("m_5", 0)).toEqual([["m_5", 5]]);
    expect(await at("m_5", 1)).toEqual([4, 5, 6].map((n) => [`m_${n}`, n]));
    expect(await at("m_1", 2)).toEqual([1, 2, 3].map((n) => [`m_${n}`, n]));
    expect(await at("m_9", 2)).toEqual([7, 8, 9].map((n) => [`m_${n}`, n]));
  });

  it("is nobody while I am not on it", async () => {
    const { status, body } = await here.get(`${board}/me`, { member: "m_new" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ items: [], next: null, total: 0 });
  });

  it("is kept by nobody, and not sent again to whoever knows it", async () => {
    const first = await here.get(`${board}/me`, { member: "m_5" });
    expect(first.cacheControl).toBe("no-store");
    const again = await here.get(`${board}/me`, { member: "m_5", etag: first.etag ?? "" });
    expect(again).toMatchObject({ status: 304, cacheControl: "no-store", body: null });
    const other = await here.get(`${board}/me`, { member: "m_6", etag: first.etag ?? "" });
    expect(other.status).toBe(200);
  });
});

describe("among friends and teams", () => {
  beforeEach(async () => {
    for (let i = 1; i <= 9; i++) here.put(`m_${i}`, inWeek(100 - i));
    const follow = (member: string, other: string) =>
      here.write("INSERT INTO follow (member, other, at) VALUES (?, ?, 0)", member, other);
    for (const other of ["m_2", "m_8", "m_away"]) await follow("m_5", other);
    await follow("m_3", "m_5");
    for (const member of ["m_4", "m_5", "m_7", "m_away"])
      await here.write("INSERT INTO team_member VALUES ('t_1', ?, 0)", member);
  });

  it("are those whom I follow and myself, ranked among all", async () => {
    const shown = await here.get(`${board}/friends`, { member: "m_5" });
    expect(ranks(shown)).toEqual([2, 5, 8].map((n) => [`m_${n}`, n]));
    expect(shown.body.total).toBe(3);
    expect(shown.cacheControl).toBe("no-store");
    const again = await here.get(`${board}/friends`, { member: "m_5", etag: shown.etag ?? "" });
    expect(again.status).toBe(304);
  });

  it("come by pages too", async () => {
    const items = await pages(here, `${board}/friends?limit=1`, { member: "m_5" });
    expect(items.map(({ member, rank }) => [member, rank])).toEqual(
      [2, 5, 8].map((n) => [`m_${n}`, n]),
    );
  });

  it("are those of my team who are on the board", async () => {
    const shown = await here.get(`${board}/teams/t_1`, { member: "m_4" });
    expect(ranks(shown)).toEqual([4, 5, 7].map((n) => [`m_${n}`, n]));
  });

  it("are told to nobody who is not in the team", async () => {
    for (const [team, member] of [
      ["t_1", "m_1"],
      ["t_2", "m_4"],
    ])
      expect(await here.get(`${board}/teams/${team}`, { member: member ?? "" })).toMatchObject({
        status: 400,
        body: "not-found",
      });
  });
});

describe("who moved", () => {
  const was = { [weekBefore]: numbers(50) };

  beforeEach(() => {
    here.put("up", { ...inWeek(9), [weekBefore]: numbers(10) });
    here.put("down", { ...inWeek(8), [weekBefore]: numbers(30) });
    here.put("new", inWeek(7));
    here.put("gone", was);
    here.put("same", { ...inWeek(6), [weekBefore]: numbers(9) });
  });

  it("is told by the places gained since the week before", async () => {
    expect(movedIn(await here.get(board))).toEqual({ up: 2, down: 0, new: null, same: 0 });
  });

  it("is told the same on every page, around me and among friends", async () => {
    const items = await pages(here, `${board}?limit=1`);
    expect(items.map(({ moved }) => moved)).toEqual([2, 0, null, 0]);
    const mine = await here.get(`${board}/me?around=1`, { member: "down" });
    expect(movedIn(mine)).toEqual({ up: 2, down: 0, new: null });
    const friends = await here.get(`${board}/friends`, { member: "up" });
    expect(movedIn(friends)).toEqual({ up: 2 });
  });

  it("is asked of the shards once in half a minute", async () => {
    await here.get(board);
    const [, soon] = await here.asking(() => here.get(board, { at: 29_000 }));
    expect(soon).toEqual(["top", "top", "top"]);
    const [, later] = await here.asking(() => here.get(board, { at: 31_000 }));
    expect(later).toContain("ahead");
  });

  it("is not told of all time, nor where the week before is closed", async () => {
    here.put("ever", { all: numbers(5), [weekBefore]: numbers(5) });
    for (const period of ["all", weekBefore])
      for (const moved of Object.values(movedIn(await here.get(`${board}?period=${period}`))))
        expect(moved).toBeNull();
  });
});

describe("a closed week", () => {
  const closed = "2026-W40";
  const path = `${board}?period=${closed}`;
  const scores = Array.from({ length: 7 }, (_, i) => ({
    member: `m_${i + 1}`,
    score: 100 - i,
    atMs: nowMs - 40 * day,
  }));

  beforeEach(async () => {
    for (const { member } of scores) await here.join(member, 1);
    await here.close(closed, 1, scores);
  });

  it("is read from the archive's version, and no shard is asked", async () => {
    const [items, asked] = await here.asking(() => pages(here, `${path}&limit=2`));
    expect(items.map(({ member, rank, score }) => ({ member, rank, score }))).toEqual(
      scores.map(({ member, score }, i) => ({ member, score, rank: i + 1 })),
    );
    const mine = await here.get(`${board}/me?period=${closed}&around=1`, { member: "m_2" });
    expect(ranks(mine)).toEqual([1, 2, 3].map((n) => [`m_${n}`, n]));
    expect(asked).toEqual([]);
  });

  it("leaves out who left or was erased, and nobody else, until it is made anew", async () => {
    const first = await here.get(path);
    await here.join("m_2", 0);
    await here.write("UPDATE member SET erased_at = 1 WHERE id = 'm_4'");
    const shown = await here.get(path, { at: 1000, etag: first.etag ?? "" });
    expect(ranks(shown)).toEqual([1, 3, 5, 6, 7].map((n) => [`m_${n}`, n]));
    const items = await pages(here, `${path}&limit=1`, { at: 2000 });
    expect(items.map(({ rank }) => rank)).toEqual([1, 3, 5, 6, 7]);
    const beside = await here.get(`${board}/me?period=${closed}&around=1`, { member: "m_3" });
    expect(ranks(beside)).toEqual([["m_3", 3]]);
    await here.close(
      closed,
      2,
      scores.filter(({ member }) => member !== "m_2"),
    );
    const anew = await here.get(`${path}&limit=2`, { at: 4000 });
    expect(ranks(anew)).toEqual([
      ["m_1", 1],
      ["m_3", 2],
    ]);
  });

  it("names nobody who left in a cursor, nor counts them among friends", async () => {
    for (const member of ["m_2", "m_3", "m_7"]) await here.join(member, 0);
    const first = await here.get(`${path}&limit=2`, { at: 1000 });
    expect(ranks(first)).toEqual([["m_1", 1]]);
    expect(JSON.parse(first.body.next)[2]).toBe("m_1");
    const cursor = encodeURIComponent(first.body.next);
    const second = await here.get(`${path}&limit=2&cursor=${cursor}`, { at: 1000 });
    expect(ranks(second).map(([, rank]: [string, number]) => rank)).toEqual([4, 5]);
    const last = await here.get(`${path}&limit=7`, { at: 1000 });
    expect(last.body.next).toBeNull();
    await here.write("INSERT INTO follow VALUES ('m_1', 'm_2', 0), ('m_1', 'm_4', 0)");
    const friends = `${board}/friends?period=${closed}`;
    const among = await here.get(`${friends}&limit=1`, { member: "m_1", at: 1000 });
    expect(among.body.total).toBe(2);
    const next = `${friends}&limit=1&cursor=${encodeURIComponent(among.body.next)}`;
    expect(ranks(await here.get(next, { member: "m_1", at: 1000 }))).toEqual([["m_4", 4]]);
  });

  it("leads on past any number who left", async () => {
    const many = Array.from({ length: 1500 }, (_, i) => {
      return { member: `m_${String(i).padStart(4, "0")}`, score: 9000 - i, atMs: nowMs - 40 * day };
    });
    await here.close(closed, 1, many);
    for (const member of ["m_0003", "m_1490"]) await here.join(member, 1);
    const items = await pages(here, `${path}&limit=1`);
    expect(items.map(({ member, rank }) => [member, rank])).toEqual([
      ["m_0003", 4],
      ["m_1490", 1491],
    ]);
  });

  it("that nobody was on is empty, and asks no shard", async () => {
    const [shown, asked] = await here.asking(() => here.get(`${board}?period=2026-W20`));
    expect(shown.body).toMatchObject({ items: [], total: 0 });
    expect(asked).toEqual([]);
  });

  it("that closed only now is told live until its first version is there", async () => {
    here.put("ada", { "2026-W45": numbers(4) });
    await here.join("ada", 1);
    const justClosed = await here.get(`${board}?period=2026-W45`, { at: 0 });
    expect(ranks(justClosed)).toEqual([["ada", 1]]);
  });
});

describe("a live socket", () => {
  const upgrade = { headers: { upgrade: "websocket" } };
  const from = (origin: string) => ({ headers: { ...upgrade.headers, origin } });

  it.each(["https://boards.test", "https://app.test", "https://other.test"])(
    "is asked for by a page of %s",
    async (origin) => {
      await expect(here.get(`${board}/live`, from(origin))).rejects.toThrow("board.live");
      expect(here.hubs).toHaveLength(8);
    },
  );

  it("is asked of every hub of its board, and of no other, while they are full", async () => {
    await expect(here.get(`${board}/live`, upgrade)).rejects.toThrow("board.live");
    const numbers = here.hubs.map((name) => Number(name.split("/").at(-1)));
    expect(numbers.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const hub of here.hubs) expect(hub).toMatch(new RegExp(`^workouts/distance/${week}/`));
  });

  it.each([
    [`${board}/live`, {}, "upgrade-required"],
    [`${board}/live`, from("https://elsewhere.test"), "forbidden"],
    [`${board}/live`, from("https://boards.test.elsewhere.test"), "forbidden"],
    [`${board}/live`, from("http://boards.test"), "forbidden"],
    [`${board}/live`, from("null"), "forbidden"],
    [`${board}/live?period=2026-W40`, upgrade, "invalid-request"],
    [`${board}/live?period=2027-W10`, upgrade, "invalid-request"],
    [`${board}/live?limit=101`, upgrade, "invalid-request"],
    ["/v1/leaderboards/hearts/live", upgrade, "not-found"],
  ])("is refused: %s %j, %s", async (path, given, problem) => {
    expect(await here.get(path, given)).toMatchObject({ status: 400, body: problem });
    expect(here.hubs).toEqual([]);
  });
});

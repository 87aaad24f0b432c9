/**
 * Boards in the real runtime: scores of several members, around me, among friends and in a team, who
 * moved since the week before, polls, a live socket, and somebody who leaves.
 */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, localDate, weekOf } from "../../domain/time.ts";
import { eventually, pushActivities } from "../../local/deliveries.ts";
import { type Answer, call, expectStatus } from "../../local/people.ts";
import { garminActivity } from "../fakes/rides.ts";
import { type Athlete, as, athlete, type OwnSystem, ownSystem } from "./support.ts";

const names = ["ada", "ben", "cleo", "dan", "eve"] as const;
type Name = (typeof names)[number];
const hour = 3_600_000;
/** Noon of yesterday, so that no ride of that day is of another: its week is live, on Mondays too. */
const yesterday = addDays(localDate(Date.now(), 0), -1);
const rodeMs = Date.parse(`${yesterday}T12:00:00Z`);
const week = weekOf(yesterday);
const board = "/v1/leaderboards/distance-ride";
const path = `${board}?period=${week}`;

interface Entry {
  readonly rank: number;
  readonly member: string;
  readonly moved: number | null;
}

let own: OwnSystem;
let who: Record<Name, Athlete>;
let team: string;
let rides = 0;

const get = (from: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call(own.system.url, "GET", from, { headers });
const nameOf = (id: string): Name | undefined => names.find((name) => who[name].id === id);
const shown = ({ body }: Pick<Answer, "body">) =>
  body.items.map(({ rank, member }: Entry) => [rank, nameOf(member)]);
const movedIn = ({ body }: Answer) =>
  Object.fromEntries(body.items.map(({ member, moved }: Entry) => [nameOf(member), moved]));

async function ride(name: Name, distanceM: number, startMs = rodeMs): Promise<void> {
  const item = garminActivity({
    account: who[name].garmin,
    id: String(81_000_000 + ++rides),
    startMs,
    offsetSeconds: 0,
    elapsedSeconds: 3600,
    distanceM,
  });
  expectStatus(await pushActivities(own.system, item), 200);
}

/** What an address answers once it is as expected, or else in the end. */
const eventuallyShown = async (ask: () => Promise<Answer>, expected: readonly unknown[]) => {
  const answer = await eventually(
    ask,
    (answer) => JSON.stringify(shown(answer)) === JSON.stringify(expected),
  );
  expect(shown(answer)).toEqual(expected);
  return answer;
};

beforeAll(async () => {
  own = await ownSystem();
  const all = await Promise.all(names.map(async (name) => [name, await athlete(own.system, name)]));
  who = Object.fromEntries(all);
  const weekAgoMs = rodeMs - 7 * 24 * hour;
  await Promise.all([
    ...([50, 40, 30, 20, 10] as const).map((km, i) => ride(names[i] as Name, km * 1000)),
    ...([10, 20, 30] as const).map((km, i) => ride(names[i] as Name, km * 1000, weekAgoMs)),
  ]);
  const before = weekOf(addDays(yesterday, -7));
  await eventuallyShown(
    () => get(`${board}?period=${before}`),
    [
      [1, "cleo"],
      [2, "ben"],
      [3, "ada"],
    ],
  );
  const made = expectStatus(await as(own.system, who.ben).post("/v1/teams", { name: "Slow" }), 201);
  team = made.body.id;
  const { code } = made.body;
  const joined = await as(own.system, who.eve).post(`/v1/teams/${team}/members`, { code });
  expectStatus(joined, 200);
  for (const friend of [who.ada, who.eve]) {
    const { token } = who.cleo;
    const followed = await call(own.system.url, "PUT", `/v1/friends/${friend.id}`, { token });
    expectStatus(followed, 200);
  }
});
afterAll(() => own?.end());

const everybody = names.map((name, i) => [i + 1, name]);

describe("a board", () => {
  it("shows everybody's score, and how many places they gained since the week before", async () => {
    const answer = await eventuallyShown(() => get(path), everybody);
    expect(movedIn(answer)).toEqual({ ada: 2, ben: 0, cleo: -2, dan: null, eve: null });
    expect(answer.body).toMatchObject({ period: week, unit: "mm", total: 5, next: null });
    expect(answer.body.items[0]).toMatchObject({ name: "Name ada", score: 50_000_000 });
  });

  it("shows nobody twice and leaves nobody out, page by page", async () => {
    const found: unknown[] = [];
    let cursor = "";
    do {
      const { body } = expectStatus(await get(`${path}&limit=2${cursor}`), 200);
      found.push(...shown({ body }));
      cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor !== "");
    expect(found).toEqual(everybody);
  });

  it("is not sent again to whoever knows it, and may be kept for a second", async () => {
    const { headers } = await eventuallyShown(() => get(path), everybody);
    expect(headers.get("cache-control")).toBe("public, max-age=1");
    const etag = headers.get("etag") ?? "";
    const again = await get(path, { "if-none-match": etag });
    expect([again.status, again.headers.get("etag")]).toEqual([304, etag]);
    expect(again.headers.get("cache-control")).toBe("public, max-age=1");
    expect((await get(path, { "if-none-match": '"other"' })).status).toBe(200);
  });

  it("is answered to all who wait for it, also when who asked first goes away", async () => {
    for (let i = 1; i <= 5; i++) {
      const fresh = `${own.system.url}${path}&limit=${10 + i}`;
      const gone = new AbortController();
      const first = fetch(fresh, { signal: gone.signal }).catch(() => null);
      const others = Array.from({ length: 10 }, () => fetch(fresh));
      gone.abort();
      await first;
      for (const other of await Promise.all(others))
        expect([other.status, ((await other.json()) as { total: number }).total]).toEqual([200, 5]);
    }
  });
});

describe("a member", () => {
  it("sees who is around them, their friends and their team, ranked among all", async () => {
    const around = await as(own.system, who.dan).get(`${board}/me?period=${week}&around=1`);
    expect(shown(around)).toEqual([
      [3, "cleo"],
      [4, "dan"],
      [5, "eve"],
    ]);
    const friends = await as(own.system, who.cleo).get(`${board}/friends?period=${week}`);
    expect(shown(friends)).toEqual([
      [1, "ada"],
      [3, "cleo"],
      [5, "eve"],
    ]);
    expect(movedIn(friends)).toEqual({ ada: 2, cleo: -2, eve: null });
    const mates = await as(own.system, who.eve).get(`${board}/teams/${team}?period=${week}`);
    expect(shown(mates)).toEqual([
      [2, "ben"],
      [5, "eve"],
    ]);
    for (const { headers } of [around, friends, mates])
      expect(headers.get("cache-control")).toBe("no-store");
  });

  it("sees no other team", async () => {
    const { status } = await as(own.system, who.ada).get(`${board}/teams/${team}?period=${week}`);
    expect(status).toBe(404);
  });
});

describe("live", () => {
  it("asks for a WebSocket, and for a week that runs", async () => {
    const plain = await get(`${board}/live?period=${week}`);
    expect(plain).toMatchObject({
      status: 426,
      body: { type: "urn:singlet:problem:upgrade-required" },
    });
    expect((await get(`${board}/live?period=2020-W10`)).status).toBe(400);
    expect((await get("/v1/leaderboards/none/live")).status).toBe(404);
  });

  it("is opened for our own pages and for what is no browser, and for no other page", async () => {
    const opened = (origin: string | null): Promise<number | undefined> =>
      new Promise((done, fail) => {
        const headers = {
          ...{ connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
          ...{ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
          ...(origin === null ? {} : { origin }),
        };
        const asked = request(`${own.system.url}${board}/live?period=${week}`, { headers });
        asked.on("error", fail).on("response", (answer) => {
          answer.resume();
          done(answer.statusCode);
        });
        asked.on("upgrade", (answer, socket) => {
          socket.destroy();
          done(answer.statusCode);
        });
        asked.end();
      });
    const ours = new URL(own.system.url).origin;
    const asked = [null, ours, "https://elsewhere.test", `${ours}.elsewhere.test`, "null"];
    expect(await Promise.all(asked.map(opened))).toEqual([101, 101, 403, 403, 403]);
  });

  it("tells the top at once, and again when it changed", async () => {
    const heard: Entry[][] = [];
    const to = own.system.url.replace("http", "ws");
    const socket = new WebSocket(`${to}${board}/live?period=${week}&limit=3`);
    socket.addEventListener("message", ({ data }) => heard.push(JSON.parse(data).page.items));
    const top = async () => heard.at(-1)?.map(({ member }) => nameOf(member)) ?? [];
    const isTop = (expected: string) => (names: unknown[]) => names.join() === expected;
    expect(await eventually(top, isTop("ada,ben,cleo"))).toEqual(["ada", "ben", "cleo"]);
    await ride("dan", 25_000, rodeMs - 2 * hour);
    expect(await eventually(top, isTop("ada,dan,ben"))).toEqual(["ada", "dan", "ben"]);
    socket.close();
  });
});

it("who leaves boards is soon on none that anybody sees, and comes back by joining them", async () => {
  const member = as(own.system, who.ada);
  const left = [
    [1, "dan"],
    [2, "ben"],
    [3, "cleo"],
    [4, "eve"],
  ];
  const { token } = who.ada;
  const choose = async (onBoards: boolean) =>
    expectStatus(await call(own.system.url, "PUT", "/v1/me", { token, body: { onBoards } }), 200);
  await choose(false);
  await eventuallyShown(() => get(path), left);
  await eventuallyShown(() => member.get(`${board}/me?period=${week}`), []);
  await eventuallyShown(
    () => as(own.system, who.cleo).get(`${board}/friends?period=${week}`),
    [
      [3, "cleo"],
      [4, "eve"],
    ],
  );
  const all = await eventually(
    () => get("/v1/leaderboards/count?period=all"),
    ({ body }) => body.total === 4,
  );
  expect(JSON.stringify(all.body)).not.toContain(who.ada.id);
  await choose(true);
  await eventuallyShown(
    () => get(path),
    [[1, "ada"], ...left.map(([rank, n]) => [Number(rank) + 1, n])],
  );
});

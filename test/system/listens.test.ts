/**
 * The life of a member's listens: listed once each, erased one by one, by a window, with a connection
 * and with the member; and what an old client has in its buffer adds nothing afterwards.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, enrol, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import {
  aMinuteLater,
  connectionTo,
  deliverTo,
  keyAt,
  receiptFinished,
  settle,
  totalsOf,
} from "./streams.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

const minuteMs = 60_000;
const beganMs = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000 + 12 * 3_600_000;
const track = (n: number) => ({
  listened_at: (beganMs + n * 5 * minuteMs) / 1000,
  track_metadata: {
    artist_name: "Nobody's Band",
    track_name: `Track ${n}`,
    additional_info: { duration_ms: 200_000, submission_client: "a test" },
  },
});
const count = 6;
/** All that an old client has in its buffer. */
const buffer = {
  listen_type: "import",
  payload: Array.from({ length: count }, (_, n) => track(n)),
};
const momentOf = (n: number) => new Date(beganMs + n * 5 * minuteMs).toISOString();

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own.end());

const listener = (name: string) =>
  enrol(system, `subject-${name}`, `Name ${name}`, ["member"], { zone: "Europe/Amsterdam" });
/** With a client of theirs, which has sent its buffer. */
async function listening(name: string) {
  const who = await listener(name);
  const key = await keyAt(system, who, "listenbrainz");
  await say(key);
  return { who, key };
}
async function say(key: string): Promise<void> {
  const said = await deliverTo(system, "listenbrainz", key, buffer);
  expect([said.status, said.body]).toEqual([200, { status: "ok" }]);
}
const listensOf = async (who: Person) =>
  (await as(system, who).get("/v1/listens?limit=500")).body.items;
const tracksOf = async (who: Person): Promise<string[]> =>
  (await listensOf(who)).map(({ track }: { track: string }) => track);
const settlesMax = 5;
/** Once settled; settled again while it is not what is waited for: a new ledger is not known at once. */
async function qualified(expected: number | null = null, tries = settlesMax): Promise<number> {
  await settle(system);
  const totals = await totalsOf(system, "listens", "qualified");
  const sum = Object.values(totals).reduce((all, n) => all + n, 0);
  if (expected === null || sum === expected || tries === 1) return sum;
  return qualified(expected, tries - 1);
}

describe("a member's listens", () => {
  it("are listed once each, newest first, by cursor, and are nobody else's", async () => {
    const { who, key } = await listening("lister");
    await say(key);
    const all = await listensOf(who);
    expect(all.map(({ at }: { at: string }) => Date.parse(at))).toEqual(
      Array.from({ length: count }, (_, n) => beganMs + (count - 1 - n) * 5 * minuteMs),
    );
    const paged: unknown[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const cursor: string = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await as(system, who).get(`/v1/listens?limit=4${cursor}`);
      paged.push(...body.items);
      next = body.next;
    }
    expect(paged).toEqual(all);
    const [newest] = all;
    const path = `/v1/listens/${newest.id}`;
    expect((await as(system, who).get(path)).body).toEqual(newest);
    const other = await listener("stranger");
    expect((await as(system, other).get(path)).status).toBe(404);
    expect((await as(system, other).remove(path)).status).toBe(404);
    expect(await listensOf(other)).toEqual([]);
    expect((await as(system, who).get("/v1/listens?cursor=nonsense")).status).toBe(400);
  });

  it("erased one by one and by a window are gone from the totals, whatever is said again", async () => {
    const before = await qualified();
    const { who, key } = await listening("eraser");
    expect(await qualified(before + count)).toBe(before + count);
    const [newest] = await listensOf(who);
    const one = await as(system, who).remove(`/v1/listens/${newest.id}`);
    expect([one.status, one.body.scope, one.body.pending]).toEqual([200, "listens", ["archive"]]);
    const window = `from=${momentOf(1)}&to=${momentOf(2)}`;
    const some = await as(system, who).remove(`/v1/listens?${window}`);
    expect([some.status, some.body.scope]).toEqual([200, "listens"]);
    const left = ["Track 4", "Track 3", "Track 0"];
    expect(await tracksOf(who)).toEqual(left);
    for (const { body } of [one, some])
      expect((await receiptFinished(system, body.id)).finished).not.toBeNull();
    expect(await qualified(before + left.length)).toBe(before + left.length);
    await say(key);
    expect(await tracksOf(who)).toEqual(left);
    expect(await qualified(before + left.length)).toBe(before + left.length);
    expect((await as(system, who).remove("/v1/listens?from=x&to=y")).status).toBe(400);
    const { body: log } = await as(system, who).get("/v1/access-log?limit=200");
    const said = log.items.map(({ sentence }: { sentence: string }) => sentence).join("\n");
    expect(said).toContain("erased listens of yours");
  });

  it("erased by an operator's window are told so to their member, and stay gone", async () => {
    const { who, key } = await listening("asked-by-letter");
    const scope = { kind: "listens", from: momentOf(0), to: momentOf(count) };
    const erased = await call(system.url, "POST", "/v1/ops/erasures", {
      token: await operatorToken(system),
      body: { member: who.id, scope, reason: "asked by letter" },
    });
    expect([erased.status, erased.body.scope]).toEqual([200, "listens"]);
    await say(key);
    expect(await listensOf(who)).toEqual([]);
  });

  it("erased with a connection do not come again by another key, until their member lifts it", async () => {
    const { who } = await listening("leaving");
    const before = await qualified();
    const { id } = await connectionTo(system, who, "listenbrainz");
    const gone = await as(system, who).remove(`/v1/connections/${id}?data=erase`);
    expect([gone.status, gone.body.scope]).toEqual([200, "connection"]);
    expect(await listensOf(who)).toEqual([]);
    await aMinuteLater(system, who);
    const key = await keyAt(system, who, "listenbrainz");
    await say(key);
    expect(await listensOf(who)).toEqual([]);
    await receiptFinished(system, gone.body.id);
    expect(await qualified(before - count)).toBe(before - count);
    const again = await connectionTo(system, who, "listenbrainz");
    expect(again.forgottenTo).not.toBeNull();
    expect((await as(system, who).post(`/v1/connections/${again.id}/lift`)).status).toBe(200);
    await say(key);
    expect(await listensOf(who)).toHaveLength(count);
    expect(await qualified(before)).toBe(before);
  });

  it("go with their member, and the old buffer admits nothing to who comes back", async () => {
    const before = await qualified();
    const { who, key } = await listening("forgotten");
    expect(await qualified(before + count)).toBe(before + count);
    const left = await as(system, who).remove("/v1/me");
    expect(left.status).toBe(200);
    expect((await receiptFinished(system, left.body.id)).finished).not.toBeNull();
    expect((await deliverTo(system, "listenbrainz", key, buffer)).status).toBe(401);
    // A token says in whole seconds when it was made: one of the erasure's second is an old one.
    await new Promise((done) => setTimeout(done, 1_100));
    const anew = await listener("forgotten");
    expect(anew.id).not.toBe(who.id);
    await say(await keyAt(system, anew, "listenbrainz"));
    expect(await listensOf(anew)).toEqual([]);
    expect(await qualified(before)).toBe(before);
  });
});

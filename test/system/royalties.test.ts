/**
 * Royalties, running: what was listened to in March is delivered long after, settled, and shared out;
 * whoever reads a statement reads their own lines; saying everything again changes nothing, and what
 * a listener takes back is paid no more.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, enrol, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { deliverTo, keyAt, receiptFinished, settle } from "./streams.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

// Before there was a least number of listens.
const period = "2024-03";
const lastOfMarchMs = Date.UTC(2024, 2, 31, 20);
const minuteS = 60;
interface Played {
  readonly artist: string;
  readonly track: string;
  readonly atS: number;
  readonly playedS?: number;
}
const listened = ({ artist, track, atS, playedS }: Played) => ({
  listened_at: lastOfMarchMs / 1000 + atS,
  track_metadata: {
    ...{ artist_name: artist, track_name: track },
    additional_info: {
      ...{ duration_ms: 200_000, submission_client: "a test" },
      ...(playedS === undefined ? {} : { duration_played: playedS }),
    },
  },
});
const bufferOf = (played: readonly Played[]) => ({
  ...{ listen_type: "import", payload: played.map(listened) },
});
const band = "Nobody's Band";
const others = "The Others";
const adas = bufferOf([
  { artist: band, track: "One", atS: 0 },
  { artist: band, track: "One", atS: 5 * minuteS },
  { artist: "NOBODY'S  band", track: "two", atS: 10 * minuteS, playedS: 10 },
  { artist: others, track: "One", atS: 15 * minuteS },
  // April, in UTC.
  { artist: band, track: "One", atS: 4 * 60 * minuteS },
]);
const bens = bufferOf([
  { artist: band, track: "Two", atS: 0, playedS: 180 },
  { artist: others, track: "Three", atS: 5 * minuteS },
]);

let own: OwnSystem;
let system: System;
let operator: string;
let ada: Person;
let label: Person;
let artist: Person;
let keys: readonly [ada: string, ben: string];
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
  operator = await operatorToken(system);
  ada = await enrol(system, "ada", "Ada", ["member"]);
  const ben = await enrol(system, "ben", "Ben", ["member"]);
  label = await enrol(system, "a-label", "A label", ["label"]);
  artist = await enrol(system, "an-artist", "An artist", ["artist"]);
  keys = [await keyAt(system, ada, "listenbrainz"), await keyAt(system, ben, "listenbrainz")];
});
afterAll(() => own.end());

async function say(): Promise<void> {
  for (const [key, buffer] of [
    [keys[0], adas],
    [keys[1], bens],
  ] as const)
    expect((await deliverTo(system, "listenbrainz", key, buffer)).status).toBe(200);
}
const ops = (method: string, path: string, body?: object) =>
  call(system.url, method, `/v1/ops/${path}`, { token: operator, ...(body ? { body } : {}) });
async function stated() {
  const { status, body } = await ops("POST", "royalties", { from: period, to: period });
  expect(status).toBe(200);
  return body.items[0];
}
const shownTo = async (who: Person) =>
  (await as(system, who).get(`/v1/royalties/${period}`)).body as {
    readonly sha256: string;
    readonly items: readonly Readonly<Record<string, unknown>>[];
  };
const linesOf = async (who: Person) =>
  (await shownTo(who)).items.map((l) => [l.artist, l.track, l.listens, l.qualified, l.amountMinor]);
const reportTo = async (who: Person): Promise<string> => {
  const headers = { authorization: `Bearer ${who.token}` };
  const answer = await fetch(`${system.url}/v1/royalties/${period}/dsr`, { headers });
  expect(answer.status).toBe(200);
  return answer.text();
};

describe("royalties", () => {
  it("are shared out for the month that the listens were in, whenever they came", async () => {
    await say();
    await settle(system);
    const pool = { currency: "EUR", amountMinor: 1000 };
    expect((await ops("PUT", `royalties/${period}/pool`, pool)).status).toBe(200);
    expect(await stated()).toMatchObject({
      ...{ period, outcome: "changed", lines: 4, paidMinor: 1000, unpaidMinor: 0, waiting: 0 },
    });
    for (const [who, role, of] of [
      [label, "label", "NOBODY'S BAND"],
      [artist, "artist", others],
    ] as const)
      expect((await ops("PUT", "readers", { member: who.id, role, of })).status).toBe(200);
    expect(await linesOf(label)).toEqual([
      ["nobody's band", "one", 2, 2, 400],
      ["nobody's band", "two", 2, 1, 200],
    ]);
    expect(await linesOf(artist)).toEqual([
      ["the others", "one", 1, 1, 200],
      ["the others", "three", 1, 1, 200],
    ]);
    expect(await reportTo(label)).toMatch(/\nFOOT(\t\d+){5}\n$/);
    expect(await reportTo(label)).not.toContain("others");
  });

  it("are nobody's to see without role and row", async () => {
    const path = `/v1/royalties/${period}`;
    expect((await as(system, ada).get(path)).status).toBe(403);
    expect((await as(system, ada).get("/v1/royalties")).status).toBe(403);
    expect((await call(system.url, "GET", path)).status).toBe(401);
    for (const asked of ["royalties/2024-03/pool", "readers"])
      expect(
        (await call(system.url, "PUT", `/v1/ops/${asked}`, { token: label.token, body: {} }))
          .status,
      ).toBe(403);
    const { body } = await as(system, label).get("/v1/royalties");
    expect(body.items).toMatchObject([{ period, amountMinor: 600, qualified: 3 }]);
  });

  it("stay byte for byte what they were when a client sends everything twice for a week", async () => {
    const before = [await shownTo(label), await shownTo(artist), await reportTo(label)];
    for (let day = 0; day < 7; day++) {
      await say();
      await say();
    }
    await settle(system);
    expect(await stated()).toMatchObject({ outcome: "same", waiting: 0 });
    expect([await shownTo(label), await shownTo(artist), await reportTo(label)]).toEqual(before);
  });

  it("pay no more for a listen that its listener erased, and the client's buffer brings none back", async () => {
    const { body } = await as(system, ada).get("/v1/listens?limit=50");
    const [gone] = body.items.filter(
      ({ at }: { at: string }) => Date.parse(at) === lastOfMarchMs + 5 * minuteS * 1000,
    );
    const { sha256 } = await shownTo(label);
    const receipt = await as(system, ada).remove(`/v1/listens/${gone.id}`);
    expect(receipt.status).toBe(200);
    expect((await receiptFinished(system, receipt.body.id)).finished).not.toBeNull();
    await settle(system);
    const next = await stated();
    expect([next.outcome, next.sha256 === sha256]).toEqual(["changed", false]);
    const after = [
      ["nobody's band", "one", 1, 1, 250],
      ["nobody's band", "two", 2, 1, 250],
    ];
    expect(await linesOf(label)).toEqual(after);
    await say();
    await settle(system);
    expect(await stated()).toEqual({ ...next, outcome: "same" });
    expect(await linesOf(label)).toEqual(after);
  });

  it("pay nothing for who is erased; what an erased reader could read is nobody's any more", async () => {
    const receipt = await as(system, ada).remove("/v1/me");
    expect((await receiptFinished(system, receipt.body.id)).finished).not.toBeNull();
    await settle(system);
    expect((await stated()).outcome).toBe("changed");
    expect(await linesOf(label)).toEqual([["nobody's band", "two", 1, 1, 500]]);
    expect((await as(system, label).remove("/v1/me")).status).toBe(200);
    const { body } = await ops("GET", "readers");
    expect(body.items).toMatchObject([{ member: artist.id, role: "artist", of: "the others" }]);
  });
});

import type { R2GetOptions, R2ObjectBody } from "@cloudflare/workers-types";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import {
  isRefusal,
  type PrivacyZones,
  type Reading,
  type ReadRequest,
  type SamplePlace,
} from "../../domain/ports.ts";
import { cutTrack, defaultPrivacyZones } from "../../domain/workouts/privacy-zones.ts";
import type { Vault } from "../../workers/vault/env.ts";
import type { Actor } from "../../workers/vault/principal.ts";
import { setPrivacyZones } from "../../workers/vault/privacy.ts";
import { pseudonymOf } from "../../workers/vault/pseudonym.ts";
import { read } from "../../workers/vault/readings.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { deedsIn, entriesIn } from "./log-entries.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

type Get = (name: string, options?: R2GetOptions) => Promise<R2ObjectBody | null>;

const garmin = connectionNamed("garmin");
const startMs = 1_790_000_000_000;
const clock = () => startMs;
const samplesPerRow = [3, 0, 12_000, 5, 9_000, 1];
const rows = samplesPerRow.map((_, n) => `f_${n}`);
const timeOf = (row: number, n: number) => startMs + row * 100_000_000 + n * 1_000;
const heartOf = (row: number) =>
  Array.from({ length: samplesPerRow[row] ?? 0 }, (_, n) => ({
    t: timeOf(row, n),
    bpm: 60 + ((n + row) % 100),
  }));
/** Northwards, eleven metres a second. */
const trackOf = (row: number, length = samplesPerRow[row] ?? 0) =>
  Array.from({ length }, (_, n) => ({
    t: timeOf(row, n),
    lat: Math.round((48 + row + n * 0.0001) * 1e7) / 1e7,
    lon: 11.5,
  }));

let world: World;
let member: MemberId;
let vault: Vault;
const me = (): Actor => ({ id: member, member, roles: [] });
const coach: Actor = { id: "m_coach", member: "m_coach" as MemberId, roles: ["coach"] };
const operator: Actor = { id: "m_op", member: "m_op" as MemberId, roles: ["operator"] };

beforeEach(async () => {
  world = makeWorld();
  ({ member, vault } = await world.enrol("ada", startMs));
  const columns = (n: number) => ({
    heart_rate: JSON.stringify(heartOf(n)),
    track: JSON.stringify(trackOf(n)),
    title: `"title ${n}"`,
    ...(n === 0 ? {} : { notes: `"notes ${n}"` }),
    raw: `{"raw":${n}}`,
    raw_details: `{"details":${n}}`,
  });
  await sealRows(
    vault,
    member,
    garmin,
    rows.map((row, n) => ({ row, revision: 1, columns: columns(n) })),
    startMs,
  );
});

const request = (changes: Partial<ReadRequest> = {}): ReadRequest => ({
  member,
  column: "heart_rate",
  purpose: "coaching",
  rows,
  ownRows: [],
  take: "all",
  span: null,
  after: null,
  limit: 50_000,
  ...changes,
});
async function readings(actor: Actor, changes: Partial<ReadRequest> = {}) {
  const answer = await read(vault, actor, request(changes), clock);
  if (isRefusal(answer)) throw new Error(answer.refused);
  return answer;
}
const samplesIn = (all: readonly Reading[]) =>
  all.flatMap(({ row, value }) =>
    (JSON.parse(value) as object[]).map((sample) => ({ row, ...sample })),
  );
const permit = (columns: readonly string[]) =>
  vault.phi
    .prepare(
      `INSERT INTO consent (id, member, version, effect, grantee_kind, grantee, columns, purpose,
         granted_at) VALUES (?, ?, 1, 'permit', 'member', ?, ?, 'coaching', ?)`,
    )
    .bind(`consent-${columns}`, member, coach.id, JSON.stringify(columns), startMs - 1)
    .run();
const log = () => entriesIn(world);

/** Page after page, as a caller would: bounded, so that a cursor that leads nowhere fails. */
async function pages(actor: Actor, changes: Partial<ReadRequest>) {
  const all: Reading[] = [];
  let after: SamplePlace | null = null;
  for (let page = 0; page < 60; page++) {
    const answer = await readings(actor, { ...changes, after });
    const samples = answer.readings.reduce((n, { value }) => n + JSON.parse(value).length, 0);
    expect(samples).toBeLessThanOrEqual(changes.limit ?? 50_000);
    all.push(...answer.readings);
    after = answer.next;
    if (after === null) return all;
  }
  throw new Error("the pages do not end");
}

/** Some place in a log. */
const entry = { log: expect.any(Number), index: expect.any(Number) };

describe("the pages of a read", () => {
  const limit = fc.oneof(
    fc.integer({ min: 700, max: 25_000 }),
    fc.constantFrom(2_999, 3_000, 3_001, 12_003, 12_000, 21_018, 50_000),
  );

  test("are together the whole, for every limit", async () => {
    const whole = samplesIn((await readings(me())).readings);
    expect(whole).toEqual(
      rows.flatMap((row, n) => heartOf(n).map((sample) => ({ row, ...sample }))),
    );
    await fc.assert(
      fc.asyncProperty(limit, async (asked) => {
        expect(samplesIn(await pages(me(), { limit: asked }))).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  test("are together the whole of a span, and of what is left of tracks", async () => {
    await permit(["track", "heart_rate"]);
    const span = { fromMs: timeOf(2, 11_000), toMs: timeOf(4, 2_500) };
    const within = (n: number) => heartOf(n).filter(({ t }) => span.fromMs <= t && t <= span.toMs);
    const inSpan = rows.flatMap((row, n) => within(n).map((sample) => ({ row, ...sample })));
    const cut = rows.flatMap((row, n) =>
      cutTrack(trackOf(n), defaultPrivacyZones).map((point) => ({ row, ...point })),
    );
    await fc.assert(
      fc.asyncProperty(limit, async (asked) => {
        expect(samplesIn(await pages(me(), { limit: asked, span }))).toEqual(inSpan);
        expect(samplesIn(await pages(coach, { limit: asked, column: "track" }))).toEqual(cut);
        const { readings: page } = await readings(coach, { limit: asked, column: "track" });
        const whereItEnds = Math.min(asked, cut.length);
        expect(samplesIn(page), "where a page ends tells nothing").toHaveLength(whereItEnds);
      }),
      { numRuns: 12 },
    );
    const { readings: spanned } = await readings(me(), { span });
    expect(spanned.map(({ row }) => row)).toEqual(["f_2", "f_3", "f_4"]);
  });

  test("fetch of a long series what they show, and no more", async () => {
    const { objects } = vault;
    let fetched = 0;
    const get = objects.get.bind(objects) as Get;
    objects.get = (async (name: string, options?: R2GetOptions) => {
      const object = await get(name, options);
      const range = options?.range as { length: number } | undefined;
      fetched += range?.length ?? object?.size ?? 0;
      return object;
    }) as Get as typeof objects.get;
    const place = { row: "f_2", sample: 6_000 };
    const page = await readings(me(), { rows: ["f_2"], take: "first", after: place, limit: 100 });
    expect(samplesIn(page.readings)).toEqual(
      heartOf(2)
        .slice(6_000, 6_100)
        .map((sample) => ({ row: "f_2", ...sample })),
    );
    expect(page.next).toEqual({ row: "f_2", sample: 6_100 });
    expect(fetched).toBeLessThan(2 * 16_400 + 100);
  });

  test("do not go on from a place that is not there", async () => {
    const nowhere = await readings(me(), { after: { row: "f_99", sample: 0 } });
    expect(nowhere).toEqual({ entry, readings: [], next: null });
    const beyond = await readings(me(), { rows: ["f_2"], after: { row: "f_2", sample: 99_999 } });
    expect(beyond).toEqual({ entry, readings: [], next: null });
  });

  test("split the raw slices of one row without losing one", async () => {
    for (const limit of [1, 2, 3, 50]) {
      const all: Reading[] = [];
      let after: SamplePlace | null = null;
      for (let page = 0; page < 20; page++) {
        const answer = await readings(me(), { column: "raw", limit, after });
        expect(answer.readings.length).toBeLessThanOrEqual(limit);
        all.push(...answer.readings);
        after = answer.next;
        if (after === null) break;
      }
      expect(all.map(({ column, value }) => [column, value])).toEqual(
        rows.flatMap((_, n) => [
          ["raw_details", `{"details":${n}}`],
          ["raw", `{"raw":${n}}`],
        ]),
      );
    }
  });
});

describe("a read", () => {
  test("of a workout takes the best row that has the column, and no other column of it", async () => {
    const best = async (column: string) =>
      (await readings(me(), { column, take: "first" })).readings.map(({ row, value }) => [
        row,
        value,
      ]);
    expect(await best("title")).toEqual([["f_0", '"title 0"']]);
    expect(await best("notes")).toEqual([["f_1", '"notes 1"']]);
    expect(await best("device_name")).toEqual([]);
  });

  test("says the version of what is sealed, which grows with it", async () => {
    const [before] = (await readings(me(), { column: "title", take: "first" })).readings;
    const row = { row: "f_0", revision: 2, columns: { title: '"new"' } };
    await sealRows(vault, member, garmin, [row], startMs);
    const [after] = (await readings(me(), { column: "title", take: "first" })).readings;
    expect(after?.version).toBeGreaterThan(before?.version ?? Number.NaN);
  });

  test("over many rows decides once and is one entry with its outcome", async () => {
    await permit(["heart_rate"]);
    expect((await readings(coach)).readings).toHaveLength(rows.length);
    expect(log()).toEqual([
      { actor: coach.id, outcome: "intended", ground: "", rows: 0 },
      { actor: coach.id, outcome: "permitted", ground: "consent-heart_rate", rows: rows.length },
    ]);
  });

  test("says where the log says that it was done, under the member's pseudonym", async () => {
    const shown = await readings(me());
    const [deed, ...more] = deedsIn(world);
    expect(more).toEqual([]);
    expect(shown.entry).toEqual({ log: deed?.log, index: deed?.index });
    expect(deed).toMatchObject({ deed: "read-readings", began: "intended", closings: 1 });
    expect(deed?.member).toMatch(/^[0-9a-f]{32}$/);
    expect(deed?.actor).toBe(deed?.member);
  });

  test("of another, by somebody whose role is not kept, names them by their pseudonym", async () => {
    const ben = await world.enrol("ben", startMs);
    const actor = { id: ben.member, member: ben.member, roles: ["member"] as const };
    expect(await read(vault, actor, request(), clock, world.shards)).toEqual({
      refused: "forbidden",
    });
    const name = await pseudonymOf(ben.vault, ben.member, startMs);
    expect(name).toMatch(/^[0-9a-f]{32}$/);
    expect(deedsIn(world)).toMatchObject([{ actor: name, role: "member", outcome: "refused" }]);
    expect(JSON.stringify(deedsIn(world))).not.toContain(ben.member);
  });

  test("that the log takes no entry of is refused, and nothing is fetched", async () => {
    const { logs } = vault;
    const full = { ...logs, port: () => ({ append: async () => ({ refused: "too-many" }) }) };
    const blind = new Proxy({} as D1Database, {
      get: () => () => {
        throw new Error("asked");
      },
    });
    await read(vault, me(), request(), clock);
    const known = Object.assign(vault, { logs: full, phi: blind });
    expect(await read(known, me(), request(), clock)).toEqual({ refused: "too-many" });
  });

  test("without consent is refused and logged, whoever the member is", async () => {
    for (const column of ["heart_rate", "track", "token", "privacy_zones", "raw"])
      expect(await read(vault, coach, request({ column }), clock)).toEqual({
        refused: "forbidden",
      });
    const stranger = request({ member: "m_nobody" as MemberId });
    expect(await read(vault, coach, stranger, clock)).toEqual({ refused: "forbidden" });
    expect(log().map(({ outcome, ground }) => `${outcome} ${ground}`.trim())).toEqual(
      ["no-consent", "no-consent", "unreadable-column", "unreadable-column", "unreadable-column"]
        .concat("no-consent")
        .flatMap((ground) => ["intended", `refused ${ground}`]),
    );
  });

  test("is refused when the consent is revoked while keys and objects are fetched", async () => {
    await permit(["heart_rate"]);
    const { objects } = vault;
    const get = objects.get.bind(objects) as Get;
    objects.get = (async (name: string, options?: R2GetOptions) => {
      await vault.phi.prepare("UPDATE consent SET revoked_at = 1").run();
      return get(name, options);
    }) as Get as typeof objects.get;
    expect(await read(vault, coach, request(), clock)).toEqual({ refused: "forbidden" });
  });

  test("starts over when a row is sealed anew meanwhile, and shows one state of it", async () => {
    const { objects } = vault;
    const get = objects.get.bind(objects) as Get;
    let writes = 0;
    objects.get = (async (name: string, options?: R2GetOptions) => {
      const object = await get(name, options);
      if (writes++ === 0) {
        const columns = { heart_rate: JSON.stringify(heartOf(4)) };
        await sealRows(vault, member, garmin, [{ row: "f_2", revision: 2, columns }], startMs);
      }
      return object;
    }) as Get as typeof objects.get;
    const { readings: shown } = await readings(me(), { rows: ["f_2"] });
    expect(JSON.parse(shown[0]?.value ?? "")).toEqual(heartOf(4));
  });

  test("that shows nothing of an erased member is closed in the log", async () => {
    await vault.phi.prepare("UPDATE member SET erased_at = 1, key_id = NULL").run();
    expect(await read(vault, me(), request(), clock)).toEqual({ refused: "forbidden" });
    expect(log().at(-1)?.outcome).toBe("refused");
  });

  test("goes on without a row whose object is gone", async () => {
    const { objects } = world.stores.sealed;
    const name = await vault.phi
      .prepare("SELECT object FROM sealed WHERE row_id = 'f_2' AND group_name = 'heart_rate'")
      .first<string>("object");
    objects.delete(name ?? "");
    const { readings: shown, next } = await readings(me());
    expect(shown.map(({ row }) => row)).toEqual(rows.filter((row) => row !== "f_2"));
    expect(next).toBeNull();
    expect(await readings(me(), { rows: ["f_2"], take: "first" })).toEqual({
      entry,
      readings: [],
      next: null,
    });
  });
});

describe("privacy zones", () => {
  const zones: PrivacyZones = { endsM: 0, places: [{ lat: 48.3, lon: 11.5, radiusM: 100 }] };
  const track = async (actor: Actor, changes: Partial<ReadRequest> = {}) =>
    samplesIn((await readings(actor, { rows: ["f_0"], column: "track", ...changes })).readings);
  const ridden = trackOf(0, 6_000);
  const shownTo = (points: readonly object[]) => points.map((point) => ({ row: "f_0", ...point }));

  beforeEach(async () => {
    const columns = { track: JSON.stringify(ridden) };
    await sealRows(vault, member, garmin, [{ row: "f_0", revision: 2, columns }], startMs);
    await permit(["track"]);
  });

  test("cut the track for everybody but the member, by default at both ends", async () => {
    expect(await track(me())).toEqual(shownTo(ridden));
    const cut = cutTrack(ridden, defaultPrivacyZones);
    expect(cut.length).toBeLessThan(ridden.length);
    expect(await track(coach)).toEqual(shownTo(cut));
  });

  test("hold from the moment they are set, in the middle of a track too", async () => {
    await setPrivacyZones(vault, member, zones, startMs);
    const cut = cutTrack(ridden, zones);
    expect(cut.length).toBeLessThan(ridden.length);
    expect(await track(coach)).toEqual(shownTo(cut));
    expect(await track(me())).toEqual(shownTo(ridden));
  });

  test("cut the whole track before a span of it is shown", async () => {
    const span = { fromMs: timeOf(0, 0), toMs: timeOf(0, 100) };
    const cut = cutTrack(ridden, defaultPrivacyZones).filter(({ t }) => t <= span.toMs);
    expect(cut.length).toBeGreaterThan(0);
    expect(await track(coach, { span })).toEqual(shownTo(cut));
  });

  test("do not keep an operator in an emergency from the whole way", async () => {
    await vault.phi
      .prepare("INSERT INTO break_glass (id, member, operator, at, until) VALUES ('b', ?, ?, ?, ?)")
      .bind(member, operator.id, startMs - 1, startMs + 1)
      .run();
    expect(await track(operator, { purpose: "emergency" })).toEqual(shownTo(ridden));
    expect(log().at(-1)?.ground).toBe("break-glass:b");
  });

  test("that cannot be opened hide the track from everybody but the member", async () => {
    await setPrivacyZones(vault, member, zones, startMs);
    const spoil = (change: string) =>
      vault.phi.prepare(`UPDATE sealed SET ${change} WHERE row_id = 'privacy'`).run();
    for (const change of ["body = x'00'", "body = NULL, object = 'gone'", "key_id = 'gone'"]) {
      await spoil(change);
      const asked = request({ rows: ["f_0"], column: "track" });
      expect(await read(vault, coach, asked, clock)).toEqual({ refused: "forbidden" });
      expect(log().at(-1)?.ground).toBe("privacy-zones");
      expect(await track(me())).toEqual(shownTo(ridden));
    }
  });
});

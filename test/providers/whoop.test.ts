import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../domain/ports.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { whoop } from "../../providers/whoop.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = whoop;
const { pull } = whoop;

/** Of any code units, whole characters or not. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const page = (json: unknown) => pull.page(replied({ body: JSON.stringify(json) }));

const id = "5b1f8f0e-3c0d-4a7e-9a55-2f6f0f7e1c11";
const startMs = Date.UTC(2026, 10, 14, 7);
const scored = {
  id,
  v1_id: 7_301,
  user_id: 48_151,
  created_at: "2026-11-14T08:10:00.000Z",
  updated_at: "2026-11-14T08:20:00.125Z",
  start: "2026-11-14T07:00:00.000Z",
  end: "2026-11-14T08:05:30.250Z",
  timezone_offset: "+01:00",
  sport_name: "running",
  sport_id: 1,
  score_state: "SCORED",
  score: {
    strain: 11.2,
    average_heart_rate: 141,
    max_heart_rate: 172,
    kilojoule: 2_092,
    percent_recorded: 100,
    distance_meter: 10_012.3456,
    altitude_gain_meter: 46.6,
    altitude_change_meter: -0.7,
    zone_durations: {},
  },
};

function read(item: unknown) {
  const draft = provider.normalise("workout", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a notice", () => {
  const said = (over: object) =>
    whoop.parse(JSON.stringify({ user_id: 48_151, id, type: "workout.updated", ...over }));
  const none = { items: [], notices: [], claims: [] };
  const of = { account: "48151", fromMs: 0, toMs: 0 };

  it("of a workout names the record, made or changed alike", () => {
    const notice = { ...of, collection: "workout", gone: null, record: id };
    expect(said({})).toEqual({ ok: true, value: { ...none, notices: [notice], unknown: 0 } });
    expect(said({ id: id.toUpperCase() })).toEqual(said({}));
  });

  it("of a deletion names what is gone", () => {
    const notice = { ...of, collection: "workout", gone: id };
    expect(said({ type: "workout.deleted" })).toEqual({
      ok: true,
      value: { ...none, notices: [notice], unknown: 0 },
    });
  });

  it("of sleep feeds the samples, and of a recovery, which cannot be asked for, the latest do", () => {
    const told = (type: string) => {
      const delivery = said({ type });
      if (!delivery.ok) throw new Error(delivery.error);
      const { later, ...rest } = delivery.value;
      expect(rest).toEqual({ ...none, unknown: 0 });
      return later;
    };
    const sleep = { ...of, collection: "sleep" };
    expect(told("sleep.updated")).toEqual({
      items: [],
      notices: [{ ...sleep, gone: null, record: id }],
    });
    expect(told("sleep.deleted")).toEqual({ items: [], notices: [{ ...sleep, gone: id }] });
    for (const type of ["recovery.updated", "recovery.deleted"])
      expect(told(type)).toEqual({
        items: [],
        notices: [{ ...of, collection: "recovery", gone: null, lately: true }],
      });
  });

  it.each([
    ["of the first version, whose number opens nothing", { id: 10_301 }],
    ["of a kind that nobody knows", { type: "cycle.updated" }],
    ["of something else that happened", { type: "workout.created" }],
    ["of an id that is a path", { id: "../user/access" }],
  ])("%s is counted, and nothing follows", (_, over) => {
    expect(said(over)).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });
});

describe("a workout", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(scored);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: id,
      revision: Date.UTC(2026, 10, 14, 8, 20, 0, 126),
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 3_930_250,
      movingMs: null,
      type: "running",
      originalType: null,
      distanceMm: 10_012_346,
      energyMcal: 500_000_000,
      elevationGainMm: 46_600,
      heartRateBy: null,
      offsetMin: 60,
      method: "device",
      deviceModel: null,
      app: "WHOOP",
      speedMmps: null,
      hasTrack: null,
      title: null,
      notes: null,
      deviceName: null,
      heartRate: null,
      track: null,
    });
  });

  it("that is not scored yet is a workout all the same, and the scored one wins over it", () => {
    const { score, ...rest } = scored;
    const pending = {
      ...rest,
      score_state: "PENDING_SCORE",
      updated_at: "2026-11-14T08:10:00.000Z",
    };
    const unknown = {
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
    };
    const [before, after] = [read(pending), read(scored)];
    expect(before.fields).toEqual({ ...after.fields, ...unknown });
    expect(before.sourceId).toBe(after.sourceId);
    expect(Number(before.revision)).toBeLessThan(Number(after.revision));
    const atOnce = read({ ...pending, updated_at: scored.updated_at });
    expect(Number(atOnce.revision)).toBeLessThan(Number(after.revision));
    // What stands in a score that is none is not believed.
    for (const score_state of ["PENDING_SCORE", "UNSCORABLE", undefined])
      expect(read({ ...rest, score, score_state }).fields).toMatchObject(unknown);
  });

  it("of the first version is read by its number", () => {
    const { sport_name, v1_id, ...rest } = scored;
    expect([sport_name, v1_id]).toEqual(["running", 7_301]);
    const first = { ...rest, id: 7_301, score: { ...scored.score, zone_duration: {} } };
    const { sourceId, fields } = read(first);
    expect(sourceId).toBe("7301");
    expect(fields).toMatchObject({ type: "cycling", originalType: null, distanceMm: 10_012_346 });
  });

  it("without an update is of the revision in which it was made", () => {
    expect(read({ ...scored, updated_at: undefined }).revision).toBe(
      Date.UTC(2026, 10, 14, 8, 10) + 1,
    );
  });

  it("of zeros measured nothing; a flat one that has a distance climbed nothing", () => {
    const of = (over: object) =>
      read({ ...scored, score: { ...scored.score, altitude_gain_meter: 0, ...over } }).fields;
    expect(of({ distance_meter: 0, kilojoule: 0, average_heart_rate: 0 })).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      heartRateBy: null,
    });
    expect(of({})).toMatchObject({ elevationGainMm: 0 });
  });

  it.each([
    ["running", 1, "running", null],
    ["Mountain Biking", 0, "mountain_biking", null],
    ["mountain-biking", 0, "mountain_biking", null],
    ["hiking/rucking", undefined, "hiking", null],
    ["spin", 1, "indoor_cycling", null],
    ["sauna", 233, "passive", "sauna"],
    ["commuting", 1, "passive", "commuting"],
    ["watching sports", 0, "passive", "watching sports"],
    ["gaming", 90, "passive", "gaming"],
    ["activity", -1, "other", null],
    [undefined, 0, "running", null],
    [null, 97, "indoor_cycling", null],
    [undefined, 233, "other", "sport_id 233"],
    [undefined, undefined, "other", null],
    ["constructor", undefined, "other", "constructor"],
  ])("called %s, number %s, is %s", (sport_name, sport_id, type, originalType) => {
    expect(read({ ...scored, sport_name, sport_id }).fields).toMatchObject({ type, originalType });
  });

  it("from the future is refused", () => {
    const moved = { ...scored, start: "2026-11-23T07:00:00Z", end: "2026-11-23T08:00:00Z" };
    expect(provider.normalise("workout", moved, receivedMs)).toEqual({
      ok: false,
      error: "start-in-future",
    });
  });

  it("fits the stream's schema", () => {
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    const { fields, sourceId, revision } = read(scored);
    const fact = { ...fields, ...ids, sourceId, revision, provider: "whoop" };
    expect(workoutSchema.safeParse(fact).success).toBe(true);
  });
});

describe("what is asked", () => {
  const path = "/developer/v2/activity/workout";

  it("is a window, 25 a page, and goes on where the last page ended", () => {
    const step = { collection: "workout", fromMs: startMs, toMs: startMs + 3_600_000 };
    const query = {
      start: "2026-11-14T07:00:00.000Z",
      end: "2026-11-14T08:00:00.000Z",
      limit: "25",
    };
    expect(pull.list(step, null)).toEqual({ path, query });
    expect(pull.list(step, "MTIz")).toEqual({ path, query: { ...query, nextToken: "MTIz" } });
    expect(pull.readings(scored)).toBeNull();
  });

  it("for one record never leaves the path of workouts", () => {
    expect(pull.one("workout", id)).toEqual({ path: `${path}/${id}`, query: {} });
    fc.assert(
      fc.property(anyText, (name) => {
        const asked = pull.one("workout", name).path;
        const url = new URL(asked, "https://api.prod.whoop.com");
        return url.pathname === asked && /^~[A-Za-z0-9_~-]*$/.test(asked.slice(path.length + 1));
      }),
    );
  });
});

describe("an answer", () => {
  it("is a page with where to go on, or one workout", () => {
    expect(page({ records: [scored], next_token: "t" })).toEqual({
      ok: true,
      value: { items: [scored], next: "t" },
    });
    for (const last of [{}, { next_token: null }, { next_token: "" }])
      expect(page({ records: [], ...last })).toEqual({
        ok: true,
        value: { items: [], next: null },
      });
    expect(page(scored)).toEqual({ ok: true, value: { items: [scored], next: null } });
  });

  it.each<[string, Partial<ProviderReply>, string]>([
    ["of another form", { body: '{"workouts":[]}' }, "broken"],
    ["of no body", { status: 204, body: "" }, "broken"],
    ["with a token that is none", { body: '{"records":[],"next_token":7}' }, "broken"],
    ["cut short", { complete: false, fault: "cut-short", body: "" }, "again"],
    ["429", { status: 429 }, "again"],
    ["502", { status: 502, body: "<html>" }, "again"],
    ["401", { status: 401, body: "" }, "reconnect"],
    ["403", { status: 403, body: "" }, "refused"],
    ["403 of some machine on the way", { status: 403, body: "<html>" }, "broken"],
    ["404", { status: 404, body: "" }, "gone"],
    ["400", { status: 400, body: "{}" }, "refused"],
  ])("%s is a fault", (_, over, error) => {
    expect(pull.page(replied(over))).toEqual({ ok: false, error });
  });

  it("tells both limits, and what is left of the one that it counts by", () => {
    const learned = (limit: string, remaining = "98", reset = "3") =>
      whoop.budget.learn?.(
        {
          "x-ratelimit-limit": limit,
          "x-ratelimit-remaining": remaining,
          "x-ratelimit-reset": reset,
        },
        0,
      ).app;
    const minute = { window: "minute", limit: 100 };
    const day = { window: "day", limit: 10_000 };
    expect(learned("100, 100;window=60, 10000;window=86400")).toEqual([
      { ...minute, remaining: 98, resetsInMs: 3_000 },
      day,
    ]);
    expect(learned("10000, 100;window=60, 10000;window=86400", "7", "x")).toEqual([
      minute,
      { ...day, remaining: 7 },
    ]);
    // Two of one limit, or one that is not there: nobody knows of which the rest is.
    expect(learned("100, 100;window=60, 100;window=86400")).toEqual([
      minute,
      { ...day, limit: 100 },
    ]);
    expect(learned("50, 100;window=60")).toEqual([minute]);
    for (const said of ["", "many", "100;window=60", "100, 100;window=7"])
      expect(learned(said)).toEqual([]);
  });
});

it("an account is named by its profile, as in its notices", () => {
  expect(whoop.link.accountOf({ user_id: 48_151, email: "x" })).toBe("48151");
  for (const said of [null, [], {}, { user_id: null }, { user_id: 1.5 }])
    expect(whoop.link.accountOf(said)).toBeNull();
});

describe("whatever comes", () => {
  const key = fc.constantFrom(...Object.keys(scored), "type", "records", "next_token");
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...Object.values(scored), "workout.updated"),
  );
  const item = fc.oneof(fc.jsonValue(), fc.dictionary(key, value));

  it("nothing throws", () => {
    fc.assert(
      fc.property(item, (json) => {
        whoop.parse(JSON.stringify(json));
        provider.normalise("workout", json, receivedMs);
        page(json);
      }),
    );
    fc.assert(fc.property(fc.string(), (body) => whoop.parse(body).ok || true));
  });

  it("the offset is read as it was written, for every quarter of an hour on Earth", () => {
    fc.assert(
      fc.property(fc.integer({ min: -56, max: 56 }), (quarters) => {
        const away = Math.abs(quarters * 15);
        const two = (n: number) => String(n).padStart(2, "0");
        const sign = quarters < 0 ? "-" : "+";
        const timezone_offset = `${sign}${two(Math.floor(away / 60))}:${two(away % 60)}`;
        const { offsetMin } = read({ ...scored, timezone_offset }).fields;
        return Object.is(offsetMin, quarters * 15);
      }),
    );
  });
});

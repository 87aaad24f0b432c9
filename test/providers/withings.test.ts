import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { msPerDay } from "../../domain/time.ts";
import { relayedFrom } from "../../domain/workouts/relay.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { withings } from "../../providers/withings.ts";
import { spoilt, spoiltOf, written } from "./hostile.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = withings;
const { pull, memberSubscription } = withings;
const hour = 3_600_000;

const startMs = Date.UTC(2026, 10, 13, 6, 30);
const deviceid = "51e8d0e7d16da9ff673accf10958ca94fea55d6e";
const data = {
  calories: 312,
  intensity: 40,
  manual_distance: 0,
  manual_calories: 0,
  hr_average: 141,
  pause_duration: 60,
  algo_pause_duration: null,
  steps: 7_900,
  distance: 7_420,
  elevation: 12,
};
const run = {
  id: 5_912_300_277,
  category: 2,
  timezone: "Europe/Amsterdam",
  model: 93,
  attrib: 0,
  startdate: startMs / 1000,
  enddate: startMs / 1000 + 2_715,
  date: "2026-11-13",
  deviceid,
  data,
  modified: startMs / 1000 + 3_600,
};

function read(item: unknown) {
  const draft = provider.normalise("workouts", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}
const withData = (over: object) => read({ ...run, data: { ...data, ...over } }).fields;

describe("a notice", () => {
  const said = (form: Readonly<Record<string, string>>) =>
    withings.parse(new URLSearchParams({ userid: "3140159", appli: "16", ...form }).toString());
  const none = { items: [], notices: [], claims: [], unknown: 0 };
  const notice = { account: "3140159", collection: "workouts", gone: null };
  const lately = { fromMs: 0, toMs: 0, lately: true };
  // Of a day's workouts and of its steps: which, it does not say.
  const of = (over: object) => ({
    ok: true,
    value: {
      ...none,
      notices: [{ ...notice, ...over }],
      later: { items: [], notices: [{ ...notice, collection: "activity", ...over }] },
    },
  });

  it("of a day is worth all instants that are of that day on some clock", () => {
    const day = Date.UTC(2026, 10, 13);
    const window = { fromMs: day - 14 * hour, toMs: day + msPerDay + 14 * hour };
    expect(said({ date: "2026-11-13" })).toEqual(of(window));
    // Which device it was is nobody's business.
    expect(said({ date: "2026-11-13", deviceid: "d41d8cd98f00b204" })).toEqual(of(window));
  });

  it("of a stretch is worth that stretch", () => {
    const stretch = { startdate: "1794551400", enddate: "1794554115" };
    expect(said(stretch)).toEqual(of({ fromMs: 1_794_551_400_000, toMs: 1_794_554_115_000 }));
  });

  it.each([
    ["neither", {}],
    ["a day that does not exist", { date: "2026-02-30" }],
    ["a day in seconds", { date: "1794551400" }],
    ["a stretch without an end", { startdate: "1794551400" }],
    ["a stretch that ends first", { startdate: "1794551400", enddate: "1794551399" }],
    ["a stretch of more than a month", { startdate: "1794551400", enddate: "1797229801" }],
    ["a stretch of all time", { startdate: "0", enddate: "9999999999" }],
    ["a stretch in milliseconds", { startdate: "1794551400000", enddate: "1794554115000" }],
    ["a stretch in hexadecimal", { startdate: "0x1", enddate: "0x2" }],
  ])("of %s is worth what came lately", (_, form) => {
    expect(said(form)).toEqual(of(lately));
  });

  it.each([
    ["1", "measures"],
    ["2", "measures"],
    ["4", "measures"],
    ["44", "sleep"],
    ["54", "heart"],
    ["58", "measures"],
  ])("of category %s feeds the samples, or nothing", (appli, collection) => {
    const window = { fromMs: 1_794_551_400_000, toMs: 1_794_554_115_000 };
    const later = { items: [], notices: [{ ...notice, collection, ...window }] };
    const form = { appli, startdate: "1794551400", enddate: "1794554115" };
    expect(said(form)).toEqual({ ok: true, value: { ...none, later } });
  });

  it("of a category that measures nothing, or that nobody knows, is counted", () => {
    for (const appli of ["50", "51", "52", "53", "55", "0", "999", "016"])
      expect(said({ appli }), appli).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });

  it("of a person claims an end, and ends nothing", () => {
    const claims = [{ account: "3140159", claim: "deregistered" }];
    for (const action of ["unlink", "delete"])
      expect(said({ appli: "46", action })).toEqual({ ok: true, value: { ...none, claims } });
    expect(said({ appli: "46", action: "update" })).toEqual({ ok: true, value: none });
    for (const action of ["", "UNLINK", "unlink,delete"])
      expect(said({ appli: "46", action })).toEqual({ ok: true, value: { ...none, unknown: 1 } });
    expect(said({ appli: "46" })).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });

  it.each([
    ["nothing", ""],
    ["no pairs", "hello"],
    ["JSON", '{"userid":1,"appli":16}'],
    ["a name twice", "userid=1&appli=16&userid=1"],
    ["a name twice, spelled in two ways", "userid=1&appli=16&user%69d=2"],
    ["a signed account", "userid=%2B1&appli=16"],
    ["an account of twenty digits", "userid=12345678901234567890&appli=16"],
    [
      "more than there ever is",
      `userid=1&appli=16&${Array.from({ length: 20 }, (_, i) => `x${i}=1`).join("&")}`,
    ],
    ["too much", `userid=1&appli=16&x=${"y".repeat(2_000)}`],
  ])("that says %s is not understood", (_, body) => {
    expect(withings.parse(body)).toEqual({ ok: false, error: "not-understood" });
  });
});

describe("a workout", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(run);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "5912300277",
      revision: startMs + hour,
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 2_715_000,
      movingMs: 2_655_000,
      type: "running",
      originalType: null,
      distanceMm: 7_420_000,
      energyMcal: 312_000_000,
      // Floors are no metres.
      elevationGainMm: null,
      offsetMin: 60,
      method: "device",
      deviceModel: "ScanWatch",
      app: "Withings",
      speedMmps: null,
      hasTrack: null,
      heartRateBy: null,
      title: null,
      notes: null,
      deviceName: null,
      heartRate: null,
      track: null,
    });
  });

  it("keeps what it is called when it is changed or moved, and the later statement wins", () => {
    const [before, after] = [run, { ...run, date: "2026-11-12", modified: run.modified + 1 }].map(
      read,
    );
    expect(after?.sourceId).toBe(before?.sourceId);
    expect(Number(after?.revision)).toBeGreaterThan(Number(before?.revision));
  });

  it("of zeros, or of nothing, measured nothing", () => {
    const unknown = { movingMs: null, distanceMm: null, energyMcal: null, elevationGainMm: null };
    expect(withData({ calories: 0, distance: 0, pause_duration: 0 })).toMatchObject(unknown);
    expect(read({ ...run, data: { algo_pause_duration: null } }).fields).toMatchObject(unknown);
    expect(read({ ...run, data: [] }).fields).toMatchObject(unknown);
    expect(read({ ...run, data: undefined }).fields).toMatchObject(unknown);
  });

  it("moved for all of it but the longer account of its pauses", () => {
    const moved = (pause_duration: unknown, algo_pause_duration: unknown) =>
      withData({ pause_duration, algo_pause_duration }).movingMs;
    expect(moved(60, 15)).toBe(2_655_000);
    expect(moved(0, 15)).toBe(2_700_000);
    expect(moved(null, 15)).toBe(2_700_000);
    expect(moved(0, 0)).toBeNull();
    expect(moved(2_715, null)).toBeNull();
    expect(moved(9_999, null)).toBeNull();
    expect(moved(-60, "60")).toBeNull();
  });

  it("that was typed in, or corrected by hand, is believed as such", () => {
    expect(withData({ distance: 0, manual_distance: 5_000 })).toMatchObject({
      method: "manual",
      distanceMm: 5_000_000,
    });
    expect(withData({ manual_distance: 60 })).toMatchObject({
      method: "manual",
      distanceMm: 7_420_000,
    });
    expect(withData({ calories: null, manual_calories: 70 })).toMatchObject({
      method: "manual",
      energyMcal: 70_000_000,
    });
    for (const attrib of [2, 4])
      expect(read({ ...run, attrib }).fields).toMatchObject({ method: "manual" });
    for (const attrib of [0, 1, 7, 8, undefined])
      expect(read({ ...run, attrib }).fields).toMatchObject({ method: "device" });
  });

  it.each([
    [1055, "Google Fit", "google-health"],
    [1056, "Samsung Health", "samsung-health"],
    [1057, "Apple Health", "apple-health"],
    [1058, "Apple Health", "apple-health"],
    [1059, "Apple Health", "apple-health"],
  ])("of model %s is what %s gave it, so a copy", (model, app, maker) => {
    for (const id of [null, deviceid]) {
      const { fields } = read({ ...run, model, deviceid: id });
      expect(fields).toMatchObject({ app, deviceModel: null, method: "unknown" });
      expect(relayedFrom({ app: String(fields.app), provider: "withings" })).toBe(maker);
    }
  });

  it.each([
    ["a phone that counts", { model: 1053, deviceid: null }, "phone", null],
    ["a phone with an id", { model: 1051 }, "phone", null],
    ["no device", { deviceid: null }, "unknown", null],
    ["an empty device", { deviceid: "" }, "unknown", null],
    ["a device that nobody knows", { model: 4_711 }, "device", null],
    ["a model in words", { model: "ScanWatch" }, "device", null],
    ["an older watch", { model: 55 }, "device", "Steel HR"],
  ])("of %s is believed as much as that", (_, over, method, deviceModel) => {
    const { fields } = read({ ...run, ...over });
    expect(fields).toMatchObject({ method, deviceModel, app: "Withings" });
    expect(relayedFrom({ app: String(fields.app), provider: "withings" })).toBeNull();
  });

  it.each([
    [1, "walking", null],
    [2, "running", null],
    [3, "hiking", null],
    [5, "cycling", null],
    [6, "cycling", null],
    [7, "swimming", null],
    [16, "strength_training", null],
    [28, "yoga", null],
    [34, "skiing", null],
    [36, "other", null],
    [128, "passive", "128"],
    [187, "rowing", null],
    [272, "other", "272"],
    [306, "walking", null],
    [307, "treadmill_running", null],
    [308, "indoor_cycling", null],
    [457, "passive", "457"],
    [498, "trail_running", null],
    [523, "mountain_biking", null],
    [526, "e_biking", null],
    [530, "cross_country_skiing", null],
    [551, "passive", "551"],
    [12, "other", "12"],
    [0, "other", "0"],
    [-2, "other", "-2"],
    ["2", "other", null],
    [null, "other", null],
  ])("of category %s is %s", (category, type, originalType) => {
    expect(read({ ...run, category }).fields).toMatchObject({ type, originalType });
  });

  it("fits the stream's schema", () => {
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    const { fields, sourceId, revision } = read(run);
    const fact = { ...fields, ...ids, sourceId, revision, provider: "withings" };
    expect(workoutSchema.safeParse(fact).success).toBe(true);
  });

  it("that is sealed can be read again", () => {
    const { raw, ...rest } = read(run);
    const again = provider.again?.(raw.column, JSON.parse(raw.text), {});
    expect(read(again?.body)).toEqual({ ...rest, raw });
    expect(provider.again?.("other", {}, {})).toBeNull();
  });
});

describe("whatever comes", () => {
  const keys = [
    ...Object.keys(run),
    ...Object.keys(data),
    "status",
    "body",
    "series",
    "more",
    "measures",
  ];
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(run), 0, true));
  const item = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...keys), value));

  function everything(json: unknown) {
    provider.normalise("workouts", json, receivedMs);
    provider.samples?.read("measures", json, receivedMs);
    for (const said of [json, { status: 0, body: json }])
      pull.page(replied({ body: written(said) }));
    memberSubscription.judge(replied({ body: written(json) }));
    withings.link.accountIn(json);
    withings.link.statusIn(json);
    withings.link.tokens.read(json, null);
  }

  it("nothing throws where any value is malice", () => {
    const group = {
      ...{ grpid: 1, attrib: 0, date: run.startdate, category: 1 },
      measures: [{ type: 1, value: 81, unit: 0, position: 7 }],
    };
    const given = { status: 0, body: { userid: 1, access_token: "a", expires_in: 1, scope: "x" } };
    const listed = { status: 0, body: { series: [{ id: 1 }], more: true, offset: 2 } };
    for (const said of [run, group, given, listed, { status: 503, error: "invalid code" }])
      for (const json of spoiltOf(said)) everything(json);
    fc.assert(fc.property(spoilt(run), everything));
  });

  it("nothing throws", () => {
    fc.assert(fc.property(item, everything));
    fc.assert(fc.property(fc.string(), (body) => withings.parse(body).ok || true));
    const pair = fc.tuple(fc.constantFrom("userid", "appli", "date", "action", "x"), fc.string());
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const parsed = withings.parse(new URLSearchParams(pairs).toString());
        return !parsed.ok || parsed.value.items.length === 0;
      }),
    );
  });

  it("moving time is never more than all of it", () => {
    const seconds = fc.oneof(fc.integer({ min: -10, max: 5_000 }), fc.double(), fc.constant(null));
    fc.assert(
      fc.property(seconds, seconds, (pause_duration, algo_pause_duration) => {
        const { movingMs, elapsedMs } = withData({ pause_duration, algo_pause_duration });
        return movingMs === null || (Number(movingMs) > 0 && Number(movingMs) <= Number(elapsedMs));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { coros } from "../../providers/coros.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { receivedMs, run, startMs } from "./coros/said.ts";
import { spoilt, spoiltOf, written } from "./hostile.ts";
import { replied } from "./replied.ts";

const provider: Provider = coros;
const { pull, link } = coros;

function read(item: unknown) {
  const draft = provider.normalise("sport", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a delivery", () => {
  const lately = { collection: "sport", fromMs: 0, toMs: 0, gone: null, lately: true };
  const said = (list: string) => coros.parse(`{"sportDataList":${list}}`);
  const nothing = { items: [], notices: [], claims: [], unknown: 0 };

  it("of several members is one notice for each, however many records of whose", () => {
    const of = (openId: string, labelId: string) => `{"openId":"${openId}","labelId":${labelId}}`;
    const list = [
      of("anna", "418173315956375999"),
      of("ben", "418173315956376001"),
      of("anna", "418173315956376003"),
      of("anna", "7"),
    ].join(",");
    const notices = ["anna", "ben"].map((account) => ({ ...lately, account }));
    expect(said(`[${list}]`)).toEqual({ ok: true, value: { ...nothing, notices } });
  });

  it("of nothing says nothing", () => {
    expect(said("[]")).toEqual({ ok: true, value: nothing });
  });

  it.each([
    ["of nobody", '{"labelId":418173315956375999}'],
    ["of a number that JSON may have changed", '{"openId":12,"labelId":418173315956375999}'],
    ["of no record", '{"openId":"anna"}'],
    ["of a record by a name", '{"openId":"anna","labelId":"../x"}'],
    ["that is none", "null"],
  ])("with an entry %s counts it, and nothing follows", (_, entry) => {
    const good = '{"openId":"ben","labelId":418173315956376001}';
    expect(said(`[${entry},${good}]`)).toEqual({
      ok: true,
      value: { ...nothing, notices: [{ ...lately, account: "ben" }], unknown: 1 },
    });
  });
});

describe("a workout", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(run);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "418173315956375999",
      revision: null,
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 3_725_000,
      movingMs: 3_600_000,
      type: "running",
      originalType: null,
      distanceMm: 10_250_500,
      energyMcal: 640_250_000,
      elevationGainMm: null,
      offsetMin: 120,
      method: "device",
      deviceModel: "COROS PACE 3",
      app: "COROS",
      speedMmps: 2_849,
      hasTrack: null,
      heartRateBy: null,
      title: null,
      notes: null,
      deviceName: null,
    });
  });

  it("of zeros measured nothing", () => {
    expect(
      read({ ...run, distance: 0, calorie: 0, avgSpeed: 0, duration: 0 }).fields,
    ).toMatchObject({ distanceMm: null, energyMcal: null, speedMmps: null, movingMs: null });
  });

  it("moves no longer than it lasts", () => {
    expect(read({ ...run, duration: 3_725.4 }).fields.movingMs).toBe(3_725_000);
    expect(read({ ...run, duration: 4_000 }).fields.movingMs).toBeNull();
  });

  it("keeps a name that a member may have given to itself", () => {
    expect(read({ ...run, deviceName: "Anna's watch" }).fields).toMatchObject({
      method: "device",
      deviceModel: null,
      deviceName: "Anna's watch",
    });
    for (const deviceName of ["COROS PACE 3 of Anna", "COROS 0151 2345678", "Garmin Edge 530"])
      expect(read({ ...run, deviceName }).fields).toMatchObject({ deviceModel: null, deviceName });
    for (const deviceName of ["COROS VERTIX 2S", "COROS APEX 2 Pro", "COROS DURA"])
      expect(read({ ...run, deviceName }).fields).toMatchObject({ deviceModel: deviceName });
    expect(read({ ...run, deviceName: undefined }).fields).toMatchObject({
      method: "unknown",
      deviceModel: null,
      deviceName: null,
    });
  });

  it.each([
    [8, 1, "running", null],
    [8, 2, "treadmill_running", null],
    [8, undefined, "running", null],
    [9, 1, "cycling", null],
    [9, 2, "indoor_cycling", null],
    [10, 1, "swimming", null],
    [10, 2, "swimming", null],
    [13, 1, "other", "13/1"],
    [13, 3, "other", "13/3"],
    [14, 1, "hiking", null],
    [15, 1, "trail_running", null],
    [16, 1, "hiking", null],
    [18, 1, "cardio", null],
    [19, 1, "cross_country_skiing", null],
    [20, 1, "running", null],
    [21, 1, "skiing", null],
    [22, 1, "passive", "22/1"],
    [23, 2, "strength_training", null],
    [31, 1, "walking", null],
    [98, undefined, "other", "98"],
    ["8", 1, "other", null],
    [undefined, undefined, "other", null],
  ])("of mode %s and %s is %s", (mode, subMode, type, originalType) => {
    expect(read({ ...run, mode, subMode }).fields).toMatchObject({ type, originalType });
  });

  it("has a pace only where people go over ground", () => {
    for (const mode of [8, 9, 15, 31])
      expect(read({ ...run, mode }).fields.speedMmps, `mode ${mode}`).toBe(2_849);
    for (const mode of [10, 13, 23, 24])
      expect(read({ ...run, mode }).fields.speedMmps, `mode ${mode}`).toBeNull();
    // Faster than anything that moves.
    expect(read({ ...run, avgSpeed: 1 }).fields.speedMmps).toBeNull();
  });

  it("fits the stream's schema", () => {
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    const { fields, sourceId } = read(run);
    const fact = { ...fields, ...ids, sourceId, revision: 1, provider: "coros" };
    expect(workoutSchema.safeParse(fact).success).toBe(true);
  });
});

describe("whatever comes", () => {
  const key = fc.constantFrom(
    ...Object.keys(run),
    "sportDataList",
    "openId",
    "triathlonItemList",
    "data",
    "result",
  );
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(run), "0000", 13));
  const item = fc.oneof(fc.jsonValue(), fc.dictionary(key, value));

  const step = { collection: "sport", fromMs: startMs, toMs: receivedMs };
  function everything(json: unknown, cursor: string | null = null) {
    provider.parse(written({ sportDataList: [json] }));
    provider.parse(written(json));
    const draft = provider.normalise("sport", json, receivedMs);
    for (const said of [json, { result: "0000", data: [json] }])
      for (const status of [200, 400])
        pull.page(replied({ status, body: written(said) }), step, cursor);
    pull.list(step, cursor);
    pull.accountIn?.(json);
    link.statusIn(json);
    link.tokens.read(json, null);
    link.accountIn(json);
    return draft.ok || /^[a-z-]+$/.test(draft.error);
  }

  it("nothing throws", () => {
    fc.assert(fc.property(item, fc.option(fc.string()), everything));
    fc.assert(fc.property(fc.string(), (body) => coros.parse(body).ok || true));
  });

  it("nothing throws where any value is malice", () => {
    const multi = { ...run, openId: "anna", mode: 13, triathlonItemList: [{ mode: 10 }] };
    const tokens = { access_token: "a", refresh_token: "r", expires_in: 1, openId: "anna" };
    for (const said of [multi, tokens, { result: "0000", data: { bindState: 1 } }])
      for (const json of spoiltOf(said)) expect(everything(json)).toBe(true);
    fc.assert(fc.property(spoilt(multi), (json) => everything(json)));
  });
});

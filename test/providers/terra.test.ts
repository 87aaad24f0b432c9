import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft } from "../../providers/provider.ts";
import { terra } from "../../providers/terra.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const user = { user_id: "u-1", provider: "GARMIN", reference_id: "word-1" };
const parse = (body: unknown) => {
  const said = terra.parse(JSON.stringify(body));
  if (!said.ok) throw new Error(said.error);
  return said.value;
};
const metadata = {
  summary_id: "s-1",
  start_time: "2026-11-14T08:00:00.000000+01:00",
  end_time: "2026-11-14T09:00:00.000000+01:00",
  type: 1,
  upload_type: 1,
};
const read = (more: object = {}, rest: object = {}, provider: unknown = "GARMIN") => {
  const item = { provider, activity: { metadata: { ...metadata, ...more }, ...rest } };
  const draft = terra.normalise("activity", item, receivedMs);
  if (!draft.ok) throw new Error(draft.error);
  if (isRetractedDraft(draft.value)) throw new Error("retracted");
  return draft.value;
};
const fieldsOf = (...said: Parameters<typeof read>) => read(...said).fields;

describe("deliveries", () => {
  it("give each activity its user's account, and take along who recorded it", () => {
    const data = [{ metadata }, { metadata: { ...metadata, summary_id: "s-2" } }];
    const { items, unknown } = parse({ type: "activity", user, data, version: "2022-03-16" });
    expect(items.map(({ account, kind }) => [account, kind])).toEqual([
      ["u-1", "activity"],
      ["u-1", "activity"],
    ]);
    expect(items[1]?.body).toEqual({ provider: "GARMIN", activity: data[1] });
    expect(unknown).toBe(0);
  });

  it("without a user are counted and read by nobody", () => {
    expect(parse({ type: "activity", data: [{ metadata }, {}] })).toMatchObject({
      items: [],
      unknown: 2,
    });
    for (const odd of [null, 7, [], { user_id: 7 }, { user_id: "x".repeat(201) }])
      expect(parse({ type: "deauth", status: "success", user: odd }).ends).toEqual([]);
  });

  it("link an account by the word that its member was given, if it worked", () => {
    const links = [{ account: "u-1", by: { reference: "word-1" } }];
    expect(parse({ type: "auth", status: "success", user }).links).toEqual(links);
    for (const body of [
      { type: "auth", status: "error", user },
      { type: "auth", user },
      { type: "auth_cancelled", status: "error", reference_id: "word-1" },
    ])
      expect(parse(body).links ?? []).toEqual([]);
    const nameless = { ...user, reference_id: null };
    expect(parse({ type: "auth", status: "success", user: nameless }).links).toEqual([]);
  });

  it("say whose place an account takes", () => {
    const new_user = { ...user, user_id: "u-2" };
    const body = { type: "user_reauth", status: "warning", new_user };
    const formerly = [{ account: "u-2", by: { formerly: "u-1" } }];
    expect(parse({ ...body, old_user: user }).links).toEqual(formerly);
    const reference = [{ account: "u-2", by: { reference: "word-1" } }];
    for (const old_user of [null, undefined, new_user])
      expect(parse({ ...body, old_user }).links).toEqual(reference);
    expect(parse({ type: "user_reauth" })).toMatchObject({ links: [], grants: [] });
  });

  it("say that an account gives again, if it is linked anew and stays itself", () => {
    const body = { type: "user_reauth", status: "warning", new_user: user };
    const grants = [{ account: "u-1", saidMs: null }];
    for (const old_user of [user, null, undefined])
      expect(parse({ ...body, old_user }).grants).toEqual(grants);
    const old_user = { ...user, user_id: "u-0" };
    expect(parse({ ...body, old_user }).grants ?? []).toEqual([]);
  });

  it.each([
    ["activity:read", "", "ends"],
    ["sleep:read, activity:read", null, "ends"],
    ["activity sleep", null, "ends"],
    ["sleep:read,body:read", "", "nothing"],
    // As Garmin calls the permission to read them.
    ["ACTIVITY_EXPORT", "", "ends"],
    // Of whoever writes activities, or of another kind of data.
    ["activity:write", "", "nothing"],
    ["daily_activity", "", "nothing"],
    ["activity:read_all", "", "nothing"],
    ["", "daily_activity activity:write", "nothing"],
    ["activity:read", "activity:read", "grants"],
    ["", "activity:read,sleep:read", "grants"],
    [null, "activity", "grants"],
    ["sleep:read", "activity:read", "grants"],
    ["", "", "nothing"],
    [null, null, "nothing"],
  ])("of scopes %j taken and %j given: %s of the account's activities", (taken, given, says) => {
    const body = { type: "permission_change", user, scopes_removed: taken, scopes_added: given };
    const { ends = [], grants = [] } = parse(body);
    const why = "permission-withdrawn";
    expect(ends).toEqual(says === "ends" ? [{ account: "u-1", why, saidMs: null }] : []);
    expect(grants).toEqual(says === "grants" ? [{ account: "u-1", saidMs: null }] : []);
  });

  it("that only speak of deliveries, or of nothing known, are counted; no address is fetched", () => {
    for (const type of [
      "connection_error",
      "large_request_processing",
      "large_request_sending",
      "rate_limit_hit",
      "google_no_datasource",
      "healthcheck",
      "what_comes_next",
      "constructor",
    ])
      expect(parse({ type, user, status: "success" })).toEqual({
        items: [],
        notices: [],
        claims: [],
        unknown: 1,
      });
    const stored = { type: "s3_payload", status: "success", url: "https://example.org/x" };
    expect(parse(stored)).toMatchObject({ notices: [], items: [], unknown: 1 });
  });

  it("of other kinds feed the samples", () => {
    for (const type of terra.samples.kinds) {
      const { items, later } = parse({ type, user, data: [{ metadata: {} }, {}] });
      expect(items).toEqual([]);
      expect(later?.items.map(({ kind, account }) => [kind, account])).toEqual([
        [type, "u-1"],
        [type, "u-1"],
      ]);
    }
    const athlete = { type: "athlete", user, athlete: { age: 30 } };
    expect(parse(athlete).later?.items).toHaveLength(1);
    expect(parse({ type: "athlete", user, data: { age: 30 } }).later?.items).toHaveLength(1);
  });
});

describe("activities", () => {
  it("are read with all that they state", () => {
    const { fields, sourceId, revision, copyOf } = read(
      { name: "Around the lake", timestamp_localization: 1 },
      {
        active_durations_data: { activity_seconds: 3000.5 },
        calories_data: { total_burned_calories: 640.5, net_activity_calories: 560 },
        distance_data: {
          summary: { distance_meters: 24_600.25, elevation: { gain_actual_meters: 310 } },
          detailed: {
            elevation_samples: [{ timestamp: "2026-11-14T08:00:10+01:00", elev_meters: 410.5 }],
          },
        },
        device_data: { manufacturer: "Garmin", name: "Edge 540" },
        movement_data: { avg_speed_meters_per_second: 8.2 },
        heart_rate_data: {
          detailed: {
            hr_samples: [
              { timestamp: "2026-11-14T08:00:20+01:00", bpm: 131 },
              { timestamp: "2026-11-14T08:00:10+01:00", bpm: 128.4 },
              { timestamp: "2026-11-14T08:00:30", bpm: 131 },
              { timestamp: "2026-11-14T08:00:40+01:00", bpm: 0 },
              null,
            ],
          },
        },
        position_data: {
          position_samples: [
            { timestamp: "2026-11-14T08:00:10+01:00", coords_lat_lng_deg: [47.4, 8.5] },
            { timestamp: "2026-11-14T08:00:20+01:00", coords_lat_lng_deg: [47.5, 8.6] },
            { timestamp: "2026-11-14T08:00:30+01:00", coords_lat_lng_deg: [0, 0] },
            { timestamp: "2026-11-14T08:00:40+01:00", coords_lat_lng_deg: [8.6] },
          ],
        },
      },
    );
    const at = Date.UTC(2026, 10, 14, 7);
    expect([sourceId, revision, copyOf]).toEqual(["s-1", null, null]);
    expect(fields).toEqual({
      at,
      elapsedMs: 3_600_000,
      movingMs: 3_000_500,
      type: "cycling",
      originalType: null,
      distanceMm: 24_600_250,
      energyMcal: 640_500_000,
      elevationGainMm: 310_000,
      speedMmps: 8_200,
      offsetMin: 60,
      method: "device",
      deviceModel: "Garmin Edge 540",
      deviceName: null,
      app: "GARMIN",
      title: "Around the lake",
      notes: null,
      hasTrack: true,
      heartRateBy: "unknown",
      heartRate: [
        { t: at + 10_000, bpm: 128 },
        { t: at + 20_000, bpm: 131 },
      ],
      track: [
        { t: at + 10_000, lat: 47.4, lon: 8.5, alt: 410.5 },
        { t: at + 20_000, lat: 47.5, lon: 8.6 },
      ],
    });
    expect(shape.safeParse(stated(fields)).success).toBe(true);
  });

  it("that state next to nothing say so", () => {
    const { fields } = read({}, { calories_data: null, distance_data: { summary: null } });
    expect(fields).toMatchObject({
      movingMs: null,
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      speedMmps: null,
      hasTrack: null,
      heartRateBy: null,
      heartRate: null,
      track: null,
      deviceModel: null,
    });
  });

  it("take a zero for nothing measured, and never more moving than elapsed time", () => {
    const rest = {
      distance_data: { summary: { distance_meters: 0 } },
      calories_data: { total_burned_calories: 0, net_activity_calories: 55 },
      active_durations_data: { activity_seconds: 3602 },
    };
    const nearly = { active_durations_data: { activity_seconds: 3600.9 } };
    expect(fieldsOf({}, rest)).toMatchObject({
      distanceMm: null,
      energyMcal: 55_000_000,
      movingMs: null,
    });
    expect(fieldsOf({}, nearly)).toMatchObject({ movingMs: 3_600_000 });
  });

  it("say how they were recorded", () => {
    const device_data = { manufacturer: "Garmin", name: "Edge 540" };
    const method = (upload_type: unknown, rest: object = {}) =>
      fieldsOf({ upload_type }, rest).method;
    expect([0, 1, 2, 3, 5, 6].map((n) => method(n))).toEqual([
      "unknown",
      "device",
      "manual",
      "unknown",
      "unknown",
      "unknown",
    ]);
    expect([0, 1, 2, 3, 5, 6].map((n) => method(n, { device_data }))).toEqual([
      "device",
      "device",
      "manual",
      "device",
      "device",
      "unknown",
    ]);
  });

  it("keep to their owner what may be the name that a person gave", () => {
    const source = (device_data: object, provider: string | null = "GARMIN") => {
      const { deviceModel, deviceName } = fieldsOf({}, { device_data }, provider);
      return [deviceModel, deviceName];
    };
    expect(source({ manufacturer: "Garmin", name: "Garmin Edge 540" })).toEqual([
      "Garmin Edge 540",
      null,
    ]);
    expect(source({ name: "Somebody's watch" })).toEqual([null, "Somebody's watch"]);
    const phone = { manufacturer: "Apple", name: "Somebody's watch" };
    for (const store of ["APPLE", "GOOGLE", "SAMSUNG", "HEALTH_CONNECT", "HEALTHCONNECT"])
      expect(source(phone, store)).toEqual([null, "Somebody's watch"]);
    expect(source({}, null)).toEqual([null, null]);
  });

  it("marked for deletion are gone for good, whatever else they say", () => {
    const item = { provider: "GARMIN", activity: { metadata: { ...metadata, upload_type: 4 } } };
    expect(terra.normalise("activity", item, receivedMs)).toEqual({
      ok: true,
      value: { sourceId: "s-1", revision: Number.MAX_SAFE_INTEGER - 1, retracted: true },
    });
  });

  it("are read from what is kept of them as they were read at first", () => {
    const draft = read({ name: "x" }, { device_data: { name: "y" } }, "POLAR");
    const again = terra.again(draft.raw.column, JSON.parse(draft.raw.text));
    expect(again?.kind).toBe("activity");
    expect(terra.normalise("activity", again?.body, receivedMs)).toEqual({
      ok: true,
      value: draft,
    });
  });

  it("of more readings than a workout holds are refused", () => {
    const hr_samples = new Array(691_201).fill(null);
    const item = { activity: { metadata, heart_rate_data: { detailed: { hr_samples } } } };
    expect(terra.normalise("activity", item, receivedMs)).toEqual({
      ok: false,
      error: "too-many-samples",
    });
  });
});

const key = fc.constantFrom(
  ..."type user user_id provider data metadata start_time end_time summary_id upload_type activity device_data name distance_data detailed summary position_data position_samples coords_lat_lng_deg hr_samples heart_rate_data timestamp scopes_removed new_user old_user athlete sleep_durations_data hypnogram_samples level measurements".split(
    " ",
  ),
);
const odd = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom(null, 0, 8, -1, 1e300, "", "activity", "auth", "daily", true),
    fc.constantFrom("2026-11-14T08:00:00", "2026-11-14T08:00:00+01:00", "2026-11-15T08:00:00Z"),
    fc.double(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(key, fc.string()), tie("value"), { maxKeys: 6 }),
  ),
})).value;

describe("whatever comes", () => {
  it("nothing throws", () => {
    fc.assert(
      fc.property(odd, odd, fc.constantFrom(...terra.samples.kinds, "activity"), (a, b, kind) => {
        terra.parse(JSON.stringify(a) ?? "");
        terra.parse(JSON.stringify({ type: kind, user: { user_id: "u" }, data: b }));
        terra.parse(JSON.stringify({ type: "user_reauth", new_user: a, old_user: b }));
        terra.normalise("activity", a, receivedMs);
        terra.normalise("activity", { provider: a, activity: b }, receivedMs);
        terra.samples.read(kind, a, receivedMs);
        terra.reference.session.next("w", null, [
          { status: 200, body: JSON.stringify(b) ?? "", complete: true } as never,
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

const shape = workoutSchema.omit({ id: true, revision: true });
function stated(fields: object) {
  const ids = { member: "m", connection: "c", originId: "o", copyOf: null };
  return { ...fields, ...ids, provider: "terra" };
}

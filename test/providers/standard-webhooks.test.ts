import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activityTypes } from "../../domain/workouts/activity.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft } from "../../providers/provider.ts";
import {
  amounts,
  bpmMax,
  entriesMax,
  eventTypes,
  texts,
} from "../../providers/standard-webhooks/bounds.ts";
import { standardWebhooks } from "../../providers/standard-webhooks.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const at = Date.UTC(2026, 10, 14, 7);
const workout = {
  id: "w-1",
  revision: 3,
  startedAt: "2026-11-14T08:00:00+01:00",
  elapsedSeconds: 3600,
  type: "cycling",
};
const parse = (type: string, data: unknown, more: object = {}) =>
  standardWebhooks.parse(JSON.stringify({ type, data, ...more }));
const understood = (...said: Parameters<typeof parse>) => {
  const delivery = parse(...said);
  if (!delivery.ok) throw new Error(delivery.error);
  return delivery.value;
};
const normalise = (more: object, sender: unknown = null) =>
  standardWebhooks.normalise("workout", { sender, workout: { ...workout, ...more } }, receivedMs);
const read = (more: object, sender: unknown = null) => {
  const draft = normalise(more, sender);
  if (!draft.ok) throw new Error(draft.error);
  if (isRetractedDraft(draft.value)) throw new Error("retracted");
  return draft.value;
};
const fault = (more: object) => {
  const draft = normalise(more);
  return draft.ok ? null : draft.error;
};

describe("events", () => {
  it("of each type are what the page says they are", () => {
    const account = '[null,"u-7"]';
    const data = { account: "u-7" };
    expect(understood("account.linked", { ...data, reference: "word" }).links).toEqual([
      { account, by: { reference: "word" } },
    ]);
    expect(understood("account.ended", data).ends).toEqual([
      { account, why: "grant-ended", saidMs: null },
    ]);
    expect(understood("workouts.upserted", { ...data, workouts: [workout, 7] }).items).toEqual([
      { account, kind: "workout", body: { sender: null, workout } },
      { account, kind: "workout", body: { sender: null, workout: 7 } },
    ]);
    expect(understood("workouts.deleted", { ...data, ids: [{ id: "1" }] }).items).toEqual([
      { account, kind: "deleted", body: { sender: null, deleted: { id: "1" } } },
    ]);
    const samples = understood("samples.upserted", { ...data, samples: [{}] });
    expect(samples.items).toEqual([]);
    expect(samples.later?.items).toEqual([
      { account, kind: "sample", body: { sender: null, sample: {} } },
    ]);
  });

  it("of types to come are received and counted", () => {
    for (const type of ["goals.upserted", "constructor", "workouts.upserted.v2"])
      expect(understood(type, {})).toMatchObject({ items: [], unknown: 1 });
  });

  it("without data are none: a workout sent by itself is not lost in silence", () => {
    for (const data of [7, null, []])
      expect(parse("goals.upserted", data)).toMatchObject({ error: "not-understood" });
    const bare = { id: "r", revision: 1, startedAt: "2026-11-01T09:00:00Z", type: "running" };
    expect(standardWebhooks.parse(JSON.stringify(bare))).toMatchObject({ error: "not-understood" });
  });

  it("may say which edition they are of, and are not guessed at when it is another", () => {
    expect(parse("account.ended", { account: "u" }, { version: 1 }).ok).toBe(true);
    for (const version of [0, 2, "1", {}])
      expect(parse("account.ended", { account: "u" }, { version })).toMatchObject({
        error: "not-understood",
      });
  });

  it("say when an account ended, by the time that they were made at", () => {
    const saidAt = (timestamp: unknown) =>
      understood("account.ended", { account: "u" }, { timestamp }).ends?.[0]?.saidMs;
    expect(saidAt("2026-11-14T08:00:00.250+01:00")).toBe(at + 250);
    expect(saidAt("2026-11-14T07:00:00Z")).toBe(at);
    for (const odd of [null, "", 7, at, "2026-11-14", "2026-11-14T08:00:00", "yesterday", {}])
      expect(saidAt(odd)).toBeNull();
  });

  it("hold so many entries and no more", () => {
    for (const [type, list] of [
      ["workouts.upserted", "workouts"],
      ["workouts.deleted", "ids"],
      ["samples.upserted", "samples"],
    ] as const) {
      const most = entriesMax[type] ?? 0;
      expect(most).toBeGreaterThan(0);
      const full = { account: "u", [list]: new Array(most).fill({}) };
      expect(parse(type, full).ok).toBe(true);
      expect(parse(type, { account: "u", [list]: new Array(most + 1).fill({}) }).ok).toBe(false);
      expect(parse(type, { account: "u", [list]: {} }).ok).toBe(false);
      expect(parse(type, { account: "u" }).ok).toBe(false);
    }
  });
});

describe("accounts and ids", () => {
  it("of senders that share a key never read alike", () => {
    const name = fc.oneof(
      fc.constant(null),
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
    );
    const word = fc.string({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(name, word, name, word, (sender, account, other, theirs) => {
        const accountOf = (who: string | null, whose: string) =>
          understood("account.ended", { sender: who, account: whose }).ends?.[0]?.account;
        const alike = accountOf(sender, account) === accountOf(other, theirs);
        expect(alike).toBe(sender === other && account === theirs);
      }),
    );
  });

  it("are within their sender, also where one names another as its original", () => {
    const ours = { provider: "standard-webhooks", id: 12 };
    expect(read({}).sourceId).toBe("w-1");
    expect(read({ id: 12 }, "acme").sourceId).toBe('["acme","12"]');
    expect(read({ copyOf: ours }, "acme").copyOf).toEqual({
      provider: "standard-webhooks",
      sourceId: '["acme","12"]',
    });
    const theirs = { provider: "suunto", id: "67604889401b942184624cb8" };
    expect(read({ copyOf: theirs }, "acme").copyOf).toEqual({
      provider: "suunto",
      sourceId: theirs.id,
    });
    for (const copyOf of [7, {}, { provider: "Suunto", id: "1" }, { provider: "suunto", id: "" }])
      expect(fault({ copyOf })).toBe("bad-copy-of");
  });
});

describe("workouts", () => {
  it("are read with all that they state", () => {
    const said = {
      endedAt: "2026-11-14T09:00:00.250+01:00",
      elapsedSeconds: 3600,
      movingSeconds: 3000.5,
      originalType: "Gravel",
      distanceMeters: 24_600.25,
      energyKilocalories: 640.5,
      elevationGainMeters: 310,
      averageSpeedMetersPerSecond: 8.2,
      method: "device",
      deviceModel: "Edge 540",
      deviceName: "Blue bike",
      app: "com.example.rides",
      title: "Around the lake",
      notes: "Windy",
      heartRateSensor: "strap",
      heartRate: [
        { t: "2026-11-14T08:00:20+01:00", bpm: 131.4 },
        { t: at + 10_000, bpm: 128 },
      ],
      track: [
        { t: at, lat: 0, lon: 0 },
        { t: at + 10_000, lat: 47.4, lon: 8.5, alt: 410.5 },
        { t: at + 20_000, lat: 47.5, lon: 8.6, alt: null },
      ],
      colour: "fields that nobody knows are left alone",
    };
    const { fields, revision, sourceId } = read(said);
    expect([sourceId, revision]).toEqual(["w-1", 3]);
    expect(fields).toEqual({
      at,
      elapsedMs: 3_600_250,
      movingMs: 3_000_500,
      type: "cycling",
      originalType: "Gravel",
      distanceMm: 24_600_250,
      energyMcal: 640_500_000,
      elevationGainMm: 310_000,
      speedMmps: 8_200,
      offsetMin: 60,
      method: "device",
      deviceModel: "Edge 540",
      deviceName: "Blue bike",
      app: "com.example.rides",
      title: "Around the lake",
      notes: "Windy",
      hasTrack: true,
      heartRateBy: "strap",
      heartRate: [
        { t: at + 10_000, bpm: 128 },
        { t: at + 20_000, bpm: 131 },
      ],
      track: [
        { t: at + 10_000, lat: 47.4, lon: 8.5, alt: 410.5 },
        { t: at + 20_000, lat: 47.5, lon: 8.6 },
      ],
    });
    expect(isOfTheSchema(fields)).toBe(true);
  });

  it("that state only what they must are of nothing else", () => {
    expect(read({ title: "", heartRate: null, track: [] }).fields).toMatchObject({
      movingMs: null,
      distanceMm: null,
      method: "unknown",
      title: null,
      hasTrack: false,
      heartRateBy: null,
      heartRate: null,
      track: null,
    });
    expect(read({}).fields).toMatchObject({ hasTrack: null });
  });

  it("go by every word of our own, and keep any other", () => {
    for (const type of activityTypes) expect(read({ type }).fields).toMatchObject({ type });
    expect(read({ type: "constructor" }).fields).toMatchObject({
      type: "other",
      originalType: "constructor",
    });
    expect(read({ type: "bog", originalType: "Bog Snorkelling" }).fields).toMatchObject({
      type: "other",
      originalType: "Bog Snorkelling",
    });
  });

  it("are ordered by a revision or by when they were changed", () => {
    expect(read({ revision: 0 }).revision).toBe(0);
    const changed = { revision: null, updatedAt: "2026-11-14T10:00:00.123Z" };
    expect(read(changed).revision).toBe(Date.UTC(2026, 10, 14, 10, 0, 0, 123));
    expect(read({ ...changed, revision: 9 }).revision).toBe(9);
    expect(fault({ revision: -1 })).toBe("bad-revision");
    expect(fault({ revision: null, updatedAt: "yesterday" })).toBe("bad-updated-at");
    expect(fault({ revision: null, updatedAt: "2031-01-01T00:00:00Z" })).toBe("bad-updated-at");
  });

  it.each(Object.entries(amounts))("%s is taken up to its bound, and refused beyond", (name, b) => {
    const within = { elapsedSeconds: 691_200, [name]: b.max };
    expect(isOfTheSchema(read(within).fields)).toBe(true);
    for (const v of [b.max * 1.001, -0.001, "1", true, [1], Number.NaN])
      expect(fault({ [name]: v })).toBe(b.fault);
    expect(fault({ [name]: null, endedAt: "2026-11-14T08:30:00+01:00" })).toBe(
      name === "elapsedSeconds" ? null : "bad-elapsed",
    );
  });

  it.each(Object.entries(texts))("%s is taken up to its length, and refused beyond", (name, b) => {
    const within = { [name]: "é".repeat(b.charsMax) };
    expect(isOfTheSchema(read(within).fields)).toBe(true);
    for (const v of ["x".repeat(b.charsMax + 1), 7, {}, false])
      expect(fault({ [name]: v })).toBe(b.fault);
  });

  it.each<[string, object]>([
    ["bad-method", { method: "telepathy" }],
    ["bad-heart-rate-sensor", { heartRateSensor: "toe" }],
    ["bad-zone", { zone: "Mars/Olympus" }],
    ["bad-zone", { zone: "+02:00" }],
    ["bad-zone", { zone: 60 }],
    ["bad-end", { endedAt: "later" }],
    ["no-duration", { endedAt: "2026-11-14T07:00:00+01:00", elapsedSeconds: null }],
    ["no-duration", { elapsedSeconds: 0 }],
    ["bad-moving", { movingSeconds: 3602 }],
    ["bad-heart-rate", { heartRate: {} }],
    ["bad-heart-rate", { heartRate: [{ t: at, bpm: bpmMax + 1 }] }],
    ["bad-heart-rate", { heartRate: [{ t: at, bpm: 0 }] }],
    ["bad-heart-rate", { heartRate: [{ t: "2026-11-14T08:00:00", bpm: 80 }] }],
    ["bad-heart-rate", { heartRate: [{ t: 1.5, bpm: 80 }] }],
    ["bad-heart-rate", { heartRate: [null] }],
    ["bad-heart-rate", { heartRate: [{ t: receivedMs * 2, bpm: 80 }] }],
    ["bad-track", { track: "polyline" }],
    ["bad-track", { track: [{ t: at, lat: 91, lon: 0 }] }],
    ["bad-track", { track: [{ t: at, lat: 1, lon: -181 }] }],
    ["bad-track", { track: [{ t: at, lat: 1 }] }],
    ["bad-track", { track: [{ t: at, lat: 1, lon: 1, alt: 100_001 }] }],
    ["too-many-samples", { track: new Array(691_201) }],
    ["no-id", { id: "" }],
    ["no-id", { id: "x".repeat(201) }],
    ["no-id", { id: 1.5 }],
  ])("%s for one whose field is out of its form", (slug, more) => {
    expect(fault(more)).toBe(slug);
  });

  it("name the first field that is wrong, and say nothing of its content", () => {
    expect(fault({ distanceMeters: -1, title: 7 })).toBe("bad-distance");
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), (text) => {
        expect(fault({ startedAt: text, method: text })).toMatch(/^(no-start|no-zone)$/);
      }),
    );
  });

  it("that are bad leave the others alone", () => {
    const { items } = understood("workouts.upserted", {
      account: "u",
      workouts: [workout, { ...workout, id: "w-2", track: 7 }, { ...workout, id: "w-3" }],
    });
    const said = items.map(({ kind, body }) => standardWebhooks.normalise(kind, body, receivedMs));
    expect(said.map((draft) => (draft.ok ? draft.value.sourceId : draft.error))).toEqual([
      "w-1",
      "bad-track",
      "w-3",
    ]);
  });

  it("are read from what is kept of them as they were read at first", () => {
    const draft = read({ title: "x", copyOf: { provider: "polar", id: "aQlC83" } }, "acme");
    const again = standardWebhooks.again(draft.raw.column, JSON.parse(draft.raw.text));
    expect(standardWebhooks.normalise(again?.kind ?? "", again?.body, receivedMs)).toEqual({
      ok: true,
      value: draft,
    });
  });

  it("are retracted by a revision, which a newer one outranks", () => {
    const gone = (deleted: unknown) =>
      standardWebhooks.normalise("deleted", { sender: null, deleted }, receivedMs);
    expect(gone({ id: "w-1", revision: 4 })).toEqual({
      ok: true,
      value: { sourceId: "w-1", revision: 4, retracted: true },
    });
    expect(gone({ id: "w-1" })).toMatchObject({ error: "no-revision" });
    expect(gone({ revision: 1 })).toMatchObject({ error: "no-id" });
    expect(gone("w-1")).toMatchObject({ error: "not-an-object" });
  });
});

const key = fc.constantFrom(
  ..."id revision updatedAt startedAt endedAt elapsedSeconds movingSeconds type distanceMeters zone track heartRate copyOf provider t lat lon alt bpm sender account workouts ids samples workout deleted sample value unit startDate stage".split(
    " ",
  ),
);
const odd = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom(null, 0, 1, -1, 1e300, "", "cycling", "weight", "kg", "Europe/Zurich", true),
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
      fc.property(odd, odd, fc.constantFrom(...eventTypes), (a, b, type) => {
        standardWebhooks.parse(JSON.stringify(a) ?? "");
        parse(type, a);
        parse(type, { account: "u", workouts: a, ids: a, samples: a, sender: b });
        for (const kind of ["workout", "deleted", "sample"]) {
          standardWebhooks.normalise(kind, a, receivedMs);
          standardWebhooks.normalise(kind, { sender: b, [kind]: a }, receivedMs);
          standardWebhooks.samples.read(kind, a, receivedMs);
          standardWebhooks.samples.read(kind, { sender: b, [kind]: a }, receivedMs);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("what is taken stands within the schema: nothing that passes here is parked later", () => {
    const field = fc.constantFrom(...Object.keys(amounts), ...Object.keys(texts), "track", "zone");
    fc.assert(
      fc.property(fc.dictionary(field, odd, { maxKeys: 3 }), (more) => {
        const draft = normalise({ endedAt: "2026-11-14T09:00:00+01:00", ...more });
        if (!draft.ok || isRetractedDraft(draft.value)) return;
        expect(isOfTheSchema(draft.value.fields)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function isOfTheSchema(fields: object): boolean {
  const ids = { member: "m", connection: "c", originId: "o", copyOf: null };
  const shape = workoutSchema.omit({ id: true, revision: true });
  return shape.safeParse({ ...fields, ...ids, provider: "standard-webhooks" }).success;
}

/** Whatever a bridge or anybody else with a key posts is read or refused, and never throws. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../../domain/workouts/schema.ts";
import { healthConnect } from "../../../providers/health-connect.ts";
import { isRetractedDraft } from "../../../providers/provider.ts";
import { recordsOf } from "../../../providers/samples.ts";
import { hostile, hostileValues, spoilt } from "../hostile.ts";
import { dumped, hook, metadata, receivedMs, session } from "./bodies.ts";

const read = (said: object) => {
  const result = healthConnect.normalise("session", said, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const parsed = (body: unknown) => healthConnect.parse(JSON.stringify(body));

describe("whatever comes", () => {
  const lists = ["exercise", "records", "upsertionChanges", "deletionChanges", "steps"];
  const wholes = [session, hook, dumped].flatMap((whole) =>
    [...Object.keys(whole), "startZoneOffset", "exerciseRouteResult"].map(
      (field) => [whole, field] as const,
    ),
  );

  it("is read or refused, and never throws", () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("NaN", "Infinity", "\ud800", "__proto__", 1e308, -0, {}, [[[[[]]]]]),
    );
    const list = fc.constantFrom(...lists);
    const whole = fc.constantFrom(...wholes);
    const meta = fc.constantFrom(...Object.keys(metadata), "data_origin");
    const kind = fc.constantFrom(...healthConnect.samples.kinds);
    fc.assert(
      fc.property(
        odd,
        fc.string(),
        list,
        whole,
        meta,
        kind,
        (json, text, list, whole, meta, kind) => {
          healthConnect.parse(text);
          healthConnect.parse(JSON.stringify(json));
          parsed({ [list]: json, recordType: json });
          parsed({ [list]: [json, { record: json, recordId: json, recordType: json }] });
          for (const of of ["session", "deleted"]) healthConnect.normalise(of, json, receivedMs);
          const [said, field] = whole;
          healthConnect.normalise("session", { ...said, [field]: json }, receivedMs);
          const odder = { ...session, metadata: { ...metadata, [meta]: json } };
          healthConnect.normalise("session", odder, receivedMs);
          healthConnect.samples.read(kind, json, receivedMs);
          healthConnect.samples.read(kind, [json, { samples: json, stages: json }], receivedMs);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("even what only malice writes", () => {
    const times = { start_time: hook.start_time, end_time: hook.end_time };
    const night = [{ stages: [{ stage: 5, ...times }] }];
    const record = { ...session, samples: [{ time: hook.start_time, beatsPerMinute: 70 }] };
    const kind = fc.constantFrom(...healthConnect.samples.kinds);
    fc.assert(
      fc.property(
        fc.oneof(...[session, hook, dumped].map(spoilt), hostile),
        fc.oneof(...[night, [times], record].map(spoilt)),
        kind,
        (said, item, kind) => {
          for (const of of ["session", "deleted"]) healthConnect.normalise(of, said, receivedMs);
          healthConnect.samples.read(kind, item, receivedMs);
          healthConnect.samples.read("sleep", item, receivedMs);
        },
      ),
    );
    for (const stage of hostileValues) {
      const night = [{ stages: [{ stage, ...times }] }];
      const read = healthConnect.samples.read("sleep", night, receivedMs);
      const drafts = read.ok ? read.value : [];
      expect(recordsOf(drafts, healthConnect.name, [], receivedMs)).toEqual([
        { ok: false, error: "not-a-number" },
      ]);
    }
  });

  it("nested deeper than can be written again is refused", () => {
    let deep: unknown = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    const result = healthConnect.normalise("session", { ...session, laps: deep }, receivedMs);
    expect(result).toEqual({ ok: false, error: "too-deep" });
  });

  it("gives fields that a workout may have", () => {
    const fact = workoutSchema.omit({
      id: true,
      revision: true,
      member: true,
      connection: true,
      provider: true,
      originId: true,
      copyOf: true,
    });
    for (const said of [session, hook, dumped])
      expect(fact.safeParse(read(said).fields).error).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMetric } from "../../../domain/samples/metrics.ts";
import { batchSamplesMax, recordOutcomes } from "../../../domain/samples/sample.ts";
import { appleHealth, workoutsABodyMax } from "../../../providers/apple-health.ts";
import { readSync } from "../../../providers/sync/body.ts";
import { faultMessage, type SampleFault, sampleFaults } from "../../../providers/sync/faults.ts";
import { hostileValues, spoilt, spoiltOf, written } from "../hostile.ts";
import { nowMs, type Said, steps } from "./said.ts";

const read = (text: string) => {
  const result = readSync(text, nowMs);
  if (!result.ok) return result.error;
  const { rest, samples } = result.value;
  return { rest, samples: samples.map((one) => (one.ok ? one.value.metric : one.error)) };
};
const said = JSON.stringify(steps);
const withField = (name: string, value: string) => said.replace(/}$/, `,"${name}":${value}}`);
const valued = (value: string) => said.replace('"value":66', `"value":${value}`);

describe("the body of a sync", () => {
  test("gives each sample in its order, and the rest as the workouts' reader takes it", () => {
    const workouts = [{ uuid: "801B68D7-F4AA-4A23-BD26-A3BA1BA6B08D" }];
    const rest = { device: { model: "iPhone17,1" }, workouts, deleted: [] };
    const body = { ...rest, samples: [steps, 5, { ...steps, type: "mood" }, steps] };
    const result = read(JSON.stringify(body));
    expect(result).toEqual({ rest, samples: ["steps", "not-an-object", "unknown-type", "steps"] });
    const parsed = appleHealth.parse(JSON.stringify(rest));
    expect(parsed.ok && parsed.value.items).toHaveLength(1);
  });

  test("has no rest where samples are all there is", () => {
    expect(read(`{"device":{},"samples":[${said}]}`)).toEqual({ rest: null, samples: ["steps"] });
    expect(read('{"samples":[]}')).toEqual({ rest: null, samples: [] });
  });

  test("has no samples where none are named", () => {
    for (const text of ['{"workouts":[]}', '{"workouts":[],"samples":null}'])
      expect(read(text)).toEqual({ rest: { workouts: [] }, samples: [] });
    expect(read("{}")).toEqual({ rest: {}, samples: [] });
  });

  test.each([
    ["not-json", ""],
    ["not-json", '{"samples":['],
    ["not-an-object", "[]"],
    ["not-an-object", "null"],
    ["no-list", '{"samples":{}}'],
    ["no-list", '{"samples":"x"}'],
    ["twofold-samples", `{"samples":[],"samples":[${said}]}`],
    ["twofold-workouts", '{"workouts":[],"workouts":[],"samples":[]}'],
    ["twofold-deleted", '{"samples":[],"deleted":[{"a":1,"a":2}]}'],
    ["twofold-device", `{"samples":[${said}],"device":{"model":1,"model":2}}`],
    ["twofold-name", '{"samples":[],"mood":1,"mood":2}'],
    ["twofold-name", '{"samples":[],"name":1,"name":2}'],
    ["too-deep", `{"samples":[${withField("metadata", "[".repeat(70) + "]".repeat(70))}]}`],
  ])("is %s as a whole: %j", (fault, text) => {
    expect(read(text)).toBe(fault);
  });

  test("takes as many samples as its bound, and no more", () => {
    const batch = (n: number) => `{"samples":[${Array(n).fill("0").join(",")}]}`;
    expect(read(batch(batchSamplesMax))).toMatchObject({ rest: null });
    expect(read(batch(batchSamplesMax + 1))).toBe("too-many-samples");
  });

  test.each(["workouts", "deleted"])("takes as many %s as theirs, and no more", (list) => {
    const batch = (n: number) => `{"${list}":[${Array(n).fill("0").join(",")}],"samples":[]}`;
    expect(read(batch(workoutsABodyMax))).toMatchObject({ samples: [] });
    expect(read(batch(workoutsABodyMax + 1))).toBe(`too-many-${list}`);
  });
});

describe("one bad sample", () => {
  const digits = "9".repeat(1_000_000);
  test.each<[SampleFault, string]>([
    ["duplicate-key", withField("value", "67")],
    ["duplicate-key", withField("metadata", '{"version":1,"version":2}')],
    ["duplicate-key", withField("metadata", '{"a":[{"x":1,"x":1}]}')],
    ["not-a-number", valued("NaN")],
    ["not-a-number", valued("Infinity")],
    ["not-a-number", valued("-Infinity")],
    ["impossible-value", valued(digits)],
    ["impossible-value", valued(`-${digits}`)],
    ["impossible-value", valued("1e999")],
    ["not-an-object", "null"],
    ["not-an-object", `[${said}]`],
    ["not-an-object", '[{"a":1,"a":2}]'],
    ["unknown-type", "{}"],
    ["unknown-type", '{"__proto__":{"type":"steps"}}'],
  ])("has the code %s and sinks no other", (code, bad) => {
    expect(read(`{"samples":[${said},${bad},${said}]}`)).toEqual({
      rest: null,
      samples: ["steps", code, "steps"],
    });
  });

  test("has a million digits behind the point like any other number", () => {
    expect(read(`{"samples":[${valued(`66.${digits}`)}]}`)).toMatchObject({ samples: ["steps"] });
  });
});

describe("whatever a sample says", () => {
  const isAnswer = (word: string) => isMetric(word) || Object.hasOwn(sampleFaults, word);
  const holds = (samples: readonly unknown[]) => {
    const result = read(written({ samples }));
    // Nested so deep that it is no body.
    if (result === "too-deep") return;
    if (typeof result === "string") throw new Error(result);
    expect(result.samples).toHaveLength(samples.length);
    expect(result.samples.filter((word) => !isAnswer(word))).toEqual([]);
  };
  const whole: Said = {
    ...steps,
    metadata: { HKMetadataKeySyncIdentifier: "a", HKMetadataKeySyncVersion: 1, version: 1 },
    deleted: false,
  };

  test("with any one value spoilt it is a record or has a code", () => {
    for (const one of spoiltOf(whole)) holds([one, steps]);
    for (const one of hostileValues) holds([steps, one]);
  });

  test("with several spoilt, or of any shape, each of a batch is a record or has a code", () => {
    const field = fc.constantFrom(...Object.keys(whole));
    const shape = fc.dictionary(field, fc.jsonValue({ maxDepth: 3 }));
    const mixed = fc.oneof(spoilt(whole), shape, fc.jsonValue({ maxDepth: 3 }), fc.constant(steps));
    fc.assert(fc.property(fc.array(mixed, { maxLength: 6 }), holds));
  });

  test("as text of any kind it is read or refused, and never thrown over", () => {
    const text = fc.oneof(
      fc.string(),
      fc.json().map((json) => `{"samples":[${json}]}`),
    );
    fc.assert(
      fc.property(text, (any) => {
        const result = readSync(any, nowMs);
        expect(typeof result.ok).toBe("boolean");
      }),
    );
  });
});

describe("the codes of what was not taken", () => {
  test("are slugs, each with one sentence of its own", () => {
    const codes = Object.keys(sampleFaults) as SampleFault[];
    expect(new Set(codes.map(faultMessage)).size).toBe(codes.length);
    for (const code of codes) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(faultMessage(code)).toMatch(/^\S.*\.$/);
    }
  });

  test("cover what the vault refuses", () => {
    const refused = recordOutcomes.filter((outcome) => Object.hasOwn(sampleFaults, outcome));
    expect(refused).toEqual(["forgotten", "not-your-device", "too-many-in-a-day"]);
  });
});

import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { exportFormats } from "../../../domain/export-ports.ts";
import { contentOf, exported, linesOf } from "../export-home.ts";
import { day, dayMs, home, hourMs, merge, named, reading, steps, value, watch } from "./home.ts";

test("a member takes every sample with them, once, as it stands", async () => {
  const at = await home();
  const night = {
    ...reading("sleep", 0, 0, { id: "n" }),
    samples: [
      { ...value(dayMs, 2 * hourMs, 2 * hourMs), stage: "deep" as const },
      { ...value(dayMs + 2 * hourMs, hourMs, hourMs), stage: "awake" as const },
    ],
  };
  const beats = Array.from({ length: 30 }, (_, d) =>
    Array.from({ length: 400 }, (_, n) =>
      reading("heart_rate", d * 24 * 60 + n, 60_500, { id: `b ${d} ${n}` }),
    ),
  ).flat();
  await merge(at, watch, [night, steps(0, 100, { app: "Wrist" }), steps(1, 9, { id: "x" })]);
  await merge(at, watch, [
    steps(0, 120, { app: "Wrist" }),
    { ...steps(1, 9, { id: "x" }), gone: true },
  ]);
  for (let n = 0; n < beats.length; n += 4_000) await merge(at, watch, beats.slice(n, n + 4_000));
  const status = await exported(at.vault, at.member, [[]], exportFormats, at.now());
  const of = async (stem: string, extension: string) => {
    const names = status.files
      .map(({ name }) => name)
      .filter((name) => name.startsWith(`${stem}-`) && name.endsWith(`.${extension}`));
    expect(names.length, stem).toBeGreaterThan(0);
    return Promise.all(names.map((name) => contentOf(at.vault, at.member, status, name, at.now())));
  };
  const lines = (await of("samples", "ndjson")).flatMap(linesOf);
  expect(lines).toHaveLength(beats.length + 3);
  const device = await named(at).device("W-1");
  const start = `${day}T00:00:00.000Z`;
  expect(lines.filter(({ type }) => type === "steps")).toEqual([
    {
      ...{ type: "steps", start, end: `${day}T00:01:00.000Z`, value: 120, unit: "1" },
      ...{ stage: null, device, app: "Wrist" },
    },
  ]);
  const tables = await Promise.all(
    (await of("samples", "parquet")).map((file) =>
      parquetReadObjects({ file: new Uint8Array(file).buffer }),
    ),
  );
  expect(tables.flat()).toHaveLength(lines.length);
  expect(tables.flat().find(({ type }) => type === "heart_rate")).toMatchObject({
    ...{ start_ms: BigInt(dayMs), value: 60.5, unit: "/min", device },
  });
  const bundles = (await of("fhir", "ndjson")).flatMap(linesOf);
  const observations = bundles.flatMap(({ entry }) =>
    entry.map((one: { resource: object }) => one.resource).slice(1),
  );
  expect(observations).toHaveLength(lines.length - 1);
  expect(observations.find(({ method }) => method !== undefined)).toMatchObject({
    code: { coding: [{ system: "http://loinc.org", code: "93832-4" }] },
    effectivePeriod: { start, end: `${day}T02:00:00.000Z` },
    valueQuantity: { value: 7_200, code: "s" },
    method: { text: "deep" },
  });
  const [profile] = (await of("profile", "json")).map((file) => JSON.parse(file.toString()));
  expect(profile.samples.devices).toMatchObject([{ id: device, kind: "watch" }]);
});

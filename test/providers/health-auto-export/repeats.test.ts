/**
 * One workout posted again and again, by automations that tell more of it or less: whatever comes in
 * which order and however often, what was said once is kept.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { accept } from "../../../kernel/accept.ts";
import { healthAutoExport } from "../../../providers/health-auto-export.ts";
import { isRetractedDraft } from "../../../providers/provider.ts";
import { MemoryWorld } from "../../kernel/memory-world.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const whole = {
  id: "6B0E2C1A-5C7D-4F0B-9A4E-0D8E5B7C3A21",
  name: "Outdoor Run",
  start: "2026-11-14 08:00:00 +0100",
  end: "2026-11-14 09:00:30 +0100",
  duration: 3500.25,
  distance: { qty: 5, units: "km" },
  activeEnergyBurned: { qty: 640.5, units: "kcal" },
  totalEnergy: { qty: 720, units: "kcal" },
  elevationUp: { qty: 84.2, units: "m" },
  heartRateData: [
    { date: "2026-11-14 08:01:00 +0100", Avg: 124 },
    { date: "2026-11-14 08:02:00 +0100", Avg: 131 },
  ],
  route: [{ latitude: 52.5, longitude: 13.4, timestamp: "2026-11-14 08:00:02 +0100" }],
};
type Posted = Readonly<Record<string, unknown>>;

function draftOf(workout: Posted) {
  const draft = healthAutoExport.normalise("workout", workout, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error("not read");
  return draft.value;
}
const revisionOf = (over: object): number => draftOf({ ...whole, ...over }).revision ?? -1;

/** What is open in the end, and of each sealed column what its greatest revision said. */
async function keptOf(posted: readonly Posted[]) {
  const world = new MemoryWorld();
  const columns = new Map<string, { readonly revision: number; readonly value: string | null }>();
  const { vault } = world.ports;
  const seal: typeof vault.seal = (member, connection, rows) => {
    for (const row of rows)
      for (const [column, value] of Object.entries(row.columns))
        if (row.revision >= (columns.get(column)?.revision ?? 0))
          columns.set(column, { revision: row.revision, value });
    return vault.seal(member, connection, rows);
  };
  const origin = {
    member: "m_1" as MemberId,
    connection: "c_1" as ConnectionId,
    provider: healthAutoExport.name,
    account: "hash",
  };
  const ports = { ...world.ports, vault: { ...vault, seal } };
  for (const workout of posted)
    await accept(ports, workouts, origin, [draftOf(workout)], [], () => "");
  const [resolved, ...more] = world.store.resolvedIn({ fromMs: 0, toMs: receivedMs }, 0);
  expect(more).toEqual([]);
  // Of two slices that are read alike the later is kept.
  columns.delete("raw");
  const sealed = [...columns].map(([column, { value }]) => [column, value] as const);
  return { resolved: resolved as ResolvedWorkout, sealed: Object.fromEntries(sealed) };
}

const without = (...names: string[]): Posted =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name)));
const optional = [
  "duration",
  "distance",
  "activeEnergyBurned",
  "totalEnergy",
  "elevationUp",
  "heartRateData",
  "route",
];
const poorer = fc.subarray(optional).map((names) => without(...names));

it.each([
  ["heart rate and route", ["heartRateData", "route"]],
  ["the distance", ["distance"]],
  ["what was burned", ["activeEnergyBurned", "totalEnergy"]],
])("without %s, and with it again, it is what it was", async (_, names) => {
  const alone = await keptOf([whole]);
  expect(alone.resolved.distance?.value).toBe(5_000_000);
  expect(JSON.parse(alone.sealed.heart_rate ?? "null")).toHaveLength(2);
  const bare = without(...names);
  for (const order of [
    [whole, bare],
    [bare, whole],
    [whole, bare, whole],
    [bare, whole, bare, bare],
  ])
    expect(await keptOf(order)).toEqual(alone);
});

it("ends with every value that the whole one has, whatever poorer ones come and when", async () => {
  const alone = await keptOf([whole]);
  await fc.assert(
    fc.asyncProperty(fc.array(poorer, { maxLength: 5 }), fc.nat(5), async (others, at) => {
      expect(await keptOf(others.toSpliced(at, 0, whole))).toEqual(alone);
    }),
    { numRuns: 60 },
  );
});

it("ends the same in any order and repetition, with readings from whichever has them", async () => {
  const few = fc.array(poorer, { minLength: 2, maxLength: 4 });
  const turns = fc.infiniteStream(fc.nat());
  await fc.assert(
    fc.asyncProperty(few, turns, async (posted, turns) => {
      const order = [...turns.take(6)].map((n) => posted[n % posted.length] as Posted);
      const one = await keptOf(posted);
      expect(await keptOf([...order, ...posted])).toEqual(one);
      expect(await keptOf([...posted].reverse())).toEqual(one);
      const isSaid = (field: string) => posted.some((each) => each[field] !== undefined);
      for (const [field, column] of [
        ["heartRateData", "heart_rate"],
        ["route", "track"],
      ] as const)
        expect(Boolean(one.sealed[column])).toBe(isSaid(field));
      expect(one.resolved.distance?.value ?? null).toBe(isSaid("distance") ? 5_000_000 : null);
    }),
    { numRuns: 60 },
  );
});

it("of two that say as much, the one with more readings stands, then the longer one", () => {
  const [first] = whole.heartRateData;
  const more = [...whole.route, { ...whole.route[0], timestamp: "2026-11-14 08:00:03 +0100" }];
  const is = revisionOf({});
  expect(revisionOf({ name: "Corsa all’aperto", distance: { qty: 5000, units: "m" } })).toBe(is);
  expect(revisionOf({ heartRateData: [first] })).toBeLessThan(is);
  expect(revisionOf({ route: more })).toBeGreaterThan(is);
  expect(revisionOf({ distance: { qty: 5.1, units: "km" } })).toBeGreaterThan(is);
  expect(revisionOf({ distance: { qty: 5.1, units: "km" }, heartRateData: [first] })).toBeLessThan(
    is,
  );
  expect(revisionOf({ activeEnergyBurned: null })).toBeLessThan(is);
  expect(revisionOf({ name: "Плавание" })).toBeLessThan(is);
});

it("however much it says, it can still be told from what says more", () => {
  const beats = Array.from({ length: 691_200 }, (_, i) => ({
    date: new Date(Date.UTC(2026, 10, 10) + i * 1000).toISOString(),
    Avg: 120,
  }));
  const start = "2026-11-10 00:00:00 +0000";
  const end = "2026-11-18 00:00:00 +0000";
  const most = revisionOf({
    start,
    end,
    heartRateData: beats,
    distance: { qty: 9000, units: "km" },
  });
  expect(Number.isSafeInteger(most)).toBe(true);
  const fewer = revisionOf({ start, end, heartRateData: beats.slice(1) });
  expect(most).toBeGreaterThan(fewer);
});

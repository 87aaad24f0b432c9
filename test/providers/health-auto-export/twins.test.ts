/**
 * One workout under two ids, in two variants: as captured, each has what the other lacks, zeros stand
 * where nothing was measured, and `isIndoor` and the labels contradict. They end as one workout, and
 * so does what the member's own app sends of it by the other door.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { accept } from "../../../kernel/accept.ts";
import { appleHealth } from "../../../providers/apple-health.ts";
import { healthAutoExport } from "../../../providers/health-auto-export.ts";
import type { Provider } from "../../../providers/provider.ts";
import { MemoryWorld } from "../../kernel/memory-world.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const times = {
  start: "2026-10-03 18:30:12 +0200",
  end: "2026-10-03 19:40:02 +0200",
  duration: 4190.412_345_678_9,
};
const zero = (units: string) => ({ qty: 0, units });

interface Sport {
  readonly name: string;
  readonly family: string;
  readonly rich: object;
  readonly plain: object;
  readonly metres: number;
}
const firstId = "11111111-2222-4333-8444-555555555555";
const secondId = "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE";

const measured = {
  activeEnergyBurned: { qty: 611.25, units: "kcal" },
  avgHeartRate: { qty: 133.4, units: "bpm" },
  heartRateData: [
    { date: "2026-10-03 18:30:00 +0200", Min: 120, Max: 126, Avg: 124.2, units: "bpm" },
    { date: "2026-10-03 18:31:00 +0200", Min: 125, Max: 131, Avg: 128, units: "bpm" },
  ],
  metadata: {},
};
const unmeasured = {
  activeEnergy: { qty: 611.25, units: "kcal" },
  totalEnergy: { qty: 611.25, units: "kcal" },
  avgHeartRate: zero("bpm"),
  maxHeartRate: zero("bpm"),
  heartRateData: [],
  heartRateRecovery: [],
  route: [],
  stepCount: zero("steps"),
  humidity: zero("%"),
  temperature: zero("degC"),
};
const sports: readonly Sport[] = [
  {
    name: "Schwimmbad Schwimmen",
    family: "swim",
    metres: 1650,
    rich: {
      ...measured,
      location: "Schwimmbad",
      isIndoor: true,
      distance: { qty: 1.65, units: "km" },
      speed: { qty: 1.417, units: "m/hr" },
      lapLength: { qty: 0.025, units: "m" },
    },
    plain: {
      ...unmeasured,
      location: "Schwimmbad",
      isIndoor: false,
      distance: { qty: 1650, units: "m" },
      speed: { qty: 1417.5, units: "m/hr" },
      totalSwimmingStrokeCount: { qty: 1702, units: "count" },
      elevation: { ascent: 0, descent: 0, units: "m" },
    },
  },
  {
    name: "Outdoor Spaziergang",
    family: "walk",
    metres: 5210.4,
    rich: {
      ...measured,
      distance: zero("km"),
      route: [{ latitude: 52.5, longitude: 13.4, timestamp: "2026-10-03 18:30:13 +0200" }],
    },
    plain: {
      ...unmeasured,
      distance: { qty: 5.2104, units: "km" },
      elevation: { ascent: 58.3, descent: 0, units: "m" },
      totalSwimmingStrokeCount: zero("count"),
    },
  },
  {
    // In a language that nobody here knows, of which only one variant says that it was a swim.
    name: "Плавание в бассейне",
    family: "swim",
    metres: 900,
    rich: { ...measured, distance: zero("m"), lapLength: { qty: 25, units: "m" } },
    plain: {
      ...unmeasured,
      distance: { qty: 900, units: "m" },
      totalSwimmingStrokeCount: zero("count"),
      elevation: { ascent: 0, descent: 0, units: "m" },
    },
  },
];

type Said = readonly [provider: Provider, kind: string, body: unknown];

async function worldOf(said: readonly Said[]) {
  const world = new MemoryWorld();
  for (const [provider, kind, body] of said) {
    const draft = provider.normalise(kind, body, receivedMs);
    if (!draft.ok) throw new Error(draft.error);
    const origin = {
      member: "m_1" as MemberId,
      connection: `c_${provider.name}` as ConnectionId,
      provider: provider.name,
      account: `hash-${provider.name}`,
    };
    await accept(world.ports, workouts, origin, [draft.value], [], () => "");
  }
  const resolved = world.store.resolvedIn({ fromMs: 0, toMs: receivedMs }, 0);
  return { world, resolved: resolved as ResolvedWorkout[] };
}

const variant = (id: string, name: string, fields: object): Said => [
  healthAutoExport,
  "workout",
  { id, name, ...times, ...fields },
];
const bothOf = ({ name, rich, plain }: Sport) =>
  [variant(firstId, name, rich), variant(secondId, name, plain)] as const;

it.each(sports)("$name is one workout with what either variant has", async (sport) => {
  const [rich, plain] = bothOf(sport);
  for (const order of [
    [rich, plain],
    [plain, rich],
    [rich, plain, rich],
    [plain, rich, plain, plain],
  ]) {
    const { world, resolved } = await worldOf(order);
    expect(resolved).toHaveLength(1);
    const [one] = resolved as [ResolvedWorkout];
    expect(one.sources).toHaveLength(2);
    expect(one.joined.map(({ rule }) => rule)).toEqual(["twin"]);
    expect(one).toMatchObject({
      family: sport.family,
      at: Date.UTC(2026, 9, 3, 16, 30, 12),
      elapsedMs: 4_190_000,
      offsetMin: 120,
      held: [],
      moving: { value: 4_190_000 },
      distance: { value: Math.round(sport.metres * 1000) },
      energy: { value: 611_250_000 },
    });
    const climbed = "elevation" in sport.plain && sport.family === "walk" ? 58_300 : undefined;
    expect(one.elevationGain?.value).toBe(climbed);
    const heart = one.heartRate[0];
    const row = world.rows.get(heart ?? "");
    expect(JSON.parse(row?.columns.heart_rate ?? "null")).toHaveLength(2);
  }
});

it("the older form of it, which has no id, is the same workout once more", async () => {
  const [sport] = sports as [Sport];
  const older: Said = [healthAutoExport, "workout", { name: sport.name, ...times, ...sport.plain }];
  const { resolved } = await worldOf([...bothOf(sport), older, older]);
  expect(resolved.map(({ sources }) => sources.length)).toEqual([3]);
});

it("two hours later it is another workout, under whatever id", async () => {
  const [sport] = sports as [Sport];
  const [rich, plain] = bothOf(sport);
  const later = { start: "2026-10-03 20:30:12 +0200", end: "2026-10-03 21:40:02 +0200" };
  const other: Said = [healthAutoExport, "workout", { ...(plain[2] as object), ...later }];
  expect((await worldOf([rich, other])).resolved).toHaveLength(2);
});

const fromPhone = (uuid: string, bundle: string): Said => [
  appleHealth,
  "workout",
  {
    device: { model: "Watch7,5" },
    workout: {
      uuid,
      workoutActivityType: "HKWorkoutActivityTypeSwimming",
      startDate: "2026-10-03T18:30:12+02:00",
      endDate: "2026-10-03T19:40:02+02:00",
      duration: 4190.4,
      totalDistance: { value: 1650, unit: "m" },
      sourceBundle: bundle,
    },
  },
];

it("by both doors it is one workout, told by the member's own app, in any order", async () => {
  const [sport] = sports as [Sport];
  const own = fromPhone(firstId, "com.apple.health.1234");
  const all = [...bothOf(sport), own];
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(all, { minLength: 3 }), async (order) => {
      const { resolved } = await worldOf(order);
      expect(resolved).toHaveLength(1);
      const [one] = resolved as [ResolvedWorkout];
      expect(one.sources.map(({ provider }) => provider)).toEqual([
        "apple-health",
        "health-auto-export",
        "health-auto-export",
      ]);
      expect(one.distance?.from).toEqual([one.sources[0]?.fact]);
      expect(one.joined.map(({ rule }) => rule)).toContain("copy");
    }),
  );
});

it("no zero stands over a value, whichever of the two has it", async () => {
  const names = ["distance", "activeEnergyBurned", "elevationUp"] as const;
  const values = [
    { qty: 4.2, units: "km" },
    { qty: 300, units: "kcal" },
    { qty: 70, units: "m" },
  ];
  const whose = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
  await fc.assert(
    fc.asyncProperty(whose, fc.boolean(), async (firsts, isFirstFirst) => {
      const fields = (isFirst: boolean) =>
        Object.fromEntries(
          names.map((name, i) => [name, firsts[i] === isFirst ? values[i] : zero("m")]),
        );
      const pair = [
        variant(firstId, "Outdoor Run", fields(true)),
        variant(secondId, "Outdoor Run", fields(false)),
      ];
      const { resolved } = await worldOf(isFirstFirst ? pair : pair.reverse());
      expect(resolved).toHaveLength(1);
      expect(resolved[0]).toMatchObject({
        distance: { value: 4_200_000 },
        energy: { value: 300_000_000 },
        elevationGain: { value: 70_000 },
      });
    }),
  );
});

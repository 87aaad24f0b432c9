/**
 * A member's season as an event log of a given length, the same on every machine: rides, runs,
 * hikes and races told by several providers, mirrored, halved, typed in, moved by a wrong zone, sent
 * again as they grew, retracted and decided on. Every situation that the rule knows comes many times.
 */
import type { OpenStatement } from "../../../domain/ports.ts";
import {
  day,
  decide,
  fromApple,
  fromGarmin,
  fromGoogle,
  fromStrava,
  hour,
  minute,
  morning,
  type Shape,
  second,
  workout,
} from "./facts.ts";
import { asOpen, retracted } from "./histories.ts";

/** Numbers from 0 up to 1: linear congruential, so that orders are the same everywhere. */
export function chances(seed: number): () => number {
  let n = seed;
  return () => {
    n = (Math.imul(n, 1_664_525) + 1_013_904_223) >>> 0;
    return n / 2 ** 32;
  };
}

export function shuffled<T>(list: readonly T[], seed: number): T[] {
  const chance = chances(seed);
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(chance() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

type Told = Shape & { readonly key?: string };
type Scene = (ride: Told, chance: () => number) => readonly Told[];

const lasting = (s: Told) => s.elapsedMs ?? hour;
const begun = (s: Told) => s.at ?? morning;
const partOf = (s: Told, from: number, to: number, more: Shape): Told => ({
  ...s,
  at: begun(s) + Math.floor(lasting(s) * from),
  elapsedMs: Math.floor(lasting(s) * (to - from)),
  distanceMm: Math.floor((s.distanceMm ?? 0) * (to - from)),
  ...more,
});

const phone = { ...fromGoogle, method: "phone" as const };
const scenes: readonly Scene[] = [
  (s) => [s, { ...s, ...fromStrava, at: begun(s) + 3 * second }],
  (s, chance) => [s, { ...s, ...phone, at: begun(s) + Math.floor(chance() * 90) * second }],
  (s) => [s, { ...s, ...fromStrava, copyOf: "first" }, { ...s, ...fromApple, copyOf: "first" }],
  (s) => [{ ...s, ...phone }, partOf(s, 0, 0.5, fromGarmin), partOf(s, 0.5, 1, fromGarmin)],
  (s) => [0, 0.3, 0.6].map((from) => partOf(s, from, from + 0.2, {})),
  (s) =>
    [0, 0.3, 0.6].flatMap((at) => [partOf(s, at, at + 0.2, {}), partOf(s, at, at + 0.2, phone)]),
  (s) => [s, { ...s, ...fromStrava, at: begun(s) + 2 * hour }],
  (s) => [s, { ...s, ...fromApple, at: begun(s) - 345 * minute }],
  (s) => [s, { ...s, at: begun(s) + 8 * hour }, { ...s, ...fromApple, at: begun(s) + 8 * hour }],
  (s) => [s, { ...s, ...phone, type: "other", distanceMm: null }],
  (s) => [s, { ...s, ...phone, at: begun(s) - 5 * hour, elapsedMs: 15 * hour, type: "other" }],
  (s) => [s, { ...s, ...fromApple, method: "manual", at: begun(s) + 4 * minute, elapsedMs: hour }],
  (s) => [s, { ...s, distanceMm: null, energyMcal: 500_000_000 }],
  (s) => [{ ...s, type: "hiking" }, partOf(s, 0.3, 0.5, { ...fromGoogle, type: "walking" })],
  (s) => [
    partOf(s, 0, 0.2, { type: "swimming" }),
    partOf(s, 0.22, 0.7, { type: "cycling" }),
    partOf(s, 0.71, 1, { type: "running" }),
    { ...s, ...fromApple, type: "other" },
  ],
  (s) => [s, { ...s, ...fromGoogle, at: begun(s) + Math.floor(lasting(s) * 0.3) }],
  (s) =>
    [0, 0.3, 0.6].map((by, i) => ({
      ...s,
      ...[fromGarmin, fromGoogle, fromApple][i],
      at: begun(s) + Math.floor(lasting(s) * by),
      distanceMm: null,
      movingMs: null,
    })),
  (s) => [s, { ...s, at: begun(s) + Math.floor(lasting(s) / 2) }],
  (s) => [s, { ...s, ...fromApple, type: "swimming", at: begun(s) + 10 * minute }],
  (s) => [
    { ...s, type: "running" },
    { ...s, ...fromApple, type: "cycling" },
  ],
  (s) => [{ ...s, ...fromStrava }],
];

const sports = ["cycling", "running", "gravel_cycling", "trail_running", "hiking"] as const;

/** About so many events, oldest first; every identity's last word may come anywhere in it. */
export function season(events: number, seed: number): OpenStatement[] {
  const chance = chances(seed);
  const log: OpenStatement[] = [];
  for (let n = 0; log.length < events; n++) {
    const scene = scenes[n % scenes.length];
    const elapsedMs =
      (25 + Math.floor(chance() * 200)) * minute + Math.floor(chance() * 60) * second;
    const ride: Told = {
      at: morning + n * 16 * hour + Math.floor(chance() * 4 * hour),
      elapsedMs,
      movingMs: chance() < 0.5 ? null : Math.floor(elapsedMs * 0.9),
      distanceMm: Math.floor(elapsedMs * (2 + chance() * 3)),
      type: sports[Math.floor(chance() * sports.length)] ?? "cycling",
      offsetMin: chance() < 0.1 ? null : 60,
      hasTrack: chance() < 0.5,
    };
    log.push(...tellings(scene?.(ride, chance) ?? [], `s${n}`, chance));
  }
  return log.slice(0, events);
}

/** Each record as it is in the end, and some of what was said of it before or decided later. */
function tellings(told: readonly Told[], name: string, chance: () => number): OpenStatement[] {
  const ids = told.map((_, i) => `${name}-${i}`);
  const log = told.flatMap((shape, i): OpenStatement[] => {
    const id = ids[i] ?? name;
    const copyOf = shape.copyOf === "first" ? `origin-${ids[0]}` : null;
    const fact = workout({ ...shape, id, copyOf, revision: 10 });
    const said: OpenStatement[] = [asOpen(fact)];
    if (chance() < 0.25) {
      const grown = { revision: 5, elapsedMs: Math.ceil(fact.elapsedMs / 2) };
      said.unshift({ ...asOpen(fact), ...grown });
    }
    if (chance() < 0.1) said.unshift({ ...asOpen(fact), revision: 3, at: fact.at - 3 * day });
    if (chance() < 0.08) said.push(retracted(id, 20));
    if (chance() < 0.05) said.push(retracted(id, 7));
    return said;
  });
  const [first, second] = ids;
  if (first === undefined || second === undefined || chance() > 0.1) return log;
  const shape = { id: `dec-${name}`, revision: 30 };
  const isSplit = chance() < 0.5;
  log.push(
    asOpen(isSplit ? decide("split", [[first], [second]], shape) : decide("join", [ids], shape)),
  );
  if (chance() < 0.3) log.push(retracted(shape.id, 31));
  return log;
}

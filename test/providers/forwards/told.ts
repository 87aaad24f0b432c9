/**
 * One workout, told by whoever recorded it and by those it was passed on to: each body in its own
 * provider's documented shape, read by that provider, accepted and resolved, with what only its
 * owner may see kept from what scores.
 */
import { expect } from "vitest";
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import { noSettings } from "../../../domain/settings.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { type Accepted, accept } from "../../../kernel/accept.ts";
import { ownerOnlyProviders, type ProviderName, providers } from "../../../providers/index.ts";
import type { Draft, Provider } from "../../../providers/provider.ts";
import { MemoryWorld } from "../../kernel/memory-world.ts";

export const receivedMs = Date.UTC(2026, 10, 21);
/** 2026-10-18, 08:00:00 in Helsinki, for 1 h 2 min 5 s. */
export const startMs = Date.UTC(2026, 9, 18, 5);
export const seconds = 3_725;
export const endMs = startMs + seconds * 1000;
export const isoAt = (ms: number) => new Date(ms).toISOString();

export interface Told {
  readonly by: ProviderName;
  /** As it comes: an item of the provider's, or a whole body of a delivery. */
  readonly item?: { readonly kind: string; readonly body: unknown };
  readonly body?: unknown;
}

function draftsOf({ by, item, body }: Told): Draft[] {
  const provider: Provider = providers[by];
  const items = item === undefined ? itemsIn(provider, body) : [item];
  return items.map(({ kind, body: of }) => {
    const draft = provider.normalise(kind, of, receivedMs);
    if (!draft.ok) throw new Error(`${by}: ${draft.error}`);
    return draft.value;
  });
}
function itemsIn(provider: Provider, body: unknown) {
  const parsed = provider.parse(JSON.stringify(body));
  if (!parsed.ok) throw new Error(`${provider.name}: ${parsed.error}`);
  expect(parsed.value.items).not.toEqual([]);
  return parsed.value.items;
}

/** `outcomes`: what came of each, where it is not new. */
export async function resolvedOf(
  told: readonly Told[],
  outcomes: readonly Accepted[] = [],
): Promise<ResolvedWorkout[]> {
  const world = new MemoryWorld();
  for (const [i, one] of told.entries()) {
    const origin = {
      member: "m_1" as MemberId,
      connection: `c_${one.by}` as ConnectionId,
      provider: one.by,
      account: `hash-${one.by}`,
    };
    const drafts = draftsOf(one);
    const came = await accept(world.ports, workouts, origin, drafts, [], () => "");
    expect(came, one.by).toEqual(drafts.map(() => outcomes[i] ?? "new"));
  }
  const everything = { fromMs: 0, toMs: receivedMs };
  const settings = { ...noSettings, ownerOnly: ownerOnlyProviders };
  const facts = world.store.factsIn(everything, 0) as unknown as WorkoutFact[];
  const resolved = workouts.resolve?.of(facts, settings, []) ?? [];
  // What was folded as it came is what is folded of all of it.
  const live = world.store.resolvedIn(everything, 0) as ResolvedWorkout[];
  expect(idsOf(live)).toEqual(idsOf(resolved));
  return [...resolved].sort((a, b) => a.at - b.at);
}

const idsOf = (all: readonly ResolvedWorkout[]) => all.map(({ id }) => id).sort();

export function* orders<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [i, first] of list.entries())
    for (const rest of orders(list.toSpliced(i, 1))) yield [first, ...rest];
}

/** All that is said of it in numbers, each with the records it is from. */
export const valuesOf = ({ distance, energy, moving, elevationGain }: ResolvedWorkout) => ({
  distance,
  energy,
  moving,
  elevationGain,
});

/** Of whichever provider each value is, by the sources of the workout. */
export function toldBy(one: ResolvedWorkout): Record<string, readonly string[]> {
  const providerOf = new Map(one.sources.map(({ fact, provider }) => [fact as string, provider]));
  return Object.fromEntries(
    Object.entries(valuesOf(one)).flatMap(([name, chosen]) =>
      chosen === null
        ? []
        : [[name, [...new Set(chosen.from.map((fact) => providerOf.get(fact) ?? "nobody"))]]],
    ),
  );
}

/** One workout of all that was told, the same in any order; with what it came to. */
export async function oneInAnyOrder(told: readonly Told[]): Promise<ResolvedWorkout> {
  const found = new Map<string, ResolvedWorkout>();
  for (const order of orders(told)) {
    const resolved = await resolvedOf(order);
    const by = order.map(({ by }) => by).join(", ");
    expect(
      resolved.map((w) => w.sources.length),
      by,
    ).toEqual([told.length]);
    for (const one of resolved) found.set(JSON.stringify(one), one);
  }
  expect(found.size).toBe(1);
  return [...found.values()][0] as ResolvedWorkout;
}

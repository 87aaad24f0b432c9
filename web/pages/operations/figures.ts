/** What the parts of Operations reckon from the API's figures, and how they say it. Pure. */
import type { Answer } from "../../api/client.ts";
import { number } from "../../design/format.ts";

export type ProviderStatus = Answer<"GET /v1/ops/providers">["items"][number];
export type Gate = NonNullable<ProviderStatus["gate"]>;

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

export const connectionsOf = ({ connections }: ProviderStatus): number =>
  sumOf(connections.byState);
export const callsOf = (gate: Gate): number => sumOf(gate.calls);

/** As the breaker judges: what nobody answered well, not what was answered with a no. */
export const failedOf = ({ calls }: Gate): number => calls.failed + calls.timeout + calls.network;

/** Somebody has linked it, something came of it, or something is wrong with it. */
export function isInUse(status: ProviderStatus): boolean {
  const { gate, health } = status;
  if (health.colour !== "green" || connectionsOf(status) > 0) return true;
  return gate !== null && gate.door.deliveries + gate.door.notices + callsOf(gate) > 0;
}

/** Of how many providers nothing is known, in words; null: of none. */
export function unknownGates(items: readonly ProviderStatus[]): string | null {
  const silent = items.filter(({ gate }) => gate === null).map(({ title }) => title);
  if (silent.length === 0) return null;
  return `Nothing is known of ${silent.join(", ")}: its gate did not answer.`;
}

export const colours = ["red", "yellow", "green"] as const;

/** The gravest first, then by name. */
export const byGravity = (items: readonly ProviderStatus[]): ProviderStatus[] =>
  items.toSorted(
    (a, b) =>
      colours.indexOf(a.health.colour) - colours.indexOf(b.health.colour) ||
      a.title.localeCompare(b.title),
  );

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** 340 ms, 1.2 s, 4 min, 3.5 h: two digits that matter are enough to judge by. */
export function shortTime(ms: number): string {
  if (ms < secondMs) return `${number(ms)} ms`;
  if (ms < minuteMs) return `${number(ms / secondMs, 1)} s`;
  if (ms < hourMs) return `${number(ms / minuteMs)} min`;
  return `${number(ms / hourMs, 1)} h`;
}

/** Of a budget's window; a limit of none is spent. */
export const percentOf = (used: number, limit: number): number =>
  limit > 0 ? Math.floor((100 * used) / limit) : 100;

const cent = 0.01;

/** Cents where there are any; of less, what it takes to see that it is not nothing. */
export function dollars(n: number): string {
  if (n === 0) return "$0.00";
  if (Math.abs(n) >= cent) return `$${number(n, 2)}`;
  return n < 0.00001 ? "under $0.00001" : `$${number(n, 5)}`;
}

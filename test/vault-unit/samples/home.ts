/** A member with a watch and a phone, what they measure, and how to look at what became of it. */
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import {
  type AggregatesRequest,
  isRefusal,
  type MergedSamples,
  type OpenFact,
  type Zones,
} from "../../../domain/ports.ts";
import type { Metric } from "../../../domain/samples/metrics.ts";
import type { DeviceKind, SampleRecord, SampleValue } from "../../../domain/samples/sample.ts";
import type { LocalDate } from "../../../domain/time.ts";
import { hmacDigest } from "../../../kernel/hmac.ts";
import { aggregates } from "../../../workers/vault/aggregates.ts";
import type { Vault } from "../../../workers/vault/env.ts";
import type { Actor } from "../../../workers/vault/principal.ts";
import { mergeSamples } from "../../../workers/vault/sample-merge.ts";
import { readDays } from "../../../workers/vault/sample-read.ts";
import { resolveSamples } from "../../../workers/vault/sample-resolve.ts";
import { SampleNames } from "../../../workers/vault/sample-rows.ts";
import { connectionNamed, makeWorld, type World, type WorldOptions } from "../world.ts";

export const phone = connectionNamed("phone");
export const watch = connectionNamed("watch");
export const digest = hmacDigest(Buffer.alloc(32, 7).toString("base64"));
export const utc: Zones = [{ zone: "UTC", fromMs: 0 }];
export const day: LocalDate = "2026-11-14";
export const dayMs = Date.parse(day);
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const memberName = `${"0".repeat(31)}1`;

export interface Home {
  readonly world: World;
  readonly member: MemberId;
  readonly vault: Vault;
  /** Later at every look. */
  readonly now: () => number;
}
export async function home(options: WorldOptions = {}): Promise<Home> {
  const world = makeWorld({ shards: 1, ...options });
  let nowMs = Date.UTC(2026, 10, 20);
  const now = () => ++nowMs;
  const { member, vault } = await world.enrol(memberName, now());
  return { world, member, vault, now };
}

export const device = (id: string, kind: DeviceKind) => ({ id, kind, model: null });
export const watchDevice = device("W-1", "watch");
export const phoneDevice = device("P-1", "phone");

export const value = (fromMs: number, amount: number, lengthMs = minuteMs): SampleValue => ({
  ...{ fromMs, toMs: fromMs + lengthMs, value: amount, stage: null },
});
export const steps = (
  minute: number,
  count: number,
  more: Partial<SampleRecord> = {},
): SampleRecord => ({
  ...{ metric: "steps", id: null, revision: null, app: null, device: watchDevice },
  samples: [value(dayMs + minute * minuteMs, count)],
  ...more,
});
export const reading = (
  metric: Metric,
  minute: number,
  amount: number,
  more: Partial<SampleRecord> = {},
): SampleRecord => ({
  ...{ metric, id: null, revision: null, app: null, device: watchDevice },
  samples: [value(dayMs + minute * minuteMs, amount, 0)],
  ...more,
});

export async function merge(
  { vault, member, now }: Home,
  connection: ConnectionId,
  records: readonly SampleRecord[],
  zones = utc,
): Promise<MergedSamples> {
  const merged = await mergeSamples(vault, digest, { member, connection, zones }, records, now);
  if (merged === "forgotten") throw new Error("the member is forgotten");
  return merged;
}
export const resolve = ({ vault, member, now }: Home, days: readonly LocalDate[], zones = utc) =>
  resolveSamples(vault, digest, { member, zones }, days, now);

export const dayFactsIn = (facts: readonly OpenFact[]) =>
  facts.filter(({ kind }) => kind === "day");
export const chunkFactsIn = (facts: readonly OpenFact[]) =>
  facts.filter(({ kind }) => kind === "chunk");

/** What the vault makes of days now, as it would be shown. */
export async function shown(
  { vault, member, now }: Home,
  metrics: readonly Metric[] = ["steps"],
  from = day,
  to = from,
  zones = utc,
) {
  const days = await readDays(vault, digest, member, { metrics, from, to, zones }, now());
  if (typeof days === "string") throw new Error(days);
  return days;
}
/** Day → metric → what it came to. */
export async function values(...asked: Parameters<typeof shown>) {
  const days = await shown(...asked);
  return Object.fromEntries(
    days.map(({ date, metrics }) => [
      date,
      Object.fromEntries(Object.entries(metrics).map(([metric, one]) => [metric, one?.value])),
    ]),
  );
}

export const own = ({ member }: Home): Actor => ({ id: member, member, roles: ["member"] });
export const ask = (
  { member }: Home,
  more: Partial<AggregatesRequest> = {},
): AggregatesRequest => ({
  ...{ member, metrics: ["steps"], from: day, to: day, hours: false },
  ...{ purpose: "coaching", zones: utc, knownVersion: null },
  ...more,
});
export const look = (at: Home, actor: Actor, more: Partial<AggregatesRequest> = {}) =>
  aggregates(at.vault, digest, actor, ask(at, more), at.now, at.world.shards);
export async function looked(at: Home, actor: Actor, more: Partial<AggregatesRequest> = {}) {
  const answer = await look(at, actor, more);
  if (isRefusal(answer)) throw new Error(answer.refused);
  return answer;
}

export interface Row {
  readonly row_id: string;
  readonly group_name: string;
  readonly version: number;
  readonly connection: string;
  readonly object: string | null;
}
export const rows = async ({ vault: { phi } }: Home): Promise<readonly Row[]> =>
  (
    await phi
      .prepare("SELECT row_id, group_name, version, connection, object FROM sealed ORDER BY 1, 2")
      .all<Row>()
  ).results;
export const named = ({ member }: Home) => new SampleNames(digest, member);

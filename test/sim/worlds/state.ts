/** What a world has come to, read out of its stores past every wire. Nothing here judges. */
import { Buffer } from "node:buffer";
import type { LedgerReport, LiveRow, ScoreRow } from "../../../domain/ports.ts";
import { streamNamed } from "../../../domain/streams.ts";
import { LedgerState } from "../../../durable-objects/ledger-state.ts";
import { LedgerTables } from "../../../durable-objects/ledger-store.ts";
import { parseManifest } from "../../../kernel/settle/manifest.ts";
import {
  type FactRow,
  fetchVersion,
  type ResolvedRow,
  rowGroups,
} from "../../../kernel/settle/parquet.ts";
import type { Objects } from "../../../kernel/settle/ports.ts";
import { zstd } from "../../../workers/archive/zstd.ts";
import type { LedgerShown } from "../../fakes/ledger-calls.ts";
import { shown } from "../../fakes/ledger-shown.ts";
import type { World } from "./world.ts";

export interface LedgerNow extends LedgerShown {
  readonly shard: string;
  readonly report: LedgerReport;
}
export interface PartitionNow {
  readonly day: string;
  readonly bucket: number;
  readonly facts: readonly FactRow[];
  readonly resolved: readonly ResolvedRow[];
}
export interface TotalNow {
  readonly measure: string;
  readonly key: string;
  readonly period: string;
  readonly n: number;
}
export interface WorldNow {
  readonly ledgers: readonly LedgerNow[];
  readonly partitions: readonly PartitionNow[];
  readonly totals: readonly TotalNow[];
  readonly boards: readonly ScoreRow[];
  readonly vault: VaultTold;
  /** What each who watches was told last of each thing. */
  readonly live: ReadonlyMap<string, ReadonlyMap<string, LiveRow>>;
}
/** By row, the greatest revision that the vault was told to seal, and to let go of. */
export type VaultTold = ReadonlyMap<
  string,
  { readonly sealed?: number; readonly retracted?: number }
>;

export function ledgersOf(world: World): Omit<LedgerNow, "report">[] {
  const awoken = [...world.ledgers.kept].filter(([, { wasAwake }]) => wasAwake);
  return awoken.map(([name, { storage }]) => {
    const state = new LedgerState(storage.storage);
    const shard = name.slice(name.indexOf("/") + 1);
    const stream = streamNamed(name.slice(0, name.indexOf("/")));
    if (stream === undefined) throw new Error("a ledger of no stream");
    return { shard, ...shown(state, new LedgerTables(state, { name, stream, shard })) };
  });
}

export async function stateOf(world: World): Promise<WorldNow> {
  const { stream } = world.scenario;
  const ledgers = await Promise.all(
    ledgersOf(world)
      .filter(({ head }) => String(head.name).startsWith(`${stream}/`))
      .map(async (ledger) => {
        const port = world.ledgers.getByName(`${stream}/${ledger.shard}`) as {
          report(): Promise<LedgerReport>;
        };
        return { ...ledger, report: await port.report() };
      }),
  );
  const totals = world.archive.rows<TotalNow>(
    `SELECT measure, key, period, n FROM total WHERE stream = '${stream}'
     ORDER BY measure, key, period`,
  );
  const [partitions, boards] = [await partitionsOf(world), await boardsOf(world)];
  return { ledgers, partitions, totals, boards, vault: world.vault.told, live: world.live };
}

async function partitionsOf(world: World): Promise<PartitionNow[]> {
  const { objects } = world.archive.bucket;
  const bytesOf = async (name: string) => objects.get(name)?.bytes ?? null;
  const reading = { get: bytesOf } as unknown as Objects;
  const found: PartitionNow[] = [];
  for (const [name, object] of [...objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [kind, stream = "", day = "", bucket = ""] = name.replace(".json", "").split("/");
    if (kind !== "manifest" || stream !== world.scenario.stream) continue;
    const partition = { stream, day, bucket: Number(bucket) };
    const manifest = parseManifest(partition, Buffer.from(object.bytes).toString());
    const rows = async <R>(named: typeof manifest.facts | null): Promise<R[]> => {
      if (named === null) return [];
      const all: R[] = [];
      const bytes = await fetchVersion(reading, named);
      for await (const group of rowGroups<R>(bytes, named, zstd)) all.push(...group);
      return all;
    };
    found.push({
      ...{ day, bucket: Number(bucket) },
      facts: await rows<FactRow>(manifest.facts),
      resolved: await rows<ResolvedRow>(manifest.resolved as typeof manifest.facts | null),
    });
  }
  return found;
}

async function boardsOf(world: World): Promise<ScoreRow[]> {
  const rows: ScoreRow[] = [];
  for (const name of world.boards.kept.keys()) {
    const board = world.boards.getByName(name) as {
      rows(bucket: object, after: null, limit: number): Promise<object>;
    };
    const answer = await board.rows({ number: 0, of: 1 }, null, 1000);
    if ("rows" in answer) rows.push(...(answer.rows as ScoreRow[]));
  }
  return rows;
}

/** What settling must leave byte for byte when nothing new came. */
export function settledBytes(world: World): string {
  const { archive, scenario } = world;
  const objects = [...archive.bucket.objects]
    .filter(([name]) => /^(facts|resolved)\//.test(name))
    .map(([name, { etag }]) => `${name} ${etag}`)
    .sort();
  const totals = archive.rows(
    `SELECT * FROM total WHERE stream = '${scenario.stream}' ORDER BY rules, measure, key, period`,
  );
  return JSON.stringify([objects, totals]);
}

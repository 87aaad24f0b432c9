/**
 * Rows that a batch writes: by the vault's own merge into real tables of D1, as D1 counts them
 * (`meta.rows_written`, index entries included), and by the real ledger, as SQLite counts them. Into
 * the ledger go the facts that the vault handed back and the answer that is kept for a day. Beside
 * these a sync writes the log's entry of the deed, and later the archive its objects: not counted.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { ConnectionId, MemberId } from "../domain/identity.ts";
import type { SampleRecord } from "../domain/samples/sample.ts";
import { hmacDigest } from "../kernel/hmac.ts";
import { migrate } from "../local/runtime.ts";
import { readSync } from "../providers/sync/body.ts";
import { type LoneLedgers, startLedgers } from "../test/ledger/lone-ledger.ts";
import { makeWorld } from "../test/vault-unit/world.ts";
import { type Shards, shardAt, type VaultEnv } from "../workers/vault/env.ts";
import { enrolPerson } from "../workers/vault/principal.ts";
import { mergeSamples } from "../workers/vault/sample-merge.ts";
import { bodyOf, dayOf } from "./samples-days.ts";

export const newDay = "a new day";
/** What a new day should stay under. */
export const rowsAim = 40;
const zone = "Europe/Amsterdam";
const keyBytes = 32;
const answerBytes = 90;
const databases = { DIRECTORY: "directory", PHI_0: "phi", KEYS_0: "keys" } as const;

export interface Written {
  readonly batch: string;
  readonly samples: number;
  readonly vault: number;
  /** Recorded, answered and sent to the archive. */
  readonly ledger: number;
  /** And once the archive confirms. */
  readonly confirmed: number;
}

export async function rowsWritten(): Promise<readonly Written[]> {
  const tally = { rows: 0 };
  const vault = await realTables(tally);
  const ledgers = await startLedgers();
  try {
    const write = await writer(vault.shards, ledgers, tally);
    const late = dayOf(2);
    return [
      await write("a member's first day", dayOf(0)),
      await write(newDay, dayOf(1)),
      await write("the same day again", dayOf(1)),
      await write("the next day's first half", late.slice(0, late.length / 2)),
      await write("its second half", late.slice(late.length / 2)),
      await write("one sample of a new day", dayOf(3).slice(0, 1)),
    ];
  } finally {
    await ledgers.end();
    await vault.end();
  }
}

/** Writes one member's batches, one after the other. */
async function writer(shards: Shards, ledgers: LoneLedgers, tally: { rows: number }) {
  const member = `m_${randomBytes(keyBytes / 2).toString("hex")}` as MemberId;
  const who = { hash: `person-${member}`, issuedAtMs: Date.now(), bound: null };
  await enrolPerson(shards, who, member, Date.now());
  const digest = hmacDigest(randomBytes(keyBytes).toString("base64"));
  const connection = `c_${member}` as ConnectionId;
  const of = { member, connection, zones: [{ zone, fromMs: 0 }] };
  const ledger = ledgers.named(member, "samples");
  return async (batch: string, samples: ReturnType<typeof dayOf>): Promise<Written> => {
    const records = recordsOf(samples);
    tally.rows = 0;
    const merged = await mergeSamples(shardAt(shards, 0), digest, of, records, Date.now);
    const rows = tally.rows;
    if (merged === "forgotten") throw new Error("the bench's member is forgotten");
    const key = randomBytes(keyBytes).toString("hex");
    const answer = ["remember", key, "body", "a".repeat(answerBytes)] as const;
    const told = (await ledger.run([["record", merged.facts], answer], false)).cost.written;
    const confirmed = (await ledger.run([["settle"]], false)).cost.written;
    return { batch, samples: samples.length, vault: rows, ledger: told, confirmed };
  };
}

function recordsOf(samples: ReturnType<typeof dayOf>): SampleRecord[] {
  const read = readSync(bodyOf(samples), Date.now());
  if (!read.ok) throw new Error(read.error);
  return read.value.samples.map((sample) => {
    if (!sample.ok) throw new Error(sample.error);
    return sample.value;
  });
}

/** A shard whose databases are D1's own, counted. */
async function realTables(tally: { rows: number }) {
  const folder = await mkdtemp(join(tmpdir(), "singlet-rows-"));
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "rows",
      modules: true,
      script: "export default {}",
      compatibilityDate: "2026-10-01",
      d1Databases: Object.keys(databases),
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
  const changes: Record<string, unknown> = {};
  for (const [binding, migrations] of Object.entries(databases)) {
    const database = await runtime.getD1Database(binding);
    await migrate(database, resolve(import.meta.dirname, `../migrations/${migrations}`));
    changes[binding] = counted(database, tally);
  }
  const shards: Shards = makeWorld({ shards: 1 }).restarted(changes as Partial<VaultEnv>);
  return {
    shards,
    async end() {
      await runtime.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;
type Statement = ReturnType<Database["prepare"]>;

/** The same database; every statement's rows are added up. */
function counted(database: Database, tally: { rows: number }) {
  const inner = new WeakMap<object, Statement>();
  const noted = <T extends { readonly meta: { readonly rows_written: number } }>(result: T): T => {
    tally.rows += result.meta.rows_written;
    return result;
  };
  const wrapped = (statement: Statement): object => {
    const own = {
      bind: (...values: unknown[]) => wrapped(statement.bind(...values)),
      all: async () => noted(await statement.all()),
      run: async () => noted(await statement.run()),
      async first(column?: string) {
        const [row] = noted(await statement.all<Record<string, unknown>>()).results;
        return row === undefined ? null : column === undefined ? row : row[column];
      },
    };
    inner.set(own, statement);
    return own;
  };
  return {
    prepare: (sql: string) => wrapped(database.prepare(sql)),
    batch: async (statements: readonly object[]) =>
      (await database.batch(statements.flatMap((one) => inner.get(one) ?? []))).map(noted),
  };
}

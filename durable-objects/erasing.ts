/**
 * What follows once the vault has erased: the ledgers let go, and a receipt and a run stand in the
 * warehouse for the archive's part. The edge does it when somebody asks, a connection when its
 * provider confirms that the account withdrew. Nothing here decides whether it may be done.
 */
import type { Redaction } from "../domain/finance/snapshot.ts";
import type { ConnectionId, Digest, FactId, MemberId } from "../domain/identity.ts";
import {
  bucketOf,
  type ErasureStep,
  type LedgerPort,
  ledgerName,
  type Partition,
  type RunMessage,
  type WorkPort,
} from "../domain/ports.ts";
import { isByMember, shardsOf } from "../domain/shards.ts";
import { type AnyStream, streamNamed, streams } from "../domain/streams.ts";
import { formatMoment, type Instant, type LocalDate } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import { providerNamed } from "../providers/index.ts";
import { announceDays, localDaysOf, zonesOf } from "./samples.ts";

const idBytes = 16;
/** Of what a ledger lists at once. */
export const erasedPagesMax = 20;

export type ReceiptScope = "member" | "connection" | "workouts" | "samples" | "listens";

export interface Receipt {
  readonly id: string;
  readonly scope: ReceiptScope;
  readonly asked: string;
  readonly steps: readonly { readonly step: string; readonly at: string; readonly count: number }[];
  readonly pending: readonly string[];
  readonly finished: string | null;
}

export interface ErasePorts {
  readonly forgotten: Digest;
  ledger(stream: AnyStream, shard: string): LedgerPort;
  sql<T>(run: (db: D1Database) => Promise<T>): Promise<T>;
  wake(run: RunMessage): Promise<unknown>;
}

/** What the ledgers let go of, and which partitions of the archive held it. */
export interface LetGo {
  readonly ledger: string;
  readonly stream: string;
  readonly partitions: readonly Partition[];
}

/** Random, and nothing else: "m_…" for members, "c_…", "r_…" for receipts, "run_…" for runs. */
export function randomName(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(idBytes));
  return `${prefix}_${[...bytes].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
}

export const letGoOf = (stream: AnyStream, shard: string, days: Iterable<LocalDate>): LetGo => ({
  ledger: ledgerName(stream.name, shard),
  stream: stream.name,
  partitions: [...new Set(days)]
    .sort()
    .map((day) => ({ stream: stream.name, day, bucket: bucketOf(shard, stream.buckets) })),
});

export interface Erased {
  readonly scope: ReceiptScope;
  readonly steps: readonly ErasureStep[];
  readonly letGo: readonly LetGo[];
  readonly askedAtMs: Instant;
  /** Of whoever had facts in ledgers that others share: what of those was frozen. */
  readonly redaction?: Omit<Redaction, "receipt">;
}

/**
 * 1. receipt, runs and what goes with them are written as one transaction; each run knows how many
 *    there are, for the receipt is finished by the last of them
 *                                      a crash before: asked again, it is all done again; of rows
 *                                      that are gone already the archive learns by the ledger's
 *                                      tombstones alone, at the next settlement
 * 2. the archive is woken              a crash before: the minute cron finds the run
 */
export async function issueReceipt(
  ports: ErasePorts,
  { scope, steps, letGo, askedAtMs, redaction }: Erased,
  also: (db: D1Database) => readonly D1PreparedStatement[] = () => [],
): Promise<Receipt> {
  const isOwn = ({ stream }: LetGo) => {
    const known = streamNamed(stream);
    return known !== undefined && isByMember(known);
  };
  // A ledger that others share stays, and with it what of theirs is parked.
  const isWhole = (part: LetGo) => scope === "member" && isOwn(part);
  const isShared = letGo.some((part) => !isOwn(part) && part.partitions.length > 0);
  const areKeysLeft = steps.some(({ step }) => step === "survivors-left");
  const runs = ledgerByLedger(letGo)
    .map((part) => ({ ...part, forget: isWhole(part), run: randomName("run") }))
    .filter(({ partitions, forget }) => forget || areKeysLeft || partitions.length > 0);
  const redacts = redaction === undefined || !isShared ? [] : [randomName("run")];
  const pending = [
    ...(runs.length > 0 ? ["archive"] : []),
    ...(areKeysLeft ? ["keys"] : []),
    ...(redacts.length > 0 ? ["snapshots"] : []),
  ];
  const receipt = newReceipt(scope, steps, pending, askedAtMs);
  await ports.sql((db) =>
    db.batch([
      ...also(db),
      db
        .prepare(
          `INSERT INTO receipt (id, scope, asked_at, steps, pending, finished_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .bind(
          ...[receipt.id, scope, askedAtMs],
          ...[JSON.stringify(receipt.steps), JSON.stringify(receipt.pending)],
          receipt.finished === null ? null : Date.now(),
        ),
      ...runs.map(({ run, ...part }) =>
        db
          .prepare(
            `INSERT INTO run (id, kind, args, asked_at, stage, state, total)
             VALUES (?, 'erase', ?, ?, '', '{}', ?)`,
          )
          .bind(
            ...[run, JSON.stringify({ receipt: receipt.id, ...part, of: runs.length })],
            ...[askedAtMs, part.partitions.length],
          ),
      ),
      ...redacts.map((run) =>
        db
          .prepare(
            `INSERT INTO run (id, kind, args, asked_at, stage, state)
             VALUES (?, 'redact', ?, ?, '', '{}')`,
          )
          .bind(run, JSON.stringify({ ...redaction, receipt: receipt.id }), askedAtMs),
      ),
    ]),
  );
  for (const run of [...runs.map((one) => one.run), ...redacts]) await wake(ports, run);
  return receipt;
}

/**
 * A ledger that others share is let go of account by account, and has one run all the same: the
 * receipt counts ledgers, each of them once.
 */
function ledgerByLedger(letGo: readonly LetGo[]): LetGo[] {
  const parts = new Map<string, LetGo>();
  for (const part of letGo) {
    const before = parts.get(part.ledger)?.partitions ?? [];
    const others = part.partitions.filter(({ day }) => before.every((held) => held.day !== day));
    parts.set(part.ledger, { ...part, partitions: [...before, ...others] });
  }
  return [...parts.values()];
}

function newReceipt(
  scope: ReceiptScope,
  steps: readonly ErasureStep[],
  pending: readonly string[],
  askedAtMs: Instant,
): Receipt {
  return {
    id: randomName("r"),
    scope,
    asked: formatMoment(askedAtMs),
    steps: steps.map(({ step, atMs, count }) => ({ step, at: formatMoment(atMs), count })),
    pending,
    finished: pending.length === 0 ? formatMoment(Date.now()) : null,
  };
}

async function wake(ports: ErasePorts, run: string): Promise<void> {
  try {
    await ports.wake({ run });
  } catch (error) {
    logLine({ event: "wake", outcome: "failed", error: errorClass(error) });
  }
}

const forgetting = `INSERT INTO forgotten (hash, kind, at) VALUES (?, ?, ?)
  ON CONFLICT (hash, kind) DO UPDATE SET at = max(at, excluded.at)`;

/** Those who are remembered by a keyed hash alone, so that they do not come back by themselves. */
export const forgettings = (
  db: D1Database,
  kind: "person" | "account",
  hashes: readonly string[],
  nowMs: Instant,
): D1PreparedStatement[] => hashes.map((hash) => db.prepare(forgetting).bind(hash, kind, nowMs));

/** How connections that ended were doing is shown no more. */
export const droppedStatus = (
  db: D1Database,
  ids: readonly ConnectionId[],
): D1PreparedStatement[] => [
  db
    .prepare("DELETE FROM connection_status WHERE connection IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids)),
];

/** The same, and which accounts theirs took the place of: once what came by them is erased. */
export const droppedConnections = (
  db: D1Database,
  ids: readonly ConnectionId[],
): D1PreparedStatement[] => [
  ...droppedStatus(db, ids),
  db
    .prepare("DELETE FROM former_account WHERE connection IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids)),
];

/** What an account's hash is remembered by once it is forgotten. */
export const forgottenAccount = (forgotten: Digest, account: string): Promise<string> =>
  forgotten(["account", account]);
/** The same of a person's. */
export const forgottenPerson = (forgotten: Digest, person: string): Promise<string> =>
  forgotten(["person", person]);

export interface Account {
  readonly member: MemberId;
  readonly provider: string;
  /** Its keyed hash, under which the ledgers can lift what they erased. */
  readonly account: string;
  /** Every connection there ever was to it. */
  readonly ids: readonly ConnectionId[];
}

/** Every ledger that may hold what came by an account: of streams that others share, its own one. */
export function ledgersOf({
  member,
  provider,
}: Pick<Account, "member" | "provider">): (readonly [AnyStream, string])[] {
  const feeds = providerNamed(provider)?.stream;
  return Object.values<AnyStream>(streams)
    .filter((stream) => isByMember(stream) || stream.name === feeds)
    .flatMap((stream) => shardsOf(stream, member).map((shard) => [stream, shard] as const));
}

/** Every fact that came by these connections is retracted for good; null: there was no end of it. */
export async function eraseInLedgers(
  ports: Pick<ErasePorts, "ledger">,
  of: Account,
  ledgers = ledgersOf(of),
): Promise<{ readonly steps: readonly ErasureStep[]; readonly letGo: readonly LetGo[] } | null> {
  const steps: ErasureStep[] = [];
  const letGo: LetGo[] = [];
  const { account, ids } = of;
  for (const [stream, shard] of ledgers) {
    const ledger = ports.ledger(stream, shard);
    await ledger.erase([], account, ids);
    for (let i = 0; ; i++) {
      const facts = (await ledger.ofConnections(ids)) as readonly FactId[];
      if (facts.length === 0) break;
      if (i === erasedPagesMax) return null;
      await ledger.erase(facts, account);
      steps.push({ step: "ledger", atMs: Date.now(), count: facts.length });
    }
    // Asked of all, so that what went before a crash is among it.
    letGo.push(letGoOf(stream, shard, await ledger.erase([], account)));
  }
  return { steps, letGo };
}

/**
 * Local days are made anew without the samples that were let go of, whose days are of UTC; no step,
 * where there were none. A crash before the end: asked again, all that was ever let go of so is.
 */
export async function announceErased(
  ports: Pick<ErasePorts, "ledger" | "sql"> & { readonly work: Pick<WorkPort, "resolveSamples"> },
  member: MemberId,
  letGo: readonly LetGo[],
): Promise<ErasureStep[]> {
  const gone = letGo.filter(({ stream }) => stream === streams.samples.name);
  const days = gone.flatMap(({ partitions }) => partitions.flatMap(({ day }) => localDaysOf(day)));
  if (days.length === 0) return [];
  const zones = (await zonesOf(ports, [member])).get(member);
  if (zones === undefined) return [];
  const ledger = ports.ledger(streams.samples, member);
  const count = await announceDays({ work: ports.work, ledger }, member, days, zones);
  return [{ step: "days", atMs: Date.now(), count }];
}

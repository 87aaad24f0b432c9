/**
 * Landing objects as rows: each line is a `Change` of exactly this partition. Of one identity the
 * line with the greatest `seq` stands; should a ledger have used a number twice, the greater text,
 * so that neither order nor repetition shows.
 */
import type { Change, Partition } from "../../domain/ports.ts";
import { isDecision, isRetraction } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { spanOf } from "../refold.ts";
import { ArchiveFault } from "./manifest.ts";
import type { FactRow } from "./parquet.ts";

/** One landing object: more than a batch of the queue holds, 100 messages of 128 KB. */
export const landingBytesMax = 16 * 1024 * 1024;

/** Throws `ArchiveFault` for a line that is no change, or another partition's. */
export function* parseLanding(
  stream: AnyStream,
  partition: Partition,
  object: string,
  bytes: Uint8Array,
): Generator<FactRow> {
  const malformed = () => new ArchiveFault("malformed-landing", object);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw malformed();
  }
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const row = rowOf(stream, partition, line);
    if (row === null) throw malformed();
    yield row;
  }
}

function rowOf(stream: AnyStream, partition: Partition, line: string): FactRow | null {
  let change: Partial<Change> | null;
  try {
    change = JSON.parse(line) as Partial<Change> | null;
  } catch {
    return null;
  }
  const { ledger, seq, statement } = change ?? {};
  const isHere =
    change?.stream === partition.stream &&
    change.day === partition.day &&
    change.bucket === partition.bucket;
  if (!isHere || typeof ledger !== "string" || !Number.isSafeInteger(seq)) return null;
  if (!ledger.startsWith(`${partition.stream}/`) || typeof statement !== "object") return null;
  const { id, revision } = statement;
  if (typeof id !== "string" || !Number.isSafeInteger(revision)) return null;
  const subject = ledger.slice(partition.stream.length + 1);
  const key = { subject, id, seq: seq as number, revision };
  if (isRetraction(statement))
    return { ...key, kind: "retraction", at: null, until: null, body: null };
  const span = isDecision(statement)
    ? { fromMs: statement.at, toMs: statement.at }
    : spanOf(stream, statement);
  if (!Number.isSafeInteger(statement.at) || !Number.isSafeInteger(span.toMs)) return null;
  const kind = isDecision(statement) ? "decision" : "fact";
  const body = JSON.stringify(statement);
  return { ...key, kind, at: statement.at, until: span.toMs, body };
}

/** Of two rows of one identity on one day: the one that stands. */
export function standing(a: FactRow, b: FactRow): FactRow {
  if (a.seq !== b.seq) return a.seq > b.seq ? a : b;
  return JSON.stringify(a) >= JSON.stringify(b) ? a : b;
}

/** The standing rows of some, sorted by subject and id. */
export function winners(rows: Iterable<FactRow>): FactRow[] {
  const byKey = new Map<string, FactRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.subject, row.id]);
    const held = byKey.get(key);
    byKey.set(key, held === undefined ? row : standing(held, row));
  }
  return [...byKey.values()].sort(inOrder);
}

export const inOrder = (
  a: { readonly subject: string; readonly id: string },
  b: { readonly subject: string; readonly id: string },
): number =>
  a.subject === b.subject
    ? a.id < b.id
      ? -1
      : a.id > b.id
        ? 1
        : 0
    : a.subject < b.subject
      ? -1
      : 1;

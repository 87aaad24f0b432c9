/**
 * Takes somebody out of a merchant's snapshots: the one thing that ever changes one, and each change
 * is listed. It is never given up.
 */
import * as z from "zod";
import { merchantFolder, type RedactionScope } from "../../domain/finance/snapshot.ts";
import type { ConnectionId, MemberId, PersonId } from "../../domain/identity.ts";
import { formatMoment } from "../../domain/time.ts";
import { rowGroups, sha256Of } from "../../kernel/settle/parquet.ts";
import { isAwaited, takeOff } from "./receipt.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { finished, type SnapshotRow, snapshotWriter } from "./snapshot-rows.ts";
import { SnapshotStore } from "./snapshot-store.ts";

const objectsPerStepMax = 8;
const deletedAtOnceMax = 1_000;

const argsSchema = z.object({
  merchant: z.string().transform((id) => id as MemberId),
  scope: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("person"),
      person: z.string().transform((id) => id as PersonId),
    }),
    z.object({
      kind: z.literal("connection"),
      connections: z.array(z.string().transform((id) => id as ConnectionId)),
    }),
    z.object({ kind: z.literal("all") }),
  ]),
  receipt: z.string().optional(),
});
const argsOf = ({ run }: Pick<Step, "run">) => argsSchema.parse(run.args);

export const redactStages: readonly Stage[] = [
  { name: "drop", unit: dropUnit },
  { name: "copied", unit: copiedUnit },
  { name: "redact", unitsPerStepMax: objectsPerStepMax, unit: redactUnit },
  { name: "receipt", unit: receiptUnit },
];

/**
 * Of a merchant who is gone:
 *   1. what the warehouse knows goes   a crash here: the objects are still found by their folder
 *   2. the objects go, a page at a time
 * A copy that is under way finds nothing to be listed on, and deletes what it made.
 */
async function dropUnit(step: Step): Promise<Progress> {
  const { merchant, scope } = argsOf(step);
  if (scope.kind !== "all") return { go: "next" };
  await new SnapshotStore(step.env.WAREHOUSE).drop(merchant);
  const prefix = merchantFolder(merchant);
  const { SNAPSHOTS } = step.env;
  const { objects, truncated } = await SNAPSHOTS.list({ prefix, limit: deletedAtOnceMax });
  if (objects.length > 0) await SNAPSHOTS.delete(objects.map(({ key }) => key));
  return { go: truncated ? "more" : "next" };
}

/**
 * What is being copied now may have read what goes before it went: so the archive's part of an
 * erasure comes first, then every copy that was begun meanwhile.
 */
async function copiedUnit(step: Step): Promise<Progress> {
  const { merchant, scope, receipt } = argsOf(step);
  if (scope.kind === "all") return { go: "next" };
  const { WAREHOUSE } = step.env;
  if (receipt !== undefined && (await isAwaited(WAREHOUSE, receipt, "archive")))
    return { go: "wait" };
  const isCopying = await new SnapshotStore(WAREHOUSE).isCopying(merchant);
  return { go: isCopying ? "wait" : "next" };
}

/**
 * An object of the merchant's folder, listed or not:
 *   1. it is read; what another redaction wrote and has not yet listed is waited for
 *   2. it is put again over what was read, and says by whom, and what it was before
 *                                      a crash here: it says so the next time
 *   3. the redaction and what it is now are listed in one transaction
 *                                      a crash here: found so
 * Where nothing of it has to go nothing is written.
 */
async function redactUnit(step: Step): Promise<Progress> {
  const { env, run, now } = step;
  const { merchant, scope } = argsOf(step);
  if (scope.kind === "all") return { go: "next" };
  const prefix = merchantFolder(merchant);
  const { cursor } = run.state;
  const page = await env.SNAPSHOTS.list({
    ...{ prefix, limit: 1 },
    ...(cursor === null ? {} : { startAfter: cursor }),
  });
  const object = page.objects[0]?.key;
  if (object === undefined) return { go: "next" };
  const past = { go: "more", cursor: object, done: 1 } as const;
  const name = object.slice(prefix.length, object.lastIndexOf("/"));
  const store = new SnapshotStore(env.WAREHOUSE);
  const listed = await store.listed(merchant, name);
  const entry = listed?.objects.find((one) => one.object === object);
  const written = await putWithout(step, scope, object, entry?.sha256 ?? null);
  if (written === "same") return past;
  if (written === "busy") return { go: "wait" };
  if (listed === null || entry === undefined) return past;
  const { rows } = written;
  if (!(await store.redacted(merchant, name, listed, { object, ...written }, now())))
    return { go: "wait" };
  return { ...past, counts: { redacted: rows } };
}

interface Written {
  readonly why: string;
  readonly rows: number;
  readonly left: number;
  readonly bytes: number;
  readonly sha256Before: string;
  readonly sha256After: string;
}

/** `listed`: the digest that the list says; null: it is on none. */
async function putWithout(
  { env, run, ports }: Step,
  scope: RedactionScope,
  object: string,
  listed: string | null,
): Promise<Written | "same" | "busy"> {
  const held = await env.SNAPSHOTS.get(object);
  if (held === null) return "same";
  const metadata = held.customMetadata ?? {};
  const before = new Uint8Array(await held.arrayBuffer());
  const sha256 = await sha256Of(before);
  const said = { bytes: before.length, why: scope.kind };
  if (metadata.redaction === run.id) {
    const { taken, before: was = "", rows: left } = metadata;
    if (listed === sha256) return "same";
    return { ...said, ...{ rows: Number(taken), left: Number(left) }, ...digests(was, sha256) };
  }
  if (listed !== null && listed !== sha256) return "busy";
  const named = { object, rows: Number(metadata.rows), bytes: before.length, sha256 };
  const writer = snapshotWriter(ports.zstd);
  let taken = 0;
  for await (const group of rowGroups<SnapshotRow>(before, named, ports.zstd))
    for (const row of group) {
      const kept = without(scope, row);
      if (kept !== row) taken++;
      if (kept !== null) writer.add(kept);
    }
  if (taken === 0) return "same";
  const after = await finished(writer);
  const put = await env.SNAPSHOTS.put(object, after.bytes, {
    onlyIf: { etagMatches: held.etag },
    httpMetadata: { contentType: "application/vnd.apache.parquet" },
    customMetadata: {
      ...{ versions: metadata.versions ?? "[]", rows: String(after.rows), sha256: after.sha256 },
      ...{ redaction: run.id, taken: String(taken), before: sha256 },
    },
  });
  if (put === null) return "busy";
  const { rows: left, bytes } = after;
  const sizes = { rows: taken, left, bytes: bytes.length, why: scope.kind };
  return { ...sizes, ...digests(sha256, after.sha256) };
}

const digests = (sha256Before: string, sha256After: string) => ({ sha256Before, sha256After });

/** The row itself: it stays as it is. Null: it goes. */
function without(scope: RedactionScope, row: SnapshotRow): SnapshotRow | null {
  if (scope.kind === "person") return row.person === scope.person ? { ...row, person: null } : row;
  if (scope.kind === "all") return null;
  return scope.connections.some((one) => one === row.connection) ? null : row;
}

/** Whoever waits for it by a receipt is told. */
async function receiptUnit(step: Step): Promise<Progress> {
  const { receipt } = argsOf(step);
  if (receipt === undefined) return { go: "next" };
  const { redacted = 0 } = step.run.state.counts;
  const steps = [{ step: "snapshots", at: formatMoment(step.now()), count: redacted }];
  const { WAREHOUSE } = step.env;
  const isKept = await takeOff(WAREHOUSE, receipt, "snapshots", steps, step.now());
  return { go: isKept ? "next" : "wait" };
}

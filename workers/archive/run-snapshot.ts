/**
 * Copies a merchant's lines of some business days, as they are settled now, an object a day. What
 * was copied is never copied again: a correction that comes later is not in it.
 */
import * as z from "zod";
import {
  type SnapshotObject,
  snapshotFolder,
  snapshotObject,
} from "../../domain/finance/snapshot.ts";
import type { MemberId } from "../../domain/identity.ts";
import { addDays, isLocalDate, type LocalDate } from "../../domain/time.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { type CopiedDay, copiedDay } from "./snapshot-rows.ts";
import { SnapshotStore } from "./snapshot-store.ts";

/** A day is read out of all buckets: some thirty calls. */
const daysPerStepMax = 4;
const deletedAtOnceMax = 1_000;

const day = z.string().refine(isLocalDate);
const argsSchema = z.object({
  merchant: z.string().transform((id) => id as MemberId),
  name: z.string(),
  from: day,
  to: day,
});
const argsOf = ({ run }: Pick<Step, "run">) => argsSchema.parse(run.args);

export const snapshotStages: readonly Stage[] = [
  { name: "copy", unitsPerStepMax: daysPerStepMax, unit: copyUnit },
  { name: "made", unit: madeUnit },
];

/**
 * A day:
 *   1. its lines are read out of the versions that are current
 *   2. the object is created           a crash here: it is there the next time, and stays as it is,
 *                                      whatever its day has come to meanwhile
 *   3. it is put on the snapshot's list, as its own metadata say
 *                                      a crash here: found there
 * A day without lines has no object. Of a merchant who is gone meanwhile nothing more is copied.
 */
async function copyUnit(step: Step): Promise<Progress> {
  const { env, run } = step;
  const { merchant, name, from, to } = argsOf(step);
  const of = (run.state.cursor ?? from) as LocalDate;
  const store = new SnapshotStore(env.WAREHOUSE);
  const held = await store.listed(merchant, name);
  if (held === null || of > to) return { go: "next" };
  const past = { go: "more", cursor: addDays(of, 1), done: 1 } as const;
  if (held.objects.some((one) => one.day === of)) return past;
  const object = snapshotObject(merchant, name, of);
  const copied = await copiedDay(step.ports, merchant, of, (persons) =>
    store.forgotten(merchant, persons),
  );
  if (copied.rows === 0) return past;
  const put = await env.SNAPSHOTS.put(object, copied.bytes, {
    onlyIf: { etagDoesNotMatch: "*" },
    httpMetadata: { contentType: "application/vnd.apache.parquet" },
    customMetadata: metadataOf(copied),
  });
  const entry = put === null ? await heldEntry(step, object, of) : entryOf(object, of, copied);
  if (entry === null || !(await store.list(merchant, name, held, entry))) return { go: "wait" };
  return { ...past, counts: { rows: entry.rows } };
}

const metadataOf = ({ rows, sha256, versions }: CopiedDay): Record<string, string> => ({
  ...{ rows: String(rows), sha256, versions: JSON.stringify(versions) },
});

const entryOf = (
  object: string,
  of: LocalDate,
  { rows, sha256, versions, bytes }: CopiedDay,
): SnapshotObject => ({ object, day: of, rows, bytes: bytes.length, sha256, versions });

/** What an earlier try left there. */
async function heldEntry(
  { env }: Step,
  object: string,
  of: LocalDate,
): Promise<SnapshotObject | null> {
  const head = await env.SNAPSHOTS.head(object);
  if (head === null) return null;
  const { rows, sha256 = "", versions = "[]" } = head.customMetadata ?? {};
  const said = { rows: Number(rows), sha256, versions: JSON.parse(versions) };
  return { object, day: of, bytes: head.size, ...said };
}

/** Whoever erased the merchant meanwhile may have looked before the last object came. */
async function madeUnit(step: Step): Promise<Progress> {
  const { env } = step;
  const { merchant, name } = argsOf(step);
  const store = new SnapshotStore(env.WAREHOUSE);
  await store.made(merchant, name, step.now());
  if ((await store.listed(merchant, name)) !== null) return { go: "next" };
  const prefix = snapshotFolder(merchant, name);
  const { objects, truncated } = await env.SNAPSHOTS.list({ prefix, limit: deletedAtOnceMax });
  if (objects.length > 0) await env.SNAPSHOTS.delete(objects.map(({ key }) => key));
  return { go: truncated ? "more" : "next" };
}

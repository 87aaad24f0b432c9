/**
 * The file of an activity (FIT, TCX or GPX), read as an upload is: the same bytes give the same
 * sessions, whichever way they came. A session becomes a record of its own, beside the summary that
 * Garmin sends of the activity, and names that as what it is a copy of, so that the two count once.
 * What the announcement calls the file is not believed: GPX has come as "FIT"; its content decides.
 * The file itself is not kept, but its session is, without samples: it can be read again.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import { readFile } from "../files/read.ts";
import type { FileSession } from "../files/session.ts";
import { unpack, unpackBudget } from "../files/unpack.ts";
import { files } from "../files.ts";
import { type Draft, type ItemFault, isRetractedDraft } from "../provider.ts";
import { amountOf, type Fields, isFields, rawOf } from "../untrusted.ts";
import { sourceIdOf } from "./ids.ts";

/** Why nothing of a file was taken, as a slug. */
const faultPattern = /^file-[a-z-]{1,40}$/;

/** A file's sessions as items, or what is wrong with it as one. */
export function itemsOf(summaryId: string, bytes: Uint8Array): Fields[] {
  const refused: string[] = [];
  const sessions: FileSession[] = [];
  for (const file of unpack(bytes, unpackBudget())) {
    const read = "refused" in file ? file : readFile(file.bytes);
    if (read.refused !== null) refused.push(read.refused);
    if ("sessions" in read) sessions.push(...read.sessions);
  }
  if (sessions.length === 0) return [{ summaryId, fault: `file-${refused[0] ?? "no-session"}` }];
  const of = sessions.length;
  return sessions.map((session, index) => ({ summaryId, index, of, session }));
}

export function normaliseFile(item: Fields, receivedMs: Instant): Result<Draft, ItemFault> {
  const { fault, session } = item;
  if (typeof fault === "string" && faultPattern.test(fault)) return err(fault);
  const summaryId = sourceIdOf(item.summaryId);
  const index = amountOf(item.index);
  if (summaryId === null || index === null) return err("no-id");
  if (!isFields(session)) return err("not-an-object");
  const read = files.normalise("session", { digest: summaryId, session }, receivedMs);
  if (!read.ok || isRetractedDraft(read.value)) return read;
  const { heartRate, track, ...open } = read.value.fields;
  const { heartRate: beats, track: points, ...summary } = session;
  // A slice that is read again holds no samples: it says that there was a track, and no more of it.
  const hasTrack = Array.isArray(points) ? open.hasTrack : item.hasTrack === true;
  const text = rawOf({ ...item, session: summary, hasTrack });
  if (text === null) return err("too-deep");
  const fields = {
    ...open,
    hasTrack,
    ...(Array.isArray(beats) ? { heartRate } : {}),
    ...(Array.isArray(points) ? { track } : {}),
  };
  return ok({
    sourceId: index === 0 ? `${summaryId}-file` : `${summaryId}-file-${index}`,
    revision: null,
    fields,
    // Of several sessions none is a copy of the whole; they lie in it, or beside the children of it.
    copyOf: item.of === 1 ? { provider: "garmin", sourceId: summaryId } : null,
    raw: { column: "raw_file", text },
  });
}

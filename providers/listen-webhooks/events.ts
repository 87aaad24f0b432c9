/**
 * The events of listens in the form of Standard Webhooks, as docs/listens.md has them:
 * `listens.submitted` with the listens, `listens.deleted` with the ids of what is taken back for good.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { neverReturns } from "../../domain/stream.ts";
import type { Instant } from "../../domain/time.ts";
import { draftOf, heardOf, lengthOf, nowhere, recordingCharsMax } from "../listen.ts";
import type { Delivery, Draft, ItemFault, ParseFault } from "../provider.ts";
import { type EntriesByType, parseEvent } from "../standard-webhooks/events.ts";
import { Entry, sourceIdOf } from "../standard-webhooks/reading.ts";
import { fieldsOf, isFields } from "../untrusted.ts";

const kinds = { listen: "listen", deleted: "deleted" } as const;

/** Entries of one event. */
export const listensMax = 1_000;
/** A recording, and a play of it, is no longer than a day. */
export const secondsMax = 86_400;

const byType: EntriesByType = {
  "listens.submitted": { in: "listens", kind: kinds.listen, max: listensMax },
  "listens.deleted": { in: "ids", kind: kinds.deleted, max: listensMax },
};

export const parse = (body: string): Result<Delivery, ParseFault> => parseEvent(body, byType);

export function normalise(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<Draft, ItemFault> {
  if (kind === kinds.deleted) return deleted(item);
  if (kind !== kinds.listen) return err("unknown-kind");
  const { sender, listen } = fieldsOf(item);
  if (!isFields(listen)) return err("not-an-object");
  const entry = new Entry(listen);
  const id = entry.id();
  const start = entry.moment("listenedAt", "no-start");
  const durationS = entry.amount("durationSeconds", { max: secondsMax, fault: "bad-duration" });
  const playedS = entry.amount("playedSeconds", { max: secondsMax, fault: "bad-played" });
  const recording = entry.text("recording", {
    charsMax: recordingCharsMax,
    fault: "bad-recording",
  });
  const territory = territoryIn(entry);
  if (id === null || start === null || entry.fault !== null) return err(entry.fault ?? "no-start");
  const { artist, track, release } = listen;
  const play = {
    ...{ artist, track, release, recording, territory },
    at: start.atMs,
    precisionMs: 1000,
    durationMs: durationS === null ? null : lengthOf(durationS * 1000),
    playedMs: playedS === null ? null : heardOf(playedS * 1000),
  };
  return draftOf(play, receivedMs, () => sourceIdOf(sender, id));
}

/** Where the listener was; a sender's own address says nothing of that. */
function territoryIn(entry: Entry): string {
  const { territory = null } = entry.fields;
  if (territory === null) return nowhere;
  if (typeof territory === "string" && /^[A-Z]{2}$/.test(territory)) return territory;
  entry.bad("bad-territory");
  return nowhere;
}

/** For good: what is ordered by its content alone would come back with the next repetition. */
function deleted(item: unknown): Result<Draft, ItemFault> {
  const { sender, deleted: id } = fieldsOf(item);
  const entry = new Entry({ id });
  const named = entry.id();
  if (named === null) return err(entry.fault ?? "no-id");
  return ok({ sourceId: sourceIdOf(sender, named), revision: neverReturns, retracted: true });
}

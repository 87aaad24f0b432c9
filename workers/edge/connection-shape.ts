/** A connection as its member is shown it: by /v1/connections and, as it changes, by /v1/sync-status. */
import * as z from "zod";
import {
  type BackfillStatus,
  type ConnectionStatus,
  connectionReasons,
  connectionStates,
} from "../../domain/ports.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import { providerNamed } from "../../providers/index.ts";
import type { ConnectionRow } from "./members.ts";

const moment = z.string().nullable();

export const connection = z
  .object({
    id: z.string(),
    provider: z.string(),
    since: z.string(),
    status: z.enum(connectionStates),
    why: z.enum(connectionReasons).nullable().describe("docs/connections.md says what to do."),
    backfill: z
      .object({
        state: z.enum(["waiting", "running", "done", "refused"]),
        percent: z.number().int(),
        from: z.string().describe("How far back it goes."),
        doneTo: z.string().describe("How far back it is."),
        hasGaps: z
          .boolean()
          .describe("Some could not be read however often it was tried, and was left out."),
      })
      .nullable()
      .describe("Null: this provider has no history to give."),
    lastReceived: moment.describe("When data last came."),
    lastChecked: moment.describe("When the provider was last asked with success."),
    behindSince: moment.describe("Since when the oldest of what waits to be read has waited."),
    next: moment.describe("When it is read next by itself; null: when there is something to read."),
    scopes: z.array(z.string()).nullable().describe("What was granted; null: it does not say."),
    forgottenTo: moment.describe(
      "What happened up to then was erased and is not taken, until it is lifted.",
    ),
    unconfirmed: z
      .array(z.string())
      .describe("Said of the account without proof; nothing changed."),
  })
  .meta({ id: "Connection" });
export type ShownConnection = z.output<typeof connection>;

const shownMoment = (atMs: Instant | null): string | null =>
  atMs === null ? null : formatMoment(atMs);

const shownBackfill = ({ state, percent, fromMs, doneToMs, hasGaps }: BackfillStatus) => ({
  state,
  percent,
  from: formatMoment(fromMs),
  doneTo: formatMoment(doneToMs),
  hasGaps,
});

/** Null: it has not said how it is doing, as one that was linked just now. */
export const shownConnection = (
  row: Pick<ConnectionRow, "id" | "provider" | "madeAtMs" | "forgottenToMs">,
  status: ConnectionStatus | null,
): ShownConnection => ({
  id: row.id,
  provider: row.provider,
  since: formatMoment(row.madeAtMs),
  status: status?.state ?? (providerNamed(row.provider)?.link ? "syncing" : "connected"),
  why: status?.why ?? null,
  backfill: status?.backfill ? shownBackfill(status.backfill) : null,
  lastReceived: shownMoment(status?.lastReceivedMs ?? null),
  lastChecked: shownMoment(status?.lastCheckedMs ?? null),
  behindSince: shownMoment(status?.behindSinceMs ?? null),
  next: shownMoment(status?.nextMs ?? null),
  scopes: status?.scopes ? [...status.scopes] : null,
  forgottenTo: shownMoment(row.forgottenToMs),
  unconfirmed: [...(status?.unconfirmed ?? [])],
});

/**
 * Opening a share: whoever has the code is let in, without a token. Every opening stands in the
 * member's log before anything is read. A code that is wrong, one that is over and one that was
 * revoked are answered alike, and cost one look into the directory; who guesses is soon not heard.
 */
import type { Outcome } from "../../domain/audit.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { OpenedShare, OrRefusal, Refusal, Zones } from "../../domain/ports.ts";
import type { DayAggregates } from "../../domain/samples/aggregate.ts";
import type { Metric } from "../../domain/samples/metrics.ts";
import type { LocalDate } from "../../domain/time.ts";
import { closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import { type Shards, type Vault, wholeShardAt } from "./env.ts";
import { type Shared, type ShareRow, sharedBy, shareFields, shareGround } from "./shares.ts";
import { hashOfCode, readCode } from "./shares-code.ts";
import type { Guesses } from "./shares-guesses.ts";

const notFound: Refusal = { refused: "not-found" };

/** Whoever shows a code, and whose wrong ones are counted together. */
export interface Knock {
  readonly code: string;
  readonly from: string;
}
export interface DaysAsked {
  readonly metrics: readonly Metric[];
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly zones: Zones;
}
/** Resolves and opens these days; whether they may be shown is decided here. */
export type ReadDays = (
  vault: Vault,
  member: MemberId,
  asked: DaysAsked,
  nowMs: number,
) => Promise<readonly DayAggregates[] | "busy" | "forgotten">;

export interface Openable {
  readonly shards: Shards;
  readonly guesses: Guesses;
  readonly readDays: ReadDays;
  readonly now: () => number;
}

/** Whose share it is: the zones that their days go by are the edge's to know. Opens nothing. */
export async function memberOfShare(
  at: Omit<Openable, "readDays">,
  knock: Knock,
): Promise<OrRefusal<{ readonly member: MemberId }>> {
  const found = await lookUp(at, knock);
  return "refused" in found ? found : { member: found.member };
}

interface Found {
  readonly member: MemberId;
  readonly hash: string;
}

async function lookUp(
  { shards, guesses, now }: Omit<Openable, "readDays">,
  { code: typed, from }: Knock,
): Promise<OrRefusal<Found>> {
  const nowMs = now();
  if (!guesses.guess(from, nowMs)) return tooMany;
  const code = readCode(typed);
  const hash = code === null ? null : await hashOfCode(code);
  const member =
    hash === null
      ? null
      : await shards.directory.database
          .prepare("SELECT member FROM share WHERE hash = ? AND expires_at > ?")
          .bind(hash, nowMs)
          .first<MemberId>("member");
  if (hash === null || member === null) return notFound;
  guesses.takeBack(from, nowMs);
  return { member, hash };
}

/**
 * 1. the code leads to a member, their shard to the share and to what it shows
 * 2. the intent is in the log, durable          an entry without an outcome: shown as unknown
 * 3. the days are read                          the same
 * 4. one statement sees that the share holds and the member lives, and counts the opening
 *                                               the same, and counted: nothing was handed out
 * 5. the outcome is appended                    the same
 * 6. the days are handed out
 *
 * The decision comes after the reading, so a share that is revoked while it is being read shows
 * nothing. The log names the share, and not for whom it was.
 */
export async function openShare(
  at: Openable,
  knock: Knock,
  zones: Zones,
): Promise<OrRefusal<OpenedShare>> {
  const { shards, guesses, readDays, now } = at;
  const found = await lookUp(at, knock);
  if ("refused" in found) return found;
  const { member } = found;
  const shard = await shards.directory.shardOf(member);
  if (shard === null) return notFound;
  const vault = await wholeShardAt(shards, shard, now());
  const share = await shareAt(vault, found, now());
  if ("refused" in share) {
    if (share.refused === "not-found") guesses.guess(knock.from, now());
    return share;
  }
  const { row, shared } = share;
  const opened = await openEntry(vault, deedOf(member, row.id, shared.metrics), now());
  if (opened === null) return tooMany;
  const close = (outcome: string, ground: string, rows = 0): Promise<void> =>
    closeEntry(vault, opened, { outcome, ground, rows } satisfies Outcome);
  let days: Awaited<ReturnType<ReadDays>>;
  let isOpen: boolean;
  try {
    days = await readDays(vault, member, { ...shared, zones }, now());
    isOpen = typeof days !== "string" && (await decide(vault, member, row.id, now()));
  } catch (error) {
    await close("failed", shareGround(row.id));
    throw error;
  }
  if (days === "busy") {
    await close("failed", "busy");
    return { refused: "busy" };
  }
  if (!isOpen || days === "forgotten") {
    await close("refused", "share-over");
    return notFound;
  }
  const shown = shownOf(days, shared);
  await close("permitted", shareGround(row.id), shown.length);
  return { ...shared, expiresAtMs: row.expires_at, days: shown };
}

async function shareAt(
  vault: Vault,
  { member, hash }: Found,
  nowMs: number,
): Promise<OrRefusal<{ readonly row: ShareRow; readonly shared: Shared }>> {
  const row = await vault.phi
    .withSession("first-primary")
    .prepare(`SELECT ${shareFields} FROM share WHERE member = ? AND hash = ? AND ${holds("?")}`)
    .bind(member, hash, nowMs)
    .first<ShareRow>();
  if (row === null) return notFound;
  const shared = await sharedBy(vault, member, [row.id], nowMs);
  if (shared === "busy") return { refused: "busy" };
  const what = shared === "forgotten" ? undefined : shared.get(row.id);
  return what === undefined ? notFound : { row, shared: what };
}

const holds = (now: string): string => `revoked_at IS NULL AND expires_at > ${now}`;

/** The one statement that decides, on the primary as every write is. */
async function decide({ phi }: Vault, member: MemberId, id: string, nowMs: number) {
  const counted = await phi
    .prepare(
      `UPDATE share SET opened = opened + 1, last_opened_at = ?3
       WHERE id = ?1 AND member = ?2 AND ${holds("?3")}
         AND EXISTS (SELECT 1 FROM member WHERE id = ?2 AND erased_at IS NULL)`,
    )
    .bind(id, member, nowMs)
    .run();
  return counted.meta.changes === 1;
}

/** Nobody is known of who opens it but that they have the code: the share stands for them. */
const deedOf = (member: MemberId, id: string, metrics: readonly Metric[]): Deed => ({
  deed: "open-share",
  actor: { id: shareGround(id), member: null, roles: [] },
  role: "",
  member,
  columns: metrics,
  purpose: "",
});

/** Days and metrics that were chosen, whatever was read; never hours. */
const shownOf = (
  days: readonly DayAggregates[],
  { metrics, from, to }: Shared,
): readonly DayAggregates[] =>
  days
    .filter(({ date }) => from <= date && date <= to)
    .map(({ date, metrics: of }) => ({
      date,
      metrics: Object.fromEntries(
        metrics.flatMap((metric) => (of[metric] === undefined ? [] : [[metric, of[metric]]])),
      ),
    }));

/** Opening one card's number: for a role, for a reason, and never without the log having both. */
import { findCardNumbers } from "../../domain/cards/find.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal } from "../../domain/ports.ts";
import { closeEntry, openEntry, tooMany } from "./audit.ts";
import { cardRow, numberColumn } from "./card-rows.ts";
import { type Shards, wholeShardAt } from "./env.ts";
import { type Actor, isMemberId } from "./principal.ts";
import { openColumn } from "./sealed-read.ts";

const role = "finance";
/** As much as an entry of the log holds of a purpose, or a little less. */
const reasonCharsMax = 60;
const tokenPattern = /^card_[A-Za-z0-9_-]{1,40}$/;

/** Something to be seen, and no card's number: the log is for good. */
const isReason = (text: string): boolean =>
  text.length <= reasonCharsMax &&
  /[^\p{C}\p{Z}]/u.test(text) &&
  findCardNumbers(text).length === 0;

/**
 * Throws `Restored`.
 *
 * 1. the intent is in the log     shown as unknown, nothing was opened
 * 2. the number is opened         the same: too much in the log, never too little
 * 3. the outcome is in the log    the same
 * 4. the number is told
 */
export async function revealCard(
  shards: Shards,
  actor: Actor,
  merchant: MemberId,
  card: string,
  reason: string,
  now: () => number,
): Promise<OrRefusal<{ number: string }>> {
  const purpose = reason.trim();
  if (!isReason(purpose)) return { refused: "invalid" };
  if (!isMemberId(merchant) || !tokenPattern.test(card)) return { refused: "not-found" };
  const shard = (await shards.directory.shardOf(merchant)) ?? 0;
  const vault = await wholeShardAt(shards, shard, now());
  const columns = [numberColumn];
  const isAllowed = actor.roles.includes(role);
  const deed = { deed: "reveal-card", actor, member: merchant, columns, purpose } as const;
  const opened = await openEntry(shards, { ...deed, role: isAllowed ? role : "member" }, now());
  if (opened === null) return tooMany;
  const refuse = async <T extends string>(refused: T, ground: string): Promise<{ refused: T }> => {
    await closeEntry(vault, opened, { outcome: "refused", ground, rows: 0 });
    return { refused };
  };
  if (!isAllowed) return refuse("forbidden", "role");
  const texts = await openColumn(vault, merchant, numberColumn, [cardRow(card)], now());
  if (texts === "busy") return refuse("busy", "busy");
  const text = texts === "forgotten" ? undefined : texts.get(cardRow(card));
  if (text === undefined) return refuse("not-found", "no-card");
  await closeEntry(vault, opened, { outcome: "permitted", ground: role, rows: 1 });
  return { number: JSON.parse(text) as string };
}

/**
 * Notices: an array that says whose collection changed on which calendar day, and nothing else. A
 * notice has no id, and a member's watch syncs many times a day: it always means "read again",
 * never "already processed". The day is one of a zone that is not named, so the window is a day
 * wider on both sides. Long ago the array came as a file of a multipart form; it is still read so.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { AccountClaim, AccountNotice, Delivery, ParseFault } from "../provider.ts";
import { type Fields, isFields, jsonOf, nameCharsMax } from "../untrusted.ts";
import { activities, dayMsOf } from "./values.ts";

/** Of the samples, and of no use here. A day's steps change with its activities. */
const others = ["sleep", "body", "foods"];
const revoked = "userRevokedAccess";

type Entry = { notice: AccountNotice } | { later: AccountNotice } | { claim: AccountClaim };

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body) ?? jsonOf(updatesIn(body));
  if (json === undefined) return err("not-json");
  if (!Array.isArray(json)) return err("not-understood");
  const entries = json.flatMap((said) => entryOf(said) ?? []);
  if (json.length > 0 && entries.length === 0) return err("not-understood");
  return ok({
    items: [],
    notices: entries.flatMap((entry) => ("notice" in entry ? entry.notice : [])),
    claims: entries.flatMap((entry) => ("claim" in entry ? entry.claim : [])),
    later: {
      items: [],
      notices: entries.flatMap((entry) => ("later" in entry ? entry.later : [])),
    },
    unknown: json.length - entries.length,
  });
}

function entryOf(said: unknown): Entry | null {
  if (!isFields(said)) return null;
  const { collectionType, ownerId: account, ownerType = "user" } = said;
  if (typeof account !== "string" || account.length === 0 || account.length > nameCharsMax)
    return null;
  if (ownerType !== "user" || typeof collectionType !== "string") return null;
  if (collectionType === revoked) return { claim: { account, claim: "deregistered" } };
  const window = windowOf(said);
  if (window === null) return null;
  const notice = { account, collection: collectionType, ...window, gone: null };
  if (collectionType === activities) return { notice };
  return others.includes(collectionType) ? { later: notice } : null;
}

function windowOf({ date }: Fields): { fromMs: Instant; toMs: Instant } | null {
  const dayMs = dayMsOf(date);
  if (dayMs === null) return null;
  return { fromMs: Math.max(0, dayMs - msPerDay), toMs: dayMs + 2 * msPerDay };
}

/** The part named `updates` of a multipart form (RFC 7578); empty when there is none. */
function updatesIn(body: string): string {
  const [first = ""] = body.split("\r\n", 1);
  if (!/^--[^\r\n]{1,70}$/.test(first)) return "";
  for (const part of body.split(first)) {
    const [head = "", ...content] = part.split("\r\n\r\n");
    if (/;\s*name="updates"/i.test(head)) return content.join("\r\n\r\n").replace(/\r\n$/, "");
  }
  return "";
}

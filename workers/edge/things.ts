/**
 * What a ledger resolved of its member's own, listed, shown and erased by its member: the same for
 * every stream. How one of them looks is its route's.
 */
import type * as z from "zod";
import type { FactId } from "../../domain/identity.ts";
import { isRefusal, type LedgerPort, type Page, type SeenBy } from "../../domain/ports.ts";
import { streams } from "../../domain/streams.ts";
import { msPerDay, parseMoment } from "../../domain/time.ts";
import { askedByMember, type ByHand, eraseByHand, eraseWindow } from "./erase.ts";
import { refusalOf } from "./refusal.ts";
import { type Call, json, type pageQuery } from "./route.ts";

const erasedSpanMsMax = 366 * msPerDay;

/** A page of what a ledger resolved, newest first; null for a cursor that is none. */
export async function pageOf<R>(
  ledger: LedgerPort,
  { cursor, limit }: z.output<ReturnType<typeof pageQuery>>,
  seenBy: SeenBy,
): Promise<Page<R> | null> {
  const before = cursor === undefined ? null : parsePlace(cursor);
  if (before === undefined) return null;
  const { items, next } = await ledger.list(before, limit, seenBy);
  return { items: items as R[], next: next === null ? null : btoa(next) };
}

/** Reads a cursor over things in time, `[at, id]` in base64; undefined when it is none. */
function parsePlace(text: string): string | undefined {
  try {
    const decoded = atob(text);
    const [at, id] = JSON.parse(decoded);
    return Number.isSafeInteger(at) && typeof id === "string" ? decoded : undefined;
  } catch {
    return undefined;
  }
}

type Owner = Pick<Call, "ports" | "member">;
type Named = Call<{ readonly id: string }, undefined, undefined>;

export const thingsOf = ({ ports, member }: Owner, of: ByHand): LedgerPort =>
  ports.ledger(streams[of], member);

const resolveOf = (of: ByHand) => streams[of].resolve;

/** By its id; by one that went into another it is told where that is. */
export async function showThing<R>(
  call: Named,
  of: ByHand,
  shown: (thing: R) => unknown,
): Promise<Response> {
  const found = await thingsOf(call, of).find(call.params.id);
  if (found === null) return call.fail("not-found");
  const id = resolveOf(of)?.id(found as never);
  if (id === call.params.id) return json(shown(found as R));
  const headers = { location: `/v1/${of}/${id}`, "cache-control": "no-store" };
  return new Response(null, { status: 307, headers });
}

/** A former id is not followed: it was part of what the member means, and the rest was not. */
export async function eraseThing(call: Named, of: ByHand): Promise<Response> {
  const found = await thingsOf(call, of).find(call.params.id);
  const resolve = resolveOf(of);
  if (found === null || resolve?.id(found as never) !== call.params.id)
    return call.fail("not-found");
  let facts: readonly FactId[] = resolve.factsOf(found as never);
  const erased = await eraseByHand(askedByMember(call), of, async () => {
    const listed = facts;
    facts = [];
    return listed;
  });
  return isRefusal(erased) ? call.fail(refusalOf(erased)) : json(erased);
}

type Span = { readonly from: string; readonly to: string };

/** What the ledger lists of the window is erased, until it lists nothing more. */
export async function eraseSpan(
  call: Call<undefined, Span, undefined>,
  of: ByHand,
): Promise<Response> {
  const window = windowOf(call.query);
  if (window === null)
    return call.fail("invalid-request", { fields: [{ field: "query.to", rule: "window" }] });
  const erased = await eraseWindow(askedByMember(call), of, window.fromMs, window.toMs);
  return isRefusal(erased) ? call.fail(refusalOf(erased)) : json(erased);
}

/** Null for one that ends before it begins, or is longer than a year. */
export function windowOf({ from, to }: Span) {
  const [begins, ends] = [parseMoment(from), parseMoment(to)];
  if (!begins.ok || !ends.ok) return null;
  const [fromMs, toMs] = [begins.value.atMs, ends.value.atMs];
  return toMs >= fromMs && toMs - fromMs <= erasedSpanMsMax ? { fromMs, toMs } : null;
}

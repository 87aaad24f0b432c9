/**
 * Asking the vault what samples came to, for whoever may see it. The caller's token goes to the vault,
 * which decides, writes down and opens. What the caller has already is asked about by its version:
 * while that stands nothing is opened, and nothing is sent.
 */
import type { MemberId } from "../../domain/identity.ts";
import {
  type AggregatesAnswer,
  type AggregatesRequest,
  isRefusal,
  type MemberSettings,
} from "../../domain/ports.ts";
import type { DayAggregates } from "../../domain/samples/aggregate.ts";
import type { Goals } from "../../domain/samples/goals.ts";
import { noSettings, offsetAt } from "../../domain/settings.ts";
import { type Instant, type LocalDate, localDate } from "../../domain/time.ts";
import { memberRow } from "./members.ts";
import { refusalOf } from "./refusal.ts";
import type { Call } from "./route.ts";

type Reader = Pick<Call, "ports" | "request" | "token" | "fail">;

/** Whose aggregates are asked for: the caller's own, unless they say. Null: they have none. */
export const meantMember = (call: Pick<Call, "member">, said: string | undefined) =>
  ((said ?? call.member) || null) as MemberId | null;

/** Of nobody who is a member: the vault is asked all the same, and says what it says of everybody. */
export async function settingsOf(
  { ports }: Pick<Call, "ports">,
  member: MemberId,
): Promise<MemberSettings> {
  const row = await memberRow(ports, member);
  return row?.settings ?? { version: 0, zones: [], onBoards: false };
}

/** The local day there. */
export const dayAt = ({ zones }: Pick<MemberSettings, "zones">, atMs: Instant): LocalDate =>
  localDate(atMs, offsetAt(null, { ...noSettings, zones }, atMs));

export interface Read {
  readonly days: readonly DayAggregates[];
  /** Null where they were not asked for, or are another member's. */
  readonly goals: Goals | null;
  readonly headers: Readonly<Record<string, string>>;
}

type Asked = Omit<AggregatesRequest, "zones" | "knownVersion">;

/** The days, or the answer: unchanged, or refused. */
export async function readAggregates(
  call: Reader,
  asked: Asked,
  settings: MemberSettings,
): Promise<Read | Response> {
  // Two days of which there is nothing are of one version, and "today" is another day tomorrow.
  const about = `${asked.from}.${asked.to}.${settings.version}.`;
  const knownVersion = knownTo(call.request, about);
  const request = { ...asked, zones: settings.zones, knownVersion };
  const answer = await call.ports.open.aggregates(call.token, request);
  if (isRefusal(answer)) return call.fail(refusalOf(answer));
  const headers = { "cache-control": "no-store", etag: `"${about}${answer.version}"` };
  const { days, goals } = answer;
  if (days === null) return new Response(null, { status: 304, headers });
  return { days, goals, headers: { ...headers, ...entryOf(answer) } };
}

const entryOf = ({ entry }: AggregatesAnswer): Readonly<Record<string, string>> =>
  entry === null ? {} : { "audit-entry": `${entry.log}/${entry.index}` };

const tagsMax = 20;

/** The version that the caller has of this; a tag of anything else says nothing (RFC 9110, 13.1.2). */
function knownTo(request: Request, about: string): string | null {
  const tags = (request.headers.get("if-none-match") ?? "").split(",", tagsMax);
  for (const tag of tags) {
    const known = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag)?.[1];
    if (known?.startsWith(about)) return known.slice(about.length);
  }
  return null;
}

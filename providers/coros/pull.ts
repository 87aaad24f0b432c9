/**
 * What is asked of COROS: a list of so many days and no more, the newest first, since what is older
 * than three months is refused. On whose clock its days are is not said, so a day on each side is
 * asked for too. No record can be asked for alone without knowing what it is, so none is ever found to
 * be gone: no answer means that. What lies behind the stretch that is asked for first may be further
 * back than COROS gives, which it refuses in no word that is known: there a list is over.
 */
import type { Budget } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { addDays, isLocalDate, type LocalDate, localDate } from "../../domain/time.ts";
import { faultOf } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { fieldsOf, isFields } from "../untrusted.ts";
import { corosJson } from "./json.ts";
import { openIdOf } from "./notices.ts";
import { type Outcome, outcomeIn, sports } from "./values.ts";

const path = "/v2/coros/sport/list";
const bindState = "/coros/bindState";
export const corosPaths = [path, bindState];

/** Whether the account still gives to us. */
export const bound: ProviderRequest = { path: bindState, query: {} };

/** Of a list, first and last included. */
const datesAPageMax = 30;

interface Dates {
  readonly first: LocalDate;
  readonly last: LocalDate;
  /** Of the stretch before this one; null: this is the oldest. */
  readonly before: LocalDate | null;
}

/** The cursor is the last day of the stretch that it leads to. */
function datesOf({ fromMs, toMs }: PullStep, cursor: string | null): Dates {
  const oldest = addDays(localDate(fromMs, 0), -1);
  const last = cursor !== null && isLocalDate(cursor) ? cursor : addDays(localDate(toMs, 0), 1);
  const least = addDays(last, 1 - datesAPageMax);
  return least > oldest
    ? { first: least, last, before: addDays(least, -1) }
    : { first: oldest, last, before: null };
}

const written = (date: LocalDate): string => date.replaceAll("-", "");

function list(step: PullStep, cursor: string | null): ProviderRequest {
  const { first, last } = datesOf(step, cursor);
  return { path, query: { startDate: written(first), endDate: written(last) } };
}

const faults: Readonly<Partial<Record<Outcome, PageFault>>> = {
  denied: "reconnect",
  busy: "again",
  forbidden: "refused",
};

function page(
  reply: ProviderReply,
  step: PullStep | null = null,
  cursor?: string | null,
): Result<PulledPage, PageFault> {
  const json = corosJson(reply.body);
  const outcome = outcomeIn(json);
  const isOlder = step !== null && typeof cursor === "string" && isLocalDate(cursor);
  if (isOlder && isTooFarBack(reply, outcome)) return ok({ items: [], next: null });
  const fault = faultOf(reply);
  if (fault !== null) return err(fault === "gone" ? "broken" : fault);
  if (outcome !== "done") return err((outcome && faults[outcome]) ?? "broken");
  if (step === null) return err("refused");
  const items = fieldsOf(json).data ?? [];
  if (!Array.isArray(items)) return err("broken");
  // Without the cursor nobody knows which stretch this was.
  const next = cursor === undefined ? null : datesOf(step, cursor).before;
  return ok({ items: items.map(withoutFiles), next });
}

/** By a code that nobody documents, or by the status of a request that is no good. */
function isTooFarBack(
  { status, complete, fault }: ProviderReply,
  outcome: Outcome | null,
): boolean {
  if (!complete || fault !== null) return false;
  return outcome === "failed"
    ? status === 200 || status === 400
    : status === 400 && outcome === null;
}

/**
 * A file's address is for whoever knows it, and another each time: without it the same record stays
 * the same.
 */
function withoutFiles(item: unknown): unknown {
  const whole = withoutFile(item);
  if (!isFields(whole) || !Array.isArray(whole.triathlonItemList)) return whole;
  return { ...whole, triathlonItemList: whole.triathlonItemList.map(withoutFile) };
}

function withoutFile(item: unknown): unknown {
  if (!isFields(item)) return item;
  const { fitUrl: _, ...rest } = item;
  return rest;
}

export const pull: Pull = {
  list,
  one: () => bound,
  page,
  readings: () => null,
  join: (item) => item,
  accountIn: (item) => openIdOf(fieldsOf(item)),
  collections: [sports],
  // What a list lacks is never asked about, since no answer could say that it is gone.
  listedDays: 0,
};

/** A thousand calls a minute, by who read its reference; a member's own are a choice of ours. */
export const budget: Budget = {
  app: [{ name: "minute", calls: 500, windowMs: 60_000 }],
  member: [{ name: "minute", calls: 20, windowMs: 60_000 }],
  reserve: 0.3,
  throttles: "app",
  headers: [],
};

/**
 * What Withings sends: a form that says of whom, of which category (`appli`) and when, and nothing of
 * what was measured. The day is one of the member's own clock, so it is a day in no zone. A form that
 * says something twice could mean either, and is not understood.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, isLocalDate, msPerDay, offsetMinutesMax } from "../../domain/time.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { instantOf, numberNameOf } from "../untrusted.ts";
import { days, measures, nights, workouts } from "./values.ts";

const activity = "16";
const person = "46";
/** Categories that tell of new measurements, by what they are read from. */
const measured: Readonly<Record<string, string>> = {
  1: measures,
  2: measures,
  4: measures,
  44: nights,
  54: "heart",
  58: measures,
};

/** More than a body of theirs has; each is said once. */
const pairsMax = 20;
const formPattern = /^[\w.~%+&=@:*-]{1,2000}$/;
/** A stretch that is longer is worth no more than a look at what came lately. */
const stretchMsMax = 31 * msPerDay;
/** A day of some clock on Earth begins so much before it begins in UTC, and ends so much after. */
const awayMs = offsetMinutesMax * 60_000;

export function parse(body: string): Result<Delivery, ParseFault> {
  const pairs = formPattern.test(body) ? [...new URLSearchParams(body)] : [];
  const said = new Map(pairs);
  if (pairs.length === 0 || pairs.length > pairsMax || said.size !== pairs.length)
    return err("not-understood");
  const account = numberNameOf(said.get("userid"));
  const appli = numberNameOf(said.get("appli"));
  if (account === null || appli === null) return err("not-understood");
  if (appli === person) return ok(personal(account, said.get("action")));
  const window = dayOf(said.get("date")) ?? stretchOf(said.get("startdate"), said.get("enddate"));
  const of = (collection: string): AccountNotice => ({
    ...{ account, collection, ...(window ?? lately), gone: null },
  });
  // Of a day's steps as well as of its workouts; which, it does not say.
  if (appli === activity)
    return ok({ ...nothing, notices: [of(workouts)], later: { items: [], notices: [of(days)] } });
  const collection = Object.hasOwn(measured, appli) ? measured[appli] : undefined;
  if (collection === undefined) return ok({ ...nothing, unknown: 1 });
  return ok({ ...nothing, later: { items: [], notices: [of(collection)] } });
}

const lately = { fromMs: 0, toMs: 0, lately: true } as const;

/** Deleted there, or unlinked from us: either way it gives no more, once Withings itself says so. */
function personal(account: string, action: string | undefined): Delivery {
  if (action === "update") return nothing;
  if (action !== "unlink" && action !== "delete") return { ...nothing, unknown: 1 };
  return { ...nothing, claims: [{ account, claim: "deregistered" }] };
}

interface Window {
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

function dayOf(text = ""): Window | null {
  const day = isLocalDate(text) ? instantOf(`${text}T00:00:00Z`) : null;
  if (day === null) return null;
  return { fromMs: Math.max(0, day - awayMs), toMs: day + msPerDay + awayMs };
}

function stretchOf(start = "", end = ""): Window | null {
  const seconds = /^[1-9]\d{0,9}$/;
  if (!seconds.test(start) || !seconds.test(end)) return null;
  const [fromMs, toMs] = [Number(start) * 1000, Number(end) * 1000];
  return fromMs <= toMs && toMs - fromMs <= stretchMsMax ? { fromMs, toMs } : null;
}

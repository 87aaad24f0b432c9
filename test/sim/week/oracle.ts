/**
 * What must be true once the week is over: of every record that a provider holds its latest state
 * is recorded, as new once; what was deleted and said to be is retracted; there is nothing besides.
 */
import { hoursIn } from "./google-steps.ts";
import type { Recorded } from "./recorded.ts";
import { hasBeats } from "./strava.ts";
import { type Account, distanceOf, type WeekRecord } from "./world.ts";

/** No provider is asked for what is older; it may have come all the same. */
const surelyDays = 88;
/** The same of samples; their history begins once that of the workouts is over. */
const surelyStepsDays = 20;
const msPerDay = 86_400_000;

export interface Verdict {
  records: number;
  recorded: number;
  /** What is wrong, by its kind; and of each kind a few by name. */
  readonly wrong: Map<string, number>;
  readonly named: string[];
}
const namedMax = 20;

export const noVerdict = (): Verdict => ({
  records: 0,
  recorded: 0,
  wrong: new Map(),
  named: [],
});

export function judge(verdict: Verdict, account: Account, recorded: Recorded): void {
  const facts = new Set<string>();
  for (const record of account.records.values()) {
    facts.add(record.fact);
    verdict.records++;
    const wrong = wrongOf(account, record, recorded);
    if (wrong === null) verdict.recorded++;
    else complain(verdict, wrong, `${account.kind} ${record.id}`);
  }
  for (const [fact, times] of recorded.news) {
    if (!facts.has(fact)) complain(verdict, "a fact that no provider holds", account.user);
    const record = [...account.records.values()].find((r) => r.fact === fact);
    if (times > 1 + (record?.restored ?? 0))
      complain(verdict, "recorded as new more than once", `${account.kind} ${record?.id}`);
  }
  if (recorded.wronged > 0) complain(verdict, "retracted, and never gone", account.user);
  if (recorded.parked > 0) complain(verdict, "an item was parked", account.user);
  if (account.kind === "google-health") judgeSteps(verdict, account, recorded);
}

/** Each hour of the days before it was linked is in the vault, once, and its ledger was told. */
function judgeSteps(verdict: Verdict, { connectMs, user }: Account, { samples }: Recorded): void {
  const held = new Set([...samples.held.values()].map((record) => record.samples[0]?.fromMs));
  const hours = hoursIn(connectMs - surelyStepsDays * msPerDay, connectMs);
  if (!hours.every((hourMs) => held.has(hourMs))) complain(verdict, "steps are missing", user);
  if (held.size < samples.held.size) complain(verdict, "steps count twice", user);
  if (samples.unannounced > 0) complain(verdict, "a chunk was never announced", user);
}

function wrongOf(account: Account, record: WeekRecord, { store, sealed }: Recorded): string | null {
  const held = store.held(record.fact);
  const isOld = record.startMs < account.connectMs - surelyDays * msPerDay;
  if (record.gone) {
    const isGone = held === null || held.fact === null;
    return isGone || !record.sure ? null : "deleted, and still there";
  }
  if (held === null) return isOld ? null : "missing";
  if (held.fact === null) return "retracted, and the provider holds it";
  if (held.fact.distanceMm !== distanceOf(record)) return isOld ? null : "not its latest state";
  // One that was not to be had at first may have been retracted by then, and said again after it.
  const isSaidAgain = record.servedMs > 0 && held.revision > record.updatedMs;
  const isOrdered = account.kind !== "like-garmin" && account.kind !== "strava";
  if (isOrdered && held.revision !== record.updatedMs && !isSaidAgain)
    return "not its latest revision";
  const isHeartThere =
    account.kind === "strava" ? hasBeats(record) : account.kind === "google-health" && record.heart;
  if (isHeartThere && !sealed.get(record.fact)?.heart) return "its heart rate was never sealed";
  return null;
}

function complain(verdict: Verdict, wrong: string, name: string): void {
  verdict.wrong.set(wrong, (verdict.wrong.get(wrong) ?? 0) + 1);
  if (verdict.named.length < namedMax) verdict.named.push(`${wrong}: ${name}`);
}

/** How a connection is doing, in words: what it is, why, since when, and what it means for a day. */
import type { Connection } from "../api/sync-status.ts";
import { ago, clockTime, dayOfInstant, words } from "../design/format.ts";

type Status = Connection["status"];
type Why = NonNullable<Connection["why"]>;
export type Mood = "good" | "info" | "warn" | "bad";

/** Providers' names by which people know them. */
export type Titles = ReadonlyMap<string, string>;
export const titleOf = (provider: string, titles: Titles): string =>
  titles.get(provider) ?? words(provider);

const states: Readonly<Record<Status, { readonly word: string; readonly mood: Mood }>> = {
  connected: { word: "Up to date", mood: "good" },
  syncing: { word: "Reading", mood: "info" },
  backfilling: { word: "Reading history", mood: "info" },
  behind: { word: "Behind", mood: "warn" },
  "needs-reconnecting": { word: "Needs reconnecting", mood: "bad" },
};
export const stateOf = ({ status }: Connection) => states[status];

const reasons: Readonly<Record<Why, (title: string) => string>> = {
  "grant-ended": (title) => `${title} no longer lets Singlet in.`,
  "refresh-lost": (title) => `The permission from ${title} was lost on the way.`,
  "scope-missing": (title) => `What was allowed at ${title} is not enough to read anything.`,
  "permission-withdrawn": (title) => `The permission was taken back at ${title}.`,
  "provider-down": (title) => `${title} does not answer.`,
  "rate-limited": (title) => `${title} may be asked only so often; this waits for its turn.`,
  "broken-answers": (title) => `${title} answers in a form that Singlet cannot read.`,
  refused: (title) => `${title} refuses a part of what was asked for.`,
  ours: () => "A part of Singlet was down.",
};

/** What it is, why, since when, and what happens next by itself. */
export function sentencesOf(one: Connection, title: string, nowMs: number): string[] {
  const { status, why, behindSince, backfill, next, lastReceived, lastChecked } = one;
  const isWaiting = status === "behind" || status === "needs-reconnecting";
  const isReading = backfill?.state === "waiting" || backfill?.state === "running";
  return [
    ...(why === null ? [] : [reasons[why](title)]),
    ...(isWaiting && behindSince !== null
      ? [`Something waits since ${at(behindSince, nowMs)}.`]
      : []),
    ...(status === "behind" && next !== null ? [`Asked again ${ago(next, nowMs)}.`] : []),
    ...(isReading ? [`Its history is read: ${backfill.percent} %.`] : []),
    ...(lastReceived === null
      ? ["Nothing has come yet."]
      : [`Something last came ${ago(lastReceived, nowMs)}.`]),
    ...(lastChecked === null || isWaiting ? [] : [`Last asked ${ago(lastChecked, nowMs)}.`]),
  ];
}

const dayMs = 86_400_000;
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long" });

/** 14:05, Monday, Mon 2 Nov 2026: as exact as it matters. */
export function at(text: string, nowMs: number): string {
  const atMs = Date.parse(text);
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  if (isToday) return clockTime(atMs);
  return nowMs - atMs < 6 * dayMs ? weekdayFormat.format(atMs) : dayOfInstant(text);
}

/** Since when something of it is missing here; null: nothing is. */
const lackingSince = ({ status, behindSince, lastChecked, lastReceived, since }: Connection) =>
  status === "behind" || status === "needs-reconnecting"
    ? (behindSince ?? lastChecked ?? lastReceived ?? since)
    : null;

/** What waits may be of the day before it was announced: a night, a late upload. */
const marginMs = dayMs;
const isTouched = (date: string, since: string): boolean =>
  Date.parse(`${date}T00:00:00Z`) + dayMs >= Date.parse(since) - marginMs;

interface Days {
  readonly from: string;
  readonly to: string;
}

const isHistoryOf = ({ from, to }: Days, { backfill }: Connection): boolean =>
  (backfill?.state === "waiting" || backfill?.state === "running") &&
  backfill.from.slice(0, 10) <= to &&
  from < backfill.doneTo.slice(0, 10);

/** Why what is known of a day may not be all; null: nothing speaks against it. */
export const lackOf = (
  connections: readonly Connection[],
  date: string,
  titles: Titles,
  nowMs: number,
): string | null => lackOfSpan(connections, { from: date, to: date }, titles, nowMs);

/** The same of days that lie together: news are missing at their end, history anywhere in them. */
export function lackOfSpan(
  connections: readonly Connection[],
  days: Days,
  titles: Titles,
  nowMs: number,
): string | null {
  for (const one of connections) {
    const since = lackingSince(one);
    if (since === null || !isTouched(days.to, since)) continue;
    const name = titleOf(one.provider, titles);
    return `${name} has not been read since ${at(since, nowMs)}; this may not be all.`;
  }
  const reading = connections.find((one) => isHistoryOf(days, one));
  if (reading === undefined) return null;
  const name = titleOf(reading.provider, titles);
  return `The history of ${name} is still being read; this may not be all.`;
}

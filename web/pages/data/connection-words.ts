/** What to do about a connection, and how each provider is linked. How one is doing: session/connection-words.ts. */
import type { Connection, Provider } from "../../api/schema.d.ts";

type Why = NonNullable<Connection["why"]>;

const byItself = () => "It goes on by itself; you need not do anything.";
const advice: Readonly<Record<Why, (title: string) => string>> = {
  "grant-ended": () => "Reconnect it to go on. What came so far stays.",
  "refresh-lost": () => "Reconnect it to go on. What came so far stays.",
  "scope-missing": () => "Reconnect it, and allow what is marked as needed.",
  "permission-withdrawn": (title) => `Allow it at ${title} again, then reconnect it.`,
  "provider-down": byItself,
  "rate-limited": byItself,
  "broken-answers": byItself,
  refused: (title) => `Look at what you allowed at ${title}; the rest is read all the same.`,
  ours: byItself,
};
export const adviceOf = ({ why }: Pick<Connection, "why">, title: string): string | null =>
  why === null ? null : advice[why](title);

const linkings: Readonly<Record<Provider["linking"], string>> = {
  oauth: "You allow it on its own page",
  reference: "It says back a word that you get here",
  key: "An app of yours delivers with a key",
  device: "It comes from your device by itself",
};
export const linkingWords = ({ linking }: Pick<Provider, "linking">): string => linkings[linking];

export function feedsWords({ feeds, history }: Pick<Provider, "feeds" | "history">): string {
  const parts = [
    ...(feeds.workouts ? ["workouts"] : []),
    ...(feeds.samples.length > 0 ? ["days and nights between them"] : []),
  ].join(", ");
  const what = parts === "" ? "Data" : `${parts.charAt(0).toUpperCase()}${parts.slice(1)}`;
  return history === null ? what : `${what}; up to ${history.days} days back`;
}

/** A grant may name several scopes at once. */
export const isGranted = ({ scopes }: Pick<Connection, "scopes">, scope: string): boolean =>
  scopes === null || scope.split(/[\s,]+/).every((part) => scopes.includes(part));

/** Devices as they are listed: what is known of one, and in which order they are believed on a day. */
import { rankOf } from "../../../domain/samples/priority.ts";
import type { Answer } from "../../api/client.ts";
import { words } from "../../design/format.ts";
import type { Device } from "../../readings/device-names.ts";

export type Devices = Pick<Answer<"GET /v1/devices">, "devices" | "orders">;

export const aboutOf = ({ kind, app, first }: Device): string =>
  [words(kind), ...(app === null ? [] : [`by ${app}`]), `since ${first.slice(0, 10)}`].join(", ");

/** As the API resolves a day: by the order then set, after it by kind. */
export function inOrder({ devices, orders }: Devices, date: string): readonly Device[] {
  const rank = rankOf(devices, orders, date);
  return [...devices].sort((a, b) => rank(a.id) - rank(b.id));
}

/** `list` with the one at `from` put at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const rest = list.filter((_, index) => index !== from);
  const one = list[from];
  return one === undefined ? list : [...rest.slice(0, to), one, ...rest.slice(to)];
}

export function remadeWords(resolved: number, pending: number): string {
  const days = (n: number) => `${n} ${n === 1 ? "day" : "days"}`;
  if (resolved + pending === 0) return "Saved. No day had to be made anew.";
  const now = `${days(resolved)} ${resolved === 1 ? "was" : "were"} made anew`;
  return pending === 0
    ? `Saved. ${now}.`
    : `Saved. ${now}, the newest; ${days(pending)} before them are made anew when they are looked at.`;
}

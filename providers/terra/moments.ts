/**
 * Terra's times: ISO 8601 with microseconds, and an offset "whenever possible"; without one they are
 * the clock where the user was, which names no instant.
 */
import { type Instant, type Moment, parseMoment } from "../../domain/time.ts";
import { type Fields, instantOf, momentOf } from "../untrusted.ts";

/** Of a sample: one without an offset is read as if the clock stood in UTC, and says so. */
export function civilOr(v: unknown): (Moment & { readonly civil?: true }) | null {
  const moment = momentOf(v);
  if (moment !== "no-zone") return moment;
  const civil = parseMoment(`${v}Z`);
  return civil.ok ? { ...civil.value, civil: true } : null;
}

/** The instant of an entry in a list. */
export const timeOf = ({ timestamp }: Fields): Instant | null => instantOf(timestamp);

const local = 1;

/**
 * Nothing but "local" makes of a bare +00:00 the clock on the wall; any other offset is one, since
 * nobody writes UTC like that.
 */
export const offsetOf = ({ offsetMin }: Moment, localization?: unknown): number | null =>
  offsetMin === 0 && localization !== local ? null : offsetMin;

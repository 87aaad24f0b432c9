/**
 * How long a provider asks us to wait: seconds, or a moment of its own clock (RFC 9110, section
 * 10.2.3). A moment is taken against the time that the same answer states, since the two are of one
 * clock; ours may be another.
 */
const waitMsMax = 86_400_000;

/** The three forms of section 5.6.7; the last names no zone and is in UTC all the same. */
const moment =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/** Null when it says nothing that is understood; never more than a day. */
export function retryAfterOf(
  header: string | null,
  date: string | null,
  nowMs: number,
): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Math.min(Number(header) * 1000, waitMsMax);
  const untilMs = momentOf(header);
  if (untilMs === null) return null;
  return Math.min(Math.max(0, untilMs - (momentOf(date) ?? nowMs)), waitMsMax);
}

function momentOf(text: string | null): number | null {
  if (text === null || !moment.test(text)) return null;
  const ms = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * What was understood, in words that a person can hold against the body: no account, no id, no title
 * and no reading, since what is recorded may be somebody's.
 */
import { formatMoment, type Instant } from "../../../domain/time.ts";
import type { AccountNotice } from "../../../providers/provider.ts";
import type { SampleDraft } from "../../../providers/samples.ts";
import type { Found, Read } from "./understand.ts";

/** More of a kind are counted. */
const shownMax = 12;

export const momentOf = (ms: Instant): string => {
  const text = formatMoment(ms);
  return text.replace(/\.000(?=Z)/, "");
};

export function offsetText(offsetMin: number | null): string {
  if (offsetMin === null) return "(no zone)";
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const away = Math.abs(offsetMin);
  return `${offsetMin < 0 ? "-" : "+"}${two(away / 60)}:${two(away % 60)}`;
}

function workoutText({ type, startMs, offsetMin, elapsedMs, distanceMm }: Read): string {
  const distance = distanceMm === null ? "no distance" : `${distanceMm / 1000} m`;
  return `${type} ${momentOf(startMs)} ${offsetText(offsetMin)}, ${elapsedMs / 1000} s, ${distance}`;
}

export const workoutsInWords = (workouts: readonly Read[]): string =>
  listed(workouts.map(workoutText));

function listed(all: readonly string[]): string {
  const shown = all.slice(0, shownMax).join("; ");
  return all.length > shownMax ? `${shown}; and ${all.length - shownMax} more` : shown;
}

/** Zero is a time that was not said. */
function windowText(fromMs: Instant, toMs: Instant): string {
  if (toMs === 0) return "no window is named";
  return fromMs === 0 ? `up to ${momentOf(toMs)}` : `${momentOf(fromMs)} to ${momentOf(toMs)}`;
}

function noticeText(notice: AccountNotice): string {
  const { collection, fromMs, toMs, gone, record, lately, callback } = notice;
  if (gone !== null) return `${collection}: one is said to be gone, and is looked for`;
  if (typeof record === "string") return `${collection}: reads one`;
  if (lately) return `${collection}: reads what came lately`;
  if (callback) return `${collection}: reads what lies at an address`;
  const window = windowText(fromMs, toMs);
  return toMs === 0 ? `${collection}: ${window}` : `${collection}: reads ${window}`;
}

function laterText({ notice, samples }: Found["later"][number]): string {
  if (samples === 0) return `notice of ${noticeText(notice)}`;
  const { collection, fromMs, toMs } = notice;
  return `samples of ${collection} (${samples}): ${windowText(fromMs, toMs)}`;
}

/** By metric: how many, and from when to when. */
function samplesText(samples: readonly SampleDraft[]): string {
  const metrics = [...new Set(samples.map(({ metric }) => metric))];
  return listed(
    metrics.map((metric) => {
      const of = samples.filter((sample) => sample.metric === metric);
      const from = of.reduce(
        (least, { fromMs }) => Math.min(least, fromMs),
        Number.MAX_SAFE_INTEGER,
      );
      const to = of.reduce((most, { toMs }) => Math.max(most, toMs), 0);
      const zone = of[0]?.civil ? "civil time" : offsetText(of[0]?.offsetMin ?? null);
      return `${metric} (${of.length}) ${momentOf(from)} to ${momentOf(to)} ${zone}`;
    }),
  );
}

/** What is for the samples may hold none of those that are read. */
const samplesSaid = ({ samples, laterItems, sampleFaults }: Found): string =>
  samples.length === 0 && laterItems > sampleFaults.length
    ? "nothing that is measured"
    : samplesText(samples);

export function inWords(found: Found, workouts: readonly Read[], gone: number): string {
  const { notices, claims, links, ends, later, faults, sampleFaults, unknown } = found;
  const parts: [string, string][] = [
    ["", workoutsInWords(workouts)],
    ["", gone > 0 ? `gone: ${gone}` : ""],
    ["notice of ", listed(notices.map(noticeText))],
    ["claim: ", listed(claims)],
    ["link: ", listed(links)],
    ["end: ", listed(ends)],
    ["later: ", listed(later.map(laterText))],
    [found.laterItems > 0 ? "later: " : "samples: ", samplesSaid(found)],
    ["refused: ", listed(faults)],
    ["samples refused: ", listed(sampleFaults)],
    ["", unknown > 0 ? `${unknown} of no kind that is read` : ""],
  ];
  return parts.flatMap(([name, text]) => (text === "" ? [] : [`${name}${text}`])).join("; ");
}

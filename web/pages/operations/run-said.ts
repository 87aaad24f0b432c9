/** What a run is, and how far, in words. Pure. */
import type { Answer } from "../../api/client.ts";
import { dayName, number, words } from "../../design/format.ts";

export type Run = Answer<"GET /v1/ops/runs">["items"][number];

export const isUnderWay = ({ finishedAt }: Pick<Run, "finishedAt">): boolean => finishedAt === null;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

function rebuildTitle({ stream, day, bucket }: Readonly<Record<string, unknown>>): string {
  const when = text(day);
  const of = when === null ? "" : `, ${dayName(when)}, bucket ${String(bucket)}`;
  return `Rebuild ${text(stream) ?? "a partition"}${of}`;
}

export function runTitle({ kind, of }: Pick<Run, "kind" | "of">): string {
  if (kind === "erase") return "Erase from the archive";
  const range = of ?? {};
  if (kind === "rebuild")
    return rebuildTitle((range.partition ?? {}) as Readonly<Record<string, unknown>>);
  const [from, to] = [text(range.from), text(range.to)];
  if (from === null && to === null) return "Settle everything that waits";
  if (from !== null && from === to) return `Settle ${dayName(from)}`;
  const begin = from === null ? "" : ` from ${dayName(from)}`;
  return `Settle${begin}${to === null ? "" : ` to ${dayName(to)}`}`;
}

const ended: Readonly<Record<string, string>> = { done: "Done", faults: "Done, with faults" };

/** "Waiting to begin", "Merge: 3 of 12", "Done". */
export function runState(run: Pick<Run, "stage" | "done" | "total" | "outcome" | "finishedAt">) {
  if (!isUnderWay(run)) return ended[run.outcome ?? "done"] ?? words(run.outcome ?? "done");
  if (run.stage === "") return "Waiting to begin";
  const far = run.total > 0 ? `: ${number(run.done)} of ${number(run.total)}` : "";
  return `${words(run.stage)}${far}`;
}

export const runMood = ({ finishedAt, outcome }: Pick<Run, "finishedAt" | "outcome">) => {
  if (finishedAt === null) return "info";
  return outcome === "done" ? "good" : "warn";
};

/**
 * How far live numbers are from the exact ones: sums of one side and the other over the members
 * that are on boards, by measure and key, and who differs. Both sides are the same measures.
 */
import type { Numbers } from "../../domain/ports.ts";
import { rulesAt } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { LocalDate } from "../../domain/time.ts";
import type { SettlePorts } from "../../kernel/settle/ports.ts";
import { resolveDay } from "../../kernel/settle/resolve-day.ts";
import { Window } from "../../kernel/settle/window.ts";

/** member → key → one number a measure of the stream. */
export type Sums = Record<string, Record<string, number[]>>;
export interface DriftRow {
  readonly measure: string;
  readonly key: string;
  readonly live: number;
  readonly exact: number;
  readonly differing: number;
}

/** Adds what counts on one day, out of its facts, of the members that are asked for. */
export async function addDay(
  ports: SettlePorts,
  stream: AnyStream,
  bucket: number,
  day: LocalDate,
  isAsked: (member: string) => boolean,
  sums: Sums,
): Promise<void> {
  const rules = rulesAt(stream.rules);
  const window = new Window(ports, stream.name, bucket);
  for await (const slice of resolveDay({ ports, stream, window }, day))
    for (const { subject, body } of slice) {
      if (!isAsked(subject)) continue;
      stream.measures.forEach((measure, nth) => {
        for (const [key, n] of measure.open ? measure.of(body, rules) : []) {
          const keys = sums[subject] ?? {};
          const row = keys[key] ?? stream.measures.map(() => 0);
          row[nth] = (row[nth] ?? 0) + n;
          sums[subject] = { ...keys, [key]: row };
        }
      });
    }
}

export interface Differences {
  readonly rows: readonly DriftRow[];
  readonly members: readonly string[];
}

/** Only of `counting` members; nothing there counts as nought. */
export function differences(
  stream: AnyStream,
  exact: Sums,
  live: ReadonlyMap<string, Numbers>,
  counting: ReadonlySet<string>,
): Differences {
  const rows = new Map<string, DriftRow>();
  const differing = new Set<string>();
  for (const member of counting) {
    const [mine, shown] = [exact[member] ?? {}, live.get(member) ?? {}];
    for (const key of new Set([...Object.keys(mine), ...Object.keys(shown)]))
      stream.measures.forEach(({ name: measure, open }, nth) => {
        if (!open) return;
        const [is, says] = [mine[key]?.[nth] ?? 0, shown[key]?.[nth] ?? 0];
        if (is !== says) differing.add(member);
        add(rows, { measure, key, live: says, exact: is, differing: is === says ? 0 : 1 });
      });
  }
  return { rows: [...rows.values()], members: [...differing] };
}

function add(rows: Map<string, DriftRow>, row: DriftRow): void {
  const name = JSON.stringify([row.measure, row.key]);
  const held = rows.get(name);
  if (held === undefined) rows.set(name, row);
  else
    rows.set(name, {
      ...row,
      live: held.live + row.live,
      exact: held.exact + row.exact,
      differing: held.differing + row.differing,
    });
}

/** Of two slices of members. */
export function together(a: readonly DriftRow[], b: readonly DriftRow[]): readonly DriftRow[] {
  const rows = new Map<string, DriftRow>();
  for (const row of [...a, ...b]) add(rows, row);
  return [...rows.values()];
}

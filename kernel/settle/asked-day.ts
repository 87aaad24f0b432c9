/**
 * A day of a stream that the vault resolves: whoever has anything under that day is asked for anew,
 * and what counts is the answer, whatever the ledger was told. Those whose ledger was told otherwise
 * are named. Of the erased the vault says nothing, so nothing counts.
 */
import type { OpenFact } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import type { Asking, Resolve, Settings } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { LocalDate } from "../../domain/time.ts";
import { type Concluded, resolvedRow } from "./concluded.ts";
import { type Ground, settingsOf } from "./each-subject.ts";
import { factOf } from "./subject.ts";
import type { DayRow, Slice } from "./window.ts";

export type Ask = NonNullable<Resolve<OpenFact, unknown>["ask"]>;

export interface Asked {
  readonly subject: string;
  readonly concluded: readonly Concluded[];
  /** What its ledger told comes to something else. */
  readonly differs: boolean;
  /** The vault says something newer than the ledger has: saying it again there would help. */
  readonly isBehind: boolean;
}

/** Slice by slice, in the order of subjects. */
export async function* askedDay(
  { ports, stream, window }: Ground,
  ask: Ask,
  day: LocalDate,
): AsyncGenerator<readonly Asked[]> {
  await window.knowDays(day, day);
  let from: string | null = null;
  do {
    const slice: Slice = await window.load(window.days, from, null);
    const subjects = [...slice.subjects.keys()];
    const settings = await settingsOf(ports, subjects);
    const asks = subjects.map((subject): Asking => {
      return { subject, days: [day], settings: settings.get(subject) ?? noSettings };
    });
    const answers = await ask(ports.vault, asks);
    yield asks.map(({ subject, settings: lived }, i) => {
      const rows = slice.subjects.get(subject) ?? [];
      return judged(stream, day, subject, answers[i] ?? [], rows, lived);
    });
    from = slice.next;
  } while (from !== null);
}

function judged(
  stream: AnyStream,
  day: LocalDate,
  subject: string,
  facts: readonly OpenFact[],
  rows: readonly DayRow[],
  settings: Settings,
): Asked {
  const told = rows
    .filter((row) => row.kind === "fact" && row.body !== null)
    .map((row) => factOf(row, new Map()));
  const concluded = concludedOf(stream, day, subject, facts, settings);
  const differs =
    shown(stream, day, concluded) !==
    shown(stream, day, concludedOf(stream, day, subject, told, settings));
  const held = new Map<string, number>(rows.map(({ id, revision }) => [id, revision]));
  const isNewer = ({ id, revision }: OpenFact) => revision > (held.get(id) ?? -1);
  return { subject, concluded, differs, isBehind: differs && facts.some(isNewer) };
}

function concludedOf(
  { resolve }: AnyStream,
  day: LocalDate,
  subject: string,
  facts: readonly OpenFact[],
  settings: Settings,
): Concluded[] {
  const bodies: readonly unknown[] = resolve?.of(facts, settings, []) ?? [];
  return bodies
    .filter((body) => resolve?.day(body) === day)
    .map((body) => ({ subject, id: resolve?.id(body) ?? "", at: resolve?.at(body) ?? 0, body }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** What the archive shows of them but for the time, which counts for nothing here. */
const shown = (stream: AnyStream, day: LocalDate, concluded: readonly Concluded[]): string =>
  JSON.stringify(concluded.map((one) => ({ ...resolvedRow(stream, day, one), at: null })));

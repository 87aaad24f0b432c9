/**
 * Of every fact what stands in its ledger, judged by what its client knows; and what all that stands
 * comes to, by plain adding up.
 */
import { Counts } from "../oracle/counts.ts";
import { isoWeekOf } from "../oracle/truth.ts";
import type { HeldFact } from "./held.ts";
import { listenContent, listenFact } from "./listens-doors.ts";
import type { ClientRecord, Saying, ToldStream } from "./record.ts";
import { saleContent, saleFact } from "./sales-door.ts";
import { workoutContent, workoutFact } from "./workout-doors.ts";

type Body = NonNullable<HeldFact["body"]>;

/** A client's name of what a ledger holds, and what it says of it. */
export function clientsOwn(stream: ToldStream, body: Body): { fact: string; content: string } {
  // biome-ignore lint/suspicious/noExplicitAny: facts of three schemas; what is amiss is told as wrong.
  const b = body as any;
  switch (stream) {
    case "sales":
      return {
        fact: saleFact(b.references[0]),
        content: saleContent(b.revision, b.businessDay, b.store, b.lines),
      };
    case "listens":
      return {
        fact: listenFact(b.member, b.at),
        content: listenContent(b.artist, b.track, b.territory),
      };
    case "workouts":
      return {
        fact: workoutFact(b.member, b.provider, b.at),
        content: workoutContent(b.elapsedMs, b.distanceMm),
      };
  }
}

export interface Judged {
  /** Answered, and not there, or there as it was before. */
  readonly lost: string[];
  /** There under two identities. */
  readonly doubled: string[];
  /** There, and nobody said it. */
  readonly invented: string[];
  readonly standing: readonly Saying[];
  /** Live facts in the ledgers. */
  readonly live: number;
}

/** Over all that the ledgers of a stream hold. */
export function judge(record: ClientRecord, stream: ToldStream, held: readonly HeldFact[]): Judged {
  const judged: Judged & { standing: Saying[] } = {
    ...{ lost: [], doubled: [], invented: [], standing: [] },
    live: held.filter(({ body }) => body !== null).length,
  };
  const found = new Map<string, string[]>();
  for (const { body } of held) {
    if (body === null) continue;
    const { fact, content } = clientsOwn(stream, body);
    const known = found.get(fact);
    if (known === undefined) found.set(fact, [content]);
    else known.push(content);
  }
  for (const [fact, contents] of found) {
    if (contents.length > 1) judged.doubled.push(`${fact}: ${contents.join(" and ")}`);
    const said = record.sayingsOf(fact);
    for (const content of contents)
      if (!said.some((s) => s.content === content)) judged.invented.push(`${fact}: ${content}`);
  }
  for (const fact of record.facts(stream))
    judgeOne(record, fact, found.get(fact)?.[0] ?? null, judged);
  return judged;
}

function judgeOne(
  record: ClientRecord,
  fact: string,
  content: string | null,
  judged: Judged & { standing: Saying[] },
): void {
  const may = record.mayStand(fact);
  const fits = may.find((saying) => (saying?.content ?? null) === content);
  if (fits === undefined) {
    const due = may.map((saying) => saying?.content ?? "nothing").join(" or ");
    judged.lost.push(`${fact}: ${content ?? "nothing"} instead of ${due}`);
  } else if (fits !== null) judged.standing.push(fits);
}

/** Several sources of one outing count it once. */
export function countsOf(standing: readonly Saying[]): Counts {
  const counts = new Counts();
  const counted = new Set<string>();
  for (const { content, outing, member, day, counts: own } of standing) {
    if (content === null || (outing !== undefined && counted.has(outing))) continue;
    if (outing !== undefined) counted.add(outing);
    for (const period of [isoWeekOf(day), day.slice(0, 7), "all"])
      for (const { measure, key, n } of own)
        if (member === undefined) counts.total(period, key, measure, n);
        else counts.score(member, period, key, measure, n);
  }
  return counts;
}

/**
 * Which boards a run compares, besides those whose days it settled: a board may also go wrong by
 * itself. Who asks for a run has all boards of that range compared; a night, those of late.
 */
import { streamNamed } from "../../domain/streams.ts";
import { addDays, type LocalDate, localDate, periodsOf } from "../../domain/time.ts";
import type { Progress, Step } from "./run.ts";
import { nightOf, reachOf } from "./settle-args.ts";
import { repeatable } from "./warehouse.ts";

/** Of a night: this week and month, and the ones before if they ended within so many days. */
const daysOfANight = 14;
const partitionsPerUnitMax = 1_000;

interface Listed {
  readonly stream: string;
  readonly day: LocalDate;
  readonly bucket: number;
}

/** A page of partitions a unit: the periods that their days lie in are marked as due. */
export async function dueUnit(step: Step): Promise<Progress> {
  const { env, run } = step;
  const { stream, from, to } = reachOf(step);
  const since = nightOf(step) === null ? from : addDays(localDate(step.now(), 0), -daysOfANight);
  const after = JSON.parse(run.state.cursor ?? '["", "", -1]');
  const { results } = await repeatable(() =>
    env.WAREHOUSE.prepare(
      `SELECT stream, day, bucket FROM partition
       WHERE (stream, day, bucket) > (?1, ?2, ?3) AND day BETWEEN ?4 AND ?5
         AND version > 0 AND (?6 IS NULL OR stream = ?6)
       ORDER BY stream, day, bucket LIMIT ?7`,
    )
      .bind(...after, since, to, stream, partitionsPerUnitMax)
      .all<Listed & Record<string, unknown>>(),
  );
  const last = results.at(-1);
  if (last === undefined) return { go: "next" };
  const due = new Set(
    results
      .filter(({ stream: of }) => streamNamed(of)?.ranked !== false)
      .flatMap((p) => periodsOf(p.day).map((of) => JSON.stringify([p.stream, of, p.bucket]))),
  );
  await repeatable(() =>
    env.WAREHOUSE.prepare(
      `INSERT INTO drift_due (stream, period, bucket, since, mark)
       SELECT value->>0, value->>1, value->>2, ?2, ?2 FROM json_each(?1) WHERE true
       ON CONFLICT DO NOTHING`,
    )
      .bind(`[${[...due].join(",")}]`, step.now())
      .run(),
  );
  return { go: "more", cursor: JSON.stringify([last.stream, last.day, last.bucket]) };
}

/**
 * Parked changes on their way back: whoever needs a partition whole has their ledgers publish again
 * what is true of them, and they leave the list. Until it landed it shows as pending.
 */
import * as z from "zod";
import { grouped } from "../../domain/samples/grouped.ts";
import { isLocalDate, type LocalDate } from "../../domain/time.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import { parseChange } from "./partition.ts";
import { repeatable } from "./warehouse.ts";

const lettersAtOnceMax = 50;

export interface Letter {
  readonly ledger: string;
  readonly seq: number;
  readonly body: string;
}

/** Some of those that match; `where` is over the columns of the table. */
export async function parkedWhere(
  { WAREHOUSE }: ArchiveEnv,
  where: string,
  ...values: readonly unknown[]
): Promise<readonly Letter[]> {
  const { results } = await repeatable(() =>
    WAREHOUSE.prepare(
      `SELECT ledger, seq, body FROM parked_change WHERE ${where}
       ORDER BY ledger, seq LIMIT ${lettersAtOnceMax}`,
    )
      .bind(...values)
      .all<Letter & Record<string, unknown>>(),
  );
  return results;
}

/**
 *   1. what its ledger knows goes out again       a crash here or later: still listed; the ledger
 *                                                 knows that it went out already
 *   2. a ledger with any that is no change, or that it does not hold, says the days of those again,
 *      which covers them; all of its days, where one of them names none
 *                                                 a crash here: said once more
 *   3. it hears that those wait for nothing       a crash here: hears it again, and counts it once
 *   4. the letters go
 */
export async function replayParked(env: ArchiveEnv, letters: readonly Letter[]): Promise<void> {
  const left: { readonly ledger: string; readonly seq: number; readonly day: LocalDate | null }[] =
    [];
  for (const { ledger, seq, body } of letters) {
    const said: unknown = JSON.parse(body);
    const change = parseChange(said);
    if (change !== null && (await ledgerOf(env, ledger).replay(change))) continue;
    left.push({ ledger, seq, day: dayOf(said) });
  }
  for (const [name, some] of grouped(left, ({ ledger }) => ledger)) {
    const ledger = ledgerOf(env, name);
    const days = new Set(some.flatMap(({ day }) => day ?? []));
    await ledger.publishAgain(some.some(({ day }) => day === null) ? null : [...days]);
    const seqs = some.map(({ seq }) => seq);
    await ledger.confirm("archive", seqs, "landed");
  }
  const keys = JSON.stringify(letters.map(({ ledger, seq }) => ({ ledger, seq })));
  await repeatable(() =>
    env.WAREHOUSE.prepare(
      `DELETE FROM parked_change WHERE (ledger, seq) IN
       (SELECT value->>'ledger', value->>'seq' FROM json_each(?))`,
    )
      .bind(keys)
      .run(),
  );
}

/** The day that it names, though all else of it may be wrong. */
function dayOf(body: unknown): LocalDate | null {
  const { data } = z.object({ day: z.string().refine(isLocalDate) }).safeParse(body);
  return data?.day ?? null;
}

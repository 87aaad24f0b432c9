/**
 * Ledgers that were told otherwise than the vault resolves: each asks the vault itself and publishes
 * the day again. The archive hands none of them a fact.
 */
import { ledgerName } from "../../domain/ports.ts";
import type { LocalDate } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { eachBounded } from "./bounded.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";

const ledgersAtOnceMax = 4;

/** False: some could not be asked, and the others need not wait for them. */
export async function tellAgain(
  env: ArchiveEnv,
  stream: string,
  subjects: readonly string[],
  day: LocalDate,
): Promise<boolean> {
  let failed: string | null = null;
  await eachBounded(subjects, ledgersAtOnceMax, async (subject) => {
    try {
      await ledgerOf(env, ledgerName(stream, subject)).publishAgain([day]);
    } catch (error) {
      failed = errorClass(error);
    }
  });
  if (failed !== null)
    logLine({ worker: "archive", event: "tell-again", outcome: "failed", error: failed });
  return failed === null;
}

/**
 * D1 now and then drops a call whose effect nobody learns. Here it is said once more: only for
 * statements that may be repeated, which every statement of settling is.
 */
const triesMax = 3;
const retryMs = 250;

/** What D1 says of faults that pass; the call may have happened all the same. */
const passing =
  /network connection lost|caused object to be reset|reset because its code was updated|no longer active|internal error|overloaded/i;

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function repeatable<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries >= triesMax || !passing.test(String(error))) throw error;
    }
    await wait(retryMs * tries);
  }
}

/** Of these ledgers, those of the erased. */
export async function forgottenOf(
  warehouse: D1Database,
  ledgers: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ledgers.length === 0) return new Set();
  const { results } = await repeatable(() =>
    warehouse
      .prepare(
        "SELECT ledger FROM forgotten_ledger WHERE ledger IN (SELECT value FROM json_each(?))",
      )
      .bind(JSON.stringify(ledgers))
      .all<{ ledger: string }>(),
  );
  return new Set(results.map(({ ledger }) => ledger));
}

/** Brings an object's own database forward, step by step, before anything else touches it. */
export function migrate(storage: DurableObjectStorage, steps: readonly string[]): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY) STRICT");
  const done = Number(sql.exec("SELECT count(*) AS n FROM migration").one().n);
  steps.slice(done).forEach((step, i) => {
    storage.transactionSync(() => {
      sql.exec(step);
      sql.exec("INSERT INTO migration (step) VALUES (?)", done + i + 1);
    });
  });
}

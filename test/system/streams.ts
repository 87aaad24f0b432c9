/** What the life of every stream is tested with: a member's key, runs of the archive, its totals. */
import { expect } from "vitest";
import { eventually, until } from "../../local/deliveries.ts";
import { type Answer, call, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";

/** The key of a member's connection; asked for anew, the one before is nobody's. */
export async function keyAt(system: System, person: Person, provider: string): Promise<string> {
  const path = `/v1/connections/${provider}`;
  const given = await call(system.url, "POST", path, { token: person.token, body: {} });
  expect([given.status, typeof given.body.key]).toEqual([201, "string"]);
  return given.body.key;
}

/** As if the last key of theirs had been given a minute before. */
export async function aMinuteLater(system: System, { id }: Person): Promise<void> {
  const db = await warehouseOf(system);
  await db.prepare("UPDATE connection SET key_at = key_at - 60000 WHERE member = ?").bind(id).run();
}

export const deliverTo = (
  system: System,
  provider: string,
  key: string,
  body: object | string,
): Promise<Answer> => call(system.url, "POST", `/webhooks/${provider}/${key}`, { body });

export const connectionTo = async (system: System, person: Person, provider: string) => {
  const { body } = await call(system.url, "GET", "/v1/connections", { token: person.token });
  const found = body.items.find((one: { provider: string }) => one.provider === provider);
  return found as { readonly id: string; readonly forgottenTo: string | null };
};

export const warehouseOf = ({ runtime }: System): Promise<D1Database> =>
  runtime.mf.getD1Database("WAREHOUSE", "singlet-archive") as unknown as Promise<D1Database>;

export async function rowsOf<T>(system: System, sql: string): Promise<T[]> {
  return (await (await warehouseOf(system)).prepare(sql).all<T>()).results;
}

/** Asked for by an operator, done by the archive once all that is under way has landed. */
export async function settle(system: System): Promise<void> {
  await allLanded(system);
  const token = await operatorToken(system);
  const asked = await call(system.url, "POST", "/v1/ops/runs", { token, body: { kind: "settle" } });
  expect(asked.status).toBe(202);
  const path = `/v1/ops/runs/${asked.body.id}`;
  const run = await until(
    async () => (await call(system.url, "GET", path, { token })).body,
    ({ finishedAt }) => finishedAt !== null,
  );
  expect(run).toMatchObject({ outcome: "done", faults: [] });
}

/** Every ledger says that nothing of it is on its way. */
export async function allLanded(system: System): Promise<void> {
  const edge = await system.runtime.mf.getWorker("singlet-edge");
  const waiting = async () => {
    await edge.scheduled({ cron: "*/5 * * * *" });
    return rowsOf<{ n: number }>(
      system,
      "SELECT count(*) AS n FROM ledger WHERE coalesce(report ->> 'pending', 1) > 0",
    );
  };
  expect(await eventually(waiting, ([row]) => row?.n === 0, { everyMs: 250 })).toEqual([{ n: 0 }]);
}

/**
 * As if the archive had given up on all that landed of a stream and is not settled yet: it is listed
 * as set aside, and gone. Says how many changes that were.
 */
export async function loseLanded(system: System, stream: string): Promise<number> {
  const bucket = await system.runtime.mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const db = await warehouseOf(system);
  const landed = await rowsOf<{ object: string }>(
    system,
    `SELECT object FROM landed WHERE stream = '${stream}'`,
  );
  let lost = 0;
  for (const { object } of landed) {
    const text = (await (await bucket.get(object))?.text()) ?? "";
    for (const line of text.trimEnd().split("\n")) {
      const { ledger, seq, day, bucket: nth } = JSON.parse(line);
      await db
        .prepare(
          `INSERT INTO parked_change (ledger, seq, stream, day, bucket, body, reason, parked_at)
           VALUES (?, ?, ?, ?, ?, ?, 'too-often', 0)`,
        )
        .bind(ledger, seq, stream, day, nth, line)
        .run();
      lost++;
    }
    await bucket.delete(object);
  }
  const emptied = ["landed", "dirty"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE stream = ?`).bind(stream),
  );
  await db.batch(emptied);
  return lost;
}

/** A measure's exact totals since ever, by key, with what it comes to. */
export async function totalsOf(
  system: System,
  stream: string,
  measure: string,
): Promise<Record<string, number>> {
  const found = await rowsOf<{ key: string; n: number }>(
    system,
    `SELECT key, n FROM total WHERE stream = '${stream}' AND measure = '${measure}'
       AND period = 'all' AND n <> 0 ORDER BY key`,
  );
  return Object.fromEntries(found.map(({ key, n }) => [key, n]));
}

/** The archive's minute: no cron fires by itself here. */
export const receiptFinished = (system: System, id: string): Promise<Receipt> =>
  eventually(
    async () => {
      const archive = await system.runtime.mf.getWorker("singlet-archive");
      await archive.scheduled({ cron: "* * * * *" });
      return (await call(system.url, "GET", `/v1/receipts/${id}`)).body as Receipt;
    },
    ({ pending }) => pending.length === 0,
    { tries: 240, everyMs: 250 },
  );

interface Receipt {
  readonly scope: string;
  readonly pending: readonly string[];
  readonly finished: string | null;
}

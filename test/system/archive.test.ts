/**
 * The archive, running: rides arrive by every door, an operator has them settled, exact totals equal
 * the boards; a ledger's sums that went wrong show as drift and are mended by that ledger itself.
 */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, until } from "../../local/deliveries.ts";
import { call, operatorToken } from "../../local/people.ts";
import { beginNightly, runWitness, type System } from "../../local/system.ts";
import { saidMm, tell, untell, week } from "./same-ride.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, scoreOn } from "./support.ts";

const edge = fileURLToPath(new URL("../fakes/flaky-sums.ts", import.meta.url));

let own: OwnSystem;
let system: System;
let operator: string;
let ada: Athlete;
let ben: Athlete;
beforeAll(async () => {
  own = await ownSystem({ mains: { edge } });
  system = own.system;
  operator = await operatorToken(system);
  ada = await athlete(system, "ada");
  ben = await athlete(system, "ben");
});
afterAll(() => own.end());

const warehouse = () => system.runtime.mf.getD1Database("WAREHOUSE", "singlet-archive");
async function rows<T>(sql: string): Promise<T[]> {
  return (await (await warehouse()).prepare(sql).all<T>()).results;
}

/** Asked of the edge, done by the archive; the answer when it is finished. */
async function settled(): Promise<{ id: string; outcome: string; faults: unknown[] }> {
  const asked = await call(system.url, "POST", "/v1/ops/runs", {
    token: operator,
    body: { kind: "settle" },
  });
  expect(asked.status).toBe(202);
  const path = `/v1/ops/runs/${asked.body.id}`;
  const finished = await until(
    async () => (await call(system.url, "GET", path, { token: operator })).body,
    (run) => run.finishedAt !== null,
  );
  return finished;
}
const landed = (n: number) =>
  until(
    () => rows<{ n: number }>("SELECT coalesce(sum(facts), 0) AS n FROM landed"),
    ([row]) => (row?.n ?? 0) >= n,
  );
/** It is in an object of landing, or was merged already. */
const landedOf = (stream: string) =>
  until(
    () =>
      rows<{ n: number }>(
        `SELECT (SELECT count(*) FROM landed WHERE stream = '${stream}')
           + (SELECT count(*) FROM partition WHERE stream = '${stream}') AS n`,
      ),
    ([row]) => (row?.n ?? 0) > 0,
  );
const totals = () =>
  rows<{ measure: string; key: string; n: number }>(
    `SELECT measure, key, n FROM total WHERE period = '${week}' ORDER BY measure, key`,
  );
const stored = async () => {
  const bucket = await system.runtime.mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const { objects } = await bucket.list();
  return objects.map(({ key, etag }) => `${key} ${etag}`).sort();
};
const distances = () => Promise.all(["distance", "distance-ride"].map(sumOf));
const sumOf = async (board: string) =>
  ((await scoreOn(system, board, week, ada.id)) ?? 0) +
  ((await scoreOn(system, board, week, ben.id)) ?? 0);

describe("settling", () => {
  it("comes to what the boards show, when an operator asks for it", async () => {
    for (const source of ["google", "apple", "garmin"] as const) await tell(system, source, ada);
    await tell(system, "apple", ben);
    await landed(4);
    const sum = saidMm.garmin + saidMm.apple;
    expect(await eventually(distances, (all) => all.every((n) => n === sum))).toEqual([sum, sum]);
    expect((await settled()).outcome).toBe("done");
    const found = await totals();
    for (const [measure, key, board] of [
      ["distance", "all", "distance"],
      ["distance", "ride", "distance-ride"],
      ["moving_time", "all", "moving_time"],
      ["count", "ride", "count-ride"],
    ] as const) {
      const exact = found.find((t) => t.measure === measure && t.key === key)?.n;
      expect(exact, board).toBeGreaterThan(0);
      // Once: a settlement mends boards, and what it had to mend would come right by waiting.
      expect(await sumOf(board), board).toBe(exact);
    }
    const drift = await rows("SELECT sum(differing) AS d, sum(abs(live - exact)) AS by FROM drift");
    expect(drift).toEqual([{ d: 0, by: 0 }]);
  });

  it("again changes nothing, nor does the night's run", async () => {
    // What the phone's sync came to beside the workouts lands by itself, a moment later.
    await landedOf("samples");
    expect((await settled()).outcome).toBe("done");
    const before = [await totals(), await stored()];
    expect((await settled()).outcome).toBe("done");
    await beginNightly(system);
    const nightly = () =>
      rows<{ n: number }>("SELECT count(*) AS n FROM run WHERE outcome = 'done'");
    expect(await eventually(nightly, ([row]) => row?.n === 4)).toEqual([{ n: 4 }]);
    expect([await totals(), await stored()]).toEqual(before);
  });

  it("follows a retraction", async () => {
    await untell(system, "apple", ben);
    await until(
      () => scoreOn(system, "distance", week, ben.id),
      (score) => score === null,
    );
    await landed(1);
    expect((await settled()).outcome).toBe("done");
    const all = (await totals()).find((t) => t.measure === "distance" && t.key === "all");
    expect(all?.n).toBe(saidMm.garmin);
  });
});

describe("a board that went wrong", () => {
  it("shows as drift, and its ledger mends it", async () => {
    const worse = { name: `workouts/${ada.id}`, period: week, by: 1000 };
    const { status } = await call(system.url, "POST", "/__wrong-sums", { body: worse });
    expect(status).toBe(200);
    await until(
      () => scoreOn(system, "distance", week, ada.id),
      (score) => score === saidMm.garmin + 1000,
    );
    expect((await settled()).outcome).toBe("done");
    const [drift] = await rows<{ live: number; exact: number; differing: number }>(
      `SELECT sum(live) AS live, sum(exact) AS exact, sum(differing) AS differing FROM drift
       WHERE period = '${week}' AND measure = 'distance' AND key = 'all'`,
    );
    expect(drift).toEqual({ live: saidMm.garmin + 1000, exact: saidMm.garmin, differing: 1 });
    const mended = await eventually(
      () => scoreOn(system, "distance", week, ada.id),
      (score) => score === saidMm.garmin,
    );
    expect(mended).toBe(saidMm.garmin);
    await runWitness(system);
  });
});

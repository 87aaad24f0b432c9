/**
 * The demo's chapter of the archive: what it keeps, settled when an operator asks for it, and the
 * same totals by another way than the boards'.
 */
import { until } from "./deliveries.ts";
import { call, expectStatus, type People } from "./people.ts";
import type { System } from "./system.ts";
import { table } from "./table.ts";

interface Partition {
  readonly stream: string;
  readonly bucket: number;
  readonly version: number;
  readonly factsRows: number;
  readonly resolvedRows: number;
  readonly factsBytes: number;
}
interface Total {
  readonly measure: string;
  readonly key: string;
  readonly n: number;
}

type Ask = (method: string, path: string, status: number, body?: unknown) => Promise<Shown>;
// biome-ignore lint/suspicious/noExplicitAny: the documented shapes.
type Shown = any;

/** What was said a moment ago may still be on its way: then it settles once more. */
async function settle(ask: Ask): Promise<Shown> {
  const { id } = await ask("POST", "/v1/ops/runs", 202, { kind: "settle" });
  const run = await until(
    () => ask("GET", `/v1/ops/runs/${id}`, 200),
    ({ finishedAt }) => finishedAt !== null,
  );
  if (run?.outcome !== "done") throw new Error(`the archive's run: ${run?.outcome ?? "no end"}`);
  return ask("GET", "/v1/ops/balance", 200);
}

/** Lines to be said; throws when the archive and the boards do not agree. */
export async function archiveChapter(
  system: System,
  people: People,
  day: string,
  week: string,
): Promise<string[]> {
  const { token } = people.staff.operator;
  const ask: Ask = async (method, path, status, body) =>
    expectStatus(await call(system.url, method, path, { token, body }), status).body;
  const balance = await until(
    () => settle(ask),
    ({ archiveHolds }) => archiveHolds === true,
  );
  if (balance === undefined) throw new Error("not everything came to the archive");
  const { items } = await ask("GET", `/v1/ops/partitions?from=${day}&to=${day}`, 200);
  const ofWorkouts = (items as Partition[]).filter(({ stream }) => stream === "workouts");
  const rows = ofWorkouts.map((p) =>
    [p.bucket, p.factsRows, p.resolvedRows, p.version, p.factsBytes].map(String),
  );
  const totals = await ask("GET", `/v1/ops/totals?period=${week}`, 200);
  const exact = (totals.items as Total[]).find((t) => t.measure === "distance" && t.key === "all");
  const board = await ask("GET", `/v1/leaderboards/distance?period=${week}&limit=100`, 200);
  const live = (board.items as { score: number }[]).reduce((n, { score }) => n + score, 0);
  const km = (mm = 0) => `${(mm / 1_000_000).toFixed(2)} km`;
  if (exact?.n !== live)
    throw new Error(`the archive counts ${km(exact?.n)}, the board ${km(live)}`);
  const { received, applied, duplicate, rejected, parked, pending } = balance;
  return [
    `   an operator has it settled now (POST /v1/ops/runs); every night it does so by itself`,
    `   ${day}`,
    table(["bucket", "statements", "workouts", "version", "bytes"], rows),
    "   a bucket holds some of the members; corrections and decisions are statements too",
    `   distance of ${week}, from the archive's files: ${km(exact.n)}; from the live board: ${km(live)}`,
    `   statements received ${received} = applied ${applied} + said again ${duplicate} + ` +
      `rejected ${rejected} + parked ${parked} + pending ${pending}`,
  ];
}

/**
 * What recording costs, and whether it costs more in a ledger that holds 10,000 workouts than in one
 * that holds 10. The real ledger alone in workerd; its boards, vault and archive take and confirm
 * everything at once. A sample records ten workouts, one call each, into both, and keeps them in an
 * object that does nothing else (floors/ledger.ts), in turn; the small ledger is new each time, so
 * that it still holds 10 and never 10,000. Around what is recorded both look alike.
 */
import { evening, type LoneLedger, mornings, startLedgers } from "../test/ledger/lone-ledger.ts";
import { startFloor } from "./floors/start.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const few = 10;
const many = 10_000;
const rounds = 300;
const warmUp = 30;
const each = 10;

type Kind = "few" | "many" | "floor";

export async function ledger(): Promise<Result> {
  const ledgers = await startLedgers();
  const floor = await startFloor("ledger.ts", { object: { OBJECT: "Shelf" } });
  const large = ledgers.named("large");
  progress(`filling one ledger with ${many} workouts`);
  await large.fill(mornings(many));
  const rows = { few: await rowsOf(await filled("small")), many: await rowsOf(large) };
  progress(
    `rows for one workout: ${rows.many.read} read, ${rows.many.written} written with ${many}; ${rows.few.read} and ${rows.few.written} with ${few}`,
  );
  progress(`${rounds} rounds of ${each} workouts into both and into the floor, in turn`);
  const times: Record<Kind, number[]> = { few: [], many: [], floor: [] };
  for (let i = 0; i < rounds + warmUp; i++) {
    const small = await filled(`small-${i}`);
    const ways: [Kind, () => Promise<number>][] = [
      ["few", () => record(small, 0)],
      ["many", () => record(large, 1 + i)],
      ["floor", () => keep(floor.url, 1 + i)],
    ];
    // Who goes second finds caches warm: they take turns.
    for (let n = 0; n < ways.length; n++) {
      const [kind, way] = ways[(i + n) % ways.length] as (typeof ways)[number];
      const ms = await way();
      if (i >= warmUp) times[kind].push(ms);
    }
    if (i >= warmUp && (i - warmUp + 1) % 100 === 0) progress(`${i - warmUp + 1} of ${rounds}`);
  }
  await floor.end();
  await ledgers.end();
  return resultOf(times, rows);

  async function filled(name: string): Promise<LoneLedger> {
    const small = ledgers.named(name);
    await small.fill(mornings(few));
    return small;
  }
}

interface Rows {
  readonly read: number;
  readonly written: number;
}

function resultOf(
  times: Readonly<Record<Kind, readonly number[]>>,
  rows: { readonly few: Rows; readonly many: Rows },
): Result {
  const median = (kind: Kind) => percentile(times[kind], 0.5);
  progress(
    `medians: ${median("many").toFixed(3)} ms with ${many}, ${median("few").toFixed(3)} ms with ${few}, floor ${median("floor").toFixed(3)} ms`,
  );
  return {
    name: "ledger",
    value: rounded(median("many")),
    unit: "ms median, a workout among 10,000",
    floor: rounded(median("floor")),
    ratio: rounded(median("many") / median("floor")),
    spread: rounded(percentile(times.many, 0.9) / percentile(times.many, 0.1)),
    level: "emulator",
    details: {
      among10Ms: rounded(median("few")),
      growth: rounded(median("many") / median("few")),
      rowsRead: rows.many.read,
      rowsReadAmong10: rows.few.read,
      rowsWritten: rows.many.written,
      rowsWrittenAmong10: rows.few.written,
    },
  };
}

/** The rows of one evening's ride, which is retracted again. */
async function rowsOf(one: LoneLedger): Promise<Rows> {
  const { read, written } = await one.costOf(evening(0));
  await one.costOf({ id: evening(0).id, revision: 2, retracted: true });
  return { read, written };
}

/** The rides of ten evenings on end, the nth ten of them. */
const ridesOf = (n: number) =>
  Array.from({ length: each }, (_, i) => evening(n * each - few / 2 + i));

/** Milliseconds a workout. */
async function record(one: LoneLedger, n: number): Promise<number> {
  const { ms } = await timed(() => one.run(ridesOf(n).map((ride) => ["record", [ride]])));
  return ms / each;
}

/** The same of the floor. */
async function keep(url: string, n: number): Promise<number> {
  const body = JSON.stringify(ridesOf(n));
  const { ms, value } = await timed(() => fetch(url, { method: "POST", body }));
  if (value.status !== 200) throw new Error(`the floor answered ${value.status}`);
  return ms / each;
}

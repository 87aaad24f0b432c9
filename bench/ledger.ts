/**
 * Does recording cost more in a ledger that holds 10,000 workouts than in one that holds 10? The
 * real ledger alone in workerd; its boards, vault and archive take and confirm everything at once.
 * A sample records ten workouts, one call each, into both in turn; the small one is new each time,
 * so that it still holds 10 and never 10,000. Around what is recorded both look alike.
 */
import { evening, type LoneLedger, mornings, startLedgers } from "../test/ledger/lone-ledger.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const few = 10;
const many = 10_000;
const rounds = 300;
const warmUp = 30;
const each = 10;

export async function ledger(): Promise<Result> {
  const ledgers = await startLedgers();
  const large = ledgers.named("large");
  progress(`filling one ledger with ${many} workouts`);
  await large.fill(mornings(many));
  const rows = { few: await rowsOf(await filled("small")), many: await rowsOf(large) };
  progress(
    `rows for one workout: ${rows.many.read} read, ${rows.many.written} written with ${many}; ${rows.few.read} and ${rows.few.written} with ${few}`,
  );
  progress(`${rounds} rounds of ${each} workouts into both, in turn`);
  const times = { few: [] as number[], many: [] as number[] };
  for (let i = 0; i < rounds + warmUp; i++) {
    const small = await filled(`small-${i}`);
    const first = () => record(small, 0);
    const second = () => record(large, 1 + i);
    // Who goes second finds caches warm: they take turns.
    const [a, b] = i % 2 === 0 ? [first, second] : [second, first];
    const [one, other] = [await a(), await b()];
    if (i < warmUp) continue;
    times.few.push(i % 2 === 0 ? one : other);
    times.many.push(i % 2 === 0 ? other : one);
    if ((i - warmUp + 1) % 100 === 0) progress(`${i - warmUp + 1} of ${rounds}`);
  }
  await ledgers.end();
  const [value, floor] = [percentile(times.many, 0.5), percentile(times.few, 0.5)];
  progress(`medians: ${value.toFixed(3)} ms with ${many}, ${floor.toFixed(3)} ms with ${few}`);
  return {
    name: "ledger",
    value: rounded(value),
    unit: "ms median",
    floor: rounded(floor),
    ratio: rounded(value / floor),
    spread: rounded(percentile(times.many, 0.9) / percentile(times.many, 0.1)),
    level: "emulator",
    details: {
      rowsRead: rows.many.read,
      rowsReadFloor: rows.few.read,
      rowsWritten: rows.many.written,
      rowsWrittenFloor: rows.few.written,
    },
  };

  async function filled(name: string): Promise<LoneLedger> {
    const small = ledgers.named(name);
    await small.fill(mornings(few));
    return small;
  }
}

/** The rows of one evening's ride, which is retracted again. */
async function rowsOf(one: LoneLedger): Promise<{ read: number; written: number }> {
  const { read, written } = await one.costOf(evening(0));
  await one.costOf({ id: evening(0).id, revision: 2, retracted: true });
  return { read, written };
}

/** Milliseconds a workout: the rides of ten evenings on end, the nth ten of them. */
async function record(one: LoneLedger, n: number): Promise<number> {
  const from = n * each - few / 2;
  const rides = Array.from({ length: each }, (_, i) => evening(from + i));
  const { ms } = await timed(() => one.run(rides.map((ride) => ["record", [ride]])));
  return ms / each;
}

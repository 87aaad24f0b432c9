/**
 * What a listen or a sale costs its ledger: recorded, told to whoever watches, sent and confirmed,
 * among five thousand others and among ten. The real ledger alone in workerd; whom it tells
 * take everything at once. A sample records ten, one call each, and keeps them in an object that does
 * nothing else (floors/ledger.ts), in turn. What is billed of it is counted, not timed.
 */
import type { OpenFact } from "../domain/ports.ts";
import { type LoneLedger, startLedgers } from "../test/ledger/lone-ledger.ts";
import { listen } from "../test/oracle/listen-facts.ts";
import { item, openSale } from "../test/oracle/sale-facts.ts";
import { startFloor } from "./floors/start.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const few = 10;
const many = 5_000;
/** Of a listener, and of one of a shop's sixteen ledgers. */
const perDay = { listens: 100, sales: 1_000 } as const;
const rounds = 120;
const warmUp = 12;
const each = 10;
const dayMs = 86_400_000;
/** From eight in the morning on. */
const [opensMs, openMs] = [8 * 3_600_000, 10 * 3_600_000];

type StreamName = keyof typeof perDay;

/** The nth backwards from yesterday's end, so that the first ones are told to those who watch. */
function momentOf(stream: StreamName, n: number): number {
  const ofDay = perDay[stream];
  const midnight = Math.floor(Date.now() / dayMs) * dayMs - (1 + Math.floor(n / ofDay)) * dayMs;
  return midnight + opensMs + openMs - Math.floor(((n % ofDay) * openMs) / ofDay);
}

const facts: Readonly<Record<StreamName, (name: string, n: number) => OpenFact>> = {
  listens: (name, n) =>
    listen({
      ...{ id: `${name}-${n}`, at: momentOf("listens", n), artist: `Artist ${n % 7}` },
      ...{ track: `Track ${n}`, durationMs: 200_000, playedMs: 180_000, territory: "DE" },
    }) as unknown as OpenFact,
  sales: (name, n) => {
    const at = momentOf("sales", n);
    return openSale({
      ...{ id: `${name}-${n}`, at, businessDay: new Date(at).toISOString().slice(0, 10) },
      lines: [item("mug", 2, 1990), item("cup", 1, 700 + n), item("POST", 1, 495)],
      references: [`receipt ${n}`],
    });
  },
};

type Kind = "few" | "many" | "floor";

export async function streamBench(stream: StreamName): Promise<Result> {
  const fact = facts[stream];
  const ledgers = await startLedgers();
  const floor = await startFloor("ledger.ts", { object: { OBJECT: "Shelf" } });
  const filled = async (name: string, of: number): Promise<LoneLedger> => {
    const one = ledgers.named(name, stream);
    await one.fill(Array.from({ length: of }, (_, n) => fact("held", n)));
    return one;
  };
  const [small, large] = [await filled("small", few), await filled("large", many)];
  const ofYesterday = (name: string, n: number) => fact(name, n % perDay[stream]);
  const one = ofYesterday("cost", perDay[stream] / 2);
  const costs = {
    few: await small.costOf(one),
    many: await large.costOf(one),
    again: await large.costOf(one),
  };
  progress(`${rounds} rounds of ${each} ${stream} into both and into the floor, in turn`);
  const times: Record<Kind, number[]> = { few: [], many: [], floor: [] };
  for (let i = 0; i < rounds + warmUp; i++) {
    const mine = Array.from({ length: each }, (_, n) => ofYesterday(`more-${i}`, i * 61 + n));
    const fresh = await filled(`small-${i}`, few);
    const ways: [Kind, () => Promise<unknown>][] = [
      ["few", () => fresh.run(mine.map((one) => ["record", [one]]))],
      ["many", () => large.run(mine.map((one) => ["record", [one]]))],
      ["floor", () => fetch(floor.url, { method: "POST", body: JSON.stringify(mine) })],
    ];
    // Who goes second finds caches warm: they take turns.
    for (let n = 0; n < ways.length; n++) {
      const [kind, way] = ways[(i + n) % ways.length] as (typeof ways)[number];
      const { ms } = await timed(way);
      if (i >= warmUp) times[kind].push(ms / each);
    }
  }
  await floor.end();
  await ledgers.end();
  return resultOf(stream, times, costs);
}

interface Cost {
  readonly read: number;
  readonly written: number;
  readonly messages: number;
  readonly live: number;
}

function resultOf(
  stream: string,
  times: Readonly<Record<Kind, readonly number[]>>,
  costs: Readonly<Record<"few" | "many" | "again", Cost>>,
): Result {
  const median = (kind: Kind) => percentile(times[kind], 0.5);
  return {
    name: stream,
    value: rounded(median("many")),
    unit: `ms median, one among ${many.toLocaleString("en")}`,
    floor: rounded(median("floor")),
    ratio: rounded(median("many") / median("floor")),
    spread: rounded(percentile(times.many, 0.9) / percentile(times.many, 0.1)),
    level: "emulator",
    details: {
      among10Ms: rounded(median("few")),
      growth: rounded(median("many") / median("few")),
      rowsRead: costs.many.read,
      rowsReadAmong10: costs.few.read,
      rowsWritten: costs.many.written,
      messages: costs.many.messages,
      callsOfWatched: costs.many.live,
      rowsWrittenSaidAgain: costs.again.written,
    },
  };
}

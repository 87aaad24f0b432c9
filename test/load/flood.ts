/**
 * Whoever offers: a process of its own, so that it does not keep the system waiting. It is told by
 * its parent whom to ask (`Order`), says how far it is, and hands over its book (`Heard`).
 *
 * What is sustained: offered openly at rising rates, the greatest one at which nothing is refused,
 * nothing is left unanswered and 95 of 100 take no longer than a second, and at which the same is so
 * for a while longer.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { chanceOf } from "../oracle/chance.ts";
import { Book, type Booked, ofPhase, percentile, type Second, sumOf } from "./book.ts";
import { answered, closed, type Offering, open, type Rates } from "./phases.ts";
import { recoveredAfter, watchedSeconds } from "./recovery.ts";
import { readersMax, Sender } from "./sender.ts";
import { type Party, Traffic } from "./traffic.ts";

export interface Order {
  readonly url: string;
  readonly party: Party;
  /** Whose memory is looked at. */
  readonly runtimePid: number;
  readonly nowMs: number;
  readonly options: {
    readonly times: number;
    readonly seconds: number;
    readonly seed: number;
  };
}

export type Heard =
  | { readonly say: string }
  | { readonly booked: Booked; readonly sustained: Rates };

/** Each waits for its answer: what so few are given is where the search begins. */
const lanes = { writers: 6, readers: 2 };
const warmUpSeconds = 3;
const closedSeconds = 5;
const stepSeconds = 4;
const stepFactor = 1.25;
const stepsMax = 20;
/** It has to hold for so long; if it does not, a little less is tried. */
const sustainedSeconds = 10;
const lessFactor = 0.85;
const lessMax = 8;
/** After too much, so that what comes next is not judged by it. */
const restMs = 5_000;
/** As long as 95 of 100 may take, of writes and of reads. */
const sustainedMsMax = 1_000;
/** Of a phase's due: what a busy machine's clock may make of it. */
const offeredShareLeast = 0.9;

const send = (heard: Heard): void => void process.send?.(heard);
const say = (text: string) => send({ say: text });

async function memoryMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024);
}

const p95 = (rows: readonly Second[], of: (row: Second) => readonly number[]): number =>
  percentile(rows.flatMap(of), 0.95);

/** All of it was offered, taken in and answered in time. */
function isSustained(rows: readonly Second[], perSecond: Rates): boolean {
  const due = (perSecond.writes + perSecond.reads) * rows.length;
  const sent = sumOf(rows, (row) => row.offered - row.unsent + row.reads);
  const taken = sumOf(rows, (row) => row.accepted + row.readsAnswered);
  return (
    sent >= due * offeredShareLeast &&
    taken === sent &&
    p95(rows, (row) => row.writeMs) <= sustainedMsMax &&
    p95(rows, (row) => row.readMs) <= sustainedMsMax
  );
}

const rateOf = ({ writes, reads }: Rates) => `${writes.toFixed(0)} and ${reads.toFixed(0)}`;

/** One phase at a rate; whether that was sustained. */
async function tried(of: Offering, phase: string, count: number, rates: Rates): Promise<boolean> {
  await open(of, phase, count, rates);
  await answered(of);
  const rows = ofPhase(of.book, phase);
  const is = isSustained(rows, rates);
  const [writeMs, readMs] = [p95(rows, (row) => row.writeMs), p95(rows, (row) => row.readMs)];
  const refused = sumOf(rows, (row) => row.tooMany + row.unavailable + row.other);
  say(
    `  ${rateOf(rates)} a second: ${refused} refused, p95 ${writeMs.toFixed(0)} and ` +
      `${readMs.toFixed(0)} ms${is ? "" : ": too much"}`,
  );
  if (!is) await sleep(restMs);
  return is;
}

async function sustainedOf(of: Offering): Promise<Rates> {
  await closed(of, "warm-up", warmUpSeconds, lanes);
  await closed(of, "closed", closedSeconds, lanes);
  const rows = ofPhase(of.book, "closed");
  const begin = sumOf(rows, (row) => row.accepted) / closedSeconds;
  const reads = sumOf(rows, (row) => row.readsAnswered) / closedSeconds / 2;
  say(`${lanes.writers} senders that wait are given ${begin.toFixed(1)} writes a second`);
  let rates: Rates = { writes: begin, reads };
  for (let step = 0; step < stepsMax; step++) {
    const next = { writes: begin * stepFactor ** step, reads };
    if (!(await tried(of, `rising ${step}`, stepSeconds, next))) break;
    rates = next;
  }
  for (let less = 0; less < lessMax; less++) {
    const held = { ...rates, writes: rates.writes * lessFactor ** less };
    const phase = less === 0 ? "sustained" : `sustained ${less}`;
    if (!(await tried(of, phase, sustainedSeconds, held))) continue;
    // What is compared with later goes by one name.
    for (const row of ofPhase(of.book, phase)) row.phase = "sustained";
    return held;
  }
  throw new Error("nothing is sustained on this machine");
}

async function flood({ url, party, runtimePid, nowMs, options }: Order): Promise<void> {
  const { times, seconds, seed } = options;
  const book = new Book();
  const senders = { writers: new Sender(url), readers: new Sender(url, readersMax) };
  const of: Offering = {
    ...{ ...senders, book, traffic: new Traffic(party, chanceOf(seed), nowMs) },
    memory: () => memoryMb(runtimePid),
    told: (row, s) => {
      if (s % 10 === 9) say(`  ${row.phase}: ${s + 1} s`);
    },
  };
  const sustained = await sustainedOf(of);
  say(`${rateOf(sustained)} writes and reads a second are sustained`);
  const over = { ...sustained, writes: sustained.writes * times };
  say(`${rateOf(over)} a second are offered`);
  await open(of, "overload", seconds, over);
  const half = { ...sustained, writes: sustained.writes / 2 };
  await open(of, "half", watchedSeconds, half, () => recoveredAfter(book) === null);
  await answered(of);
  for (const each of Object.values(senders)) each.end();
  const { acknowledged, sent, odd } = book;
  send({ booked: { seconds: book.seconds, acknowledged, sent, odd }, sustained });
}

process.once("message", (order: Order) => {
  // Its parent lets go of it once it has heard all.
  flood(order).catch((error: Error) => {
    say(`offering ended: ${error.message}`);
    process.exitCode = 1;
    process.disconnect();
  });
});

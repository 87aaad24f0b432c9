/**
 * Ways of offering: closed, where each lane waits for its answer, which finds where to begin; and
 * open, where so many a second come whatever is said to them, as in life. What is offered openly is
 * made and signed before the first of it is due. Reads come in the same way, beside the writes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Book, Second } from "./book.ts";
import type { Prepared, Said, Sender } from "./sender.ts";
import type { Asked, Traffic } from "./traffic.ts";

/** How often something is offered in an open phase. */
const tickMs = 10;
/** A sender that was kept waiting longer makes up for no more: it offers less, and that is said. */
const arrearsMsMax = 250;

export interface Offering {
  readonly writers: Sender;
  readonly readers: Sender;
  readonly traffic: Traffic;
  readonly book: Book;
  /** Of the runtime, in MB. */
  readonly memory: () => Promise<number>;
  readonly told: (row: Second, s: number) => void;
}

export interface Rates {
  readonly writes: number;
  readonly reads: number;
}

/** So many a second in ticks, a part of one carried over. */
function paced(perSecond: number): (elapsedMs: number) => number {
  let [lastMs, owed] = [0, 0];
  return (elapsedMs) => {
    owed += (Math.min(elapsedMs - lastMs, arrearsMsMax) * perSecond) / 1_000;
    lastMs = elapsedMs;
    const due = Math.floor(owed);
    owed -= due;
    return due;
  };
}

type Send = () => Promise<Said>;

function write({ writers, book }: Offering, row: Second, fact: string, send: Send) {
  row.offered++;
  if (!writers.isFree) {
    row.unsent++;
    return null;
  }
  book.sent.add(fact);
  return send().then((said) => book.wrote(row, fact, said));
}

function read({ readers, book }: Offering, row: Second, send: Send) {
  row.reads++;
  // A read that finds no connection is a read that nobody answered.
  if (!readers.isFree) return null;
  return send().then((said) => book.read(row, said));
}

/** Each second has its row, which `offer` is given in every tick. `goesOn`: asked before each second. */
async function seconds(
  of: Offering,
  phase: string,
  count: number,
  offer: (row: Second, elapsedMs: number) => void,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const startedMs = performance.now();
  for (let s = 0; s < count && goesOn(); s++) {
    const row = of.book.begin(phase);
    for (;;) {
      const elapsedMs = performance.now() - startedMs;
      if (elapsedMs >= (s + 1) * 1_000) break;
      offer(row, elapsedMs);
      await sleep(tickMs);
    }
    row.memoryMb = await of.memory();
    of.told(row, s);
  }
}

export async function closed(
  of: Offering,
  phase: string,
  count: number,
  lanes: { readonly writers: number; readonly readers: number },
): Promise<void> {
  const { writers, readers, traffic } = of;
  let current: Second | null = null;
  let isOver = false;
  const lane = (ask: (row: Second) => Promise<void> | null) => async () => {
    while (!isOver) {
      if (current === null) await sleep(tickMs);
      else await ask(current);
    }
  };
  const writeOne = (row: Second) => {
    const asked = traffic.write();
    return write(of, row, asked.fact ?? "", () => writers.send(asked));
  };
  const readOne = (row: Second) => read(of, row, () => readers.send(traffic.read()));
  const all = [
    ...Array.from({ length: lanes.writers }, lane(writeOne)),
    ...Array.from({ length: lanes.readers }, lane(readOne)),
  ];
  await seconds(of, phase, count, (row) => {
    current = row;
  });
  isOver = true;
  await Promise.all(all);
}

interface Ready {
  readonly fact: string;
  readonly bytes: Prepared;
}

/** As many as a phase can come to need, the first of them last. */
const readied = (sender: Sender, perSecond: number, count: number, next: () => Asked): Ready[] =>
  Array.from({ length: Math.ceil(perSecond * (count + 1)) }, () => {
    const asked = next();
    return { fact: asked.fact ?? "", bytes: sender.prepared(asked) };
  }).reverse();

export async function open(
  of: Offering,
  phase: string,
  count: number,
  perSecond: Rates,
  goesOn?: () => boolean,
): Promise<void> {
  const { writers, readers, traffic } = of;
  const toWrite = readied(writers, perSecond.writes, count, () => traffic.write());
  const toRead = readied(readers, perSecond.reads, count, () => traffic.read());
  const [writes, reads] = [paced(perSecond.writes), paced(perSecond.reads)];
  const offer = (row: Second, elapsedMs: number) => {
    for (let due = writes(elapsedMs); due > 0; due--) {
      const next = toWrite.pop();
      if (next !== undefined)
        void write(of, row, next.fact, () => writers.sendPrepared(next.bytes));
    }
    for (let due = reads(elapsedMs); due > 0; due--) {
      const next = toRead.pop();
      if (next !== undefined) void read(of, row, () => readers.sendPrepared(next.bytes));
    }
  };
  await seconds(of, phase, count, offer, goesOn);
}

/** Until everything that was sent is answered, or given up. */
export async function answered({ writers, readers }: Offering): Promise<void> {
  while (writers.inFlight + readers.inFlight > 0) await sleep(tickMs);
}

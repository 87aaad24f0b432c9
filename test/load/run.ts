/**
 * The whole system under more than it can do: first what it sustains, then a multiple of that for a
 * while, then half of it, watched until all is as it was (flood.ts); and at last the balance.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import { endFolder, passingFolder } from "../../local/passing.ts";
import { say } from "../../local/say.ts";
import { startSystem } from "../../local/system.ts";
import { runtimePids } from "../fakes/runtime-pids.ts";
import { type Booked, bySecond, ofPhase, percentile, type Second, sumOf } from "./book.ts";
import type { Heard, Order } from "./flood.ts";
import { type Kept, keptOf } from "./kept.ts";
import type { Rates } from "./phases.ts";
import { recoveredAfter, recoverySecondsMax } from "./recovery.ts";
import { partyOf } from "./traffic.ts";

export interface LoadOptions {
  readonly times: number;
  readonly seconds: number;
  readonly seed: number;
  readonly members: number;
  /** `IN_HAND` of wrangler.toml; empty: as deployed. */
  readonly inHand: string;
}

/** Of a second's due: what a busy machine's clock may make of it. */
const offeredShareLeast = 0.9;
const readsAnsweredShareLeast = 0.95;

export interface Line {
  readonly what: string;
  readonly found: string;
  readonly isRight: boolean;
}

export interface Outcome {
  readonly lines: readonly Line[];
  readonly result: Readonly<Record<string, number | string>>;
}

export async function load(options: LoadOptions): Promise<Outcome> {
  const state = await passingFolder("load");
  // On this machine tests are spared (local/settings.ts).
  const vars = { edge: { IN_HAND: options.inHand } };
  // What is measured logs as deployed; nobody reads it.
  const system = await startSystem({ state, vars, onLog: () => {} });
  try {
    say(`seed ${options.seed}: ${options.members} members sign up`);
    const party = await partyOf(system, options.members);
    const [runtimePid = 0] = await runtimePids();
    const { url } = system;
    const flooded = await offered({ url, party, runtimePid, nowMs: Date.now(), options });
    say("what was acknowledged is looked for");
    const kept = await keptOf(system, party.members, flooded.booked);
    say(bySecond(flooded.booked.seconds));
    return judged(flooded, kept, options);
  } finally {
    await system.close();
    await endFolder(state);
  }
}

interface Flooded {
  readonly booked: Booked;
  readonly sustained: Rates;
}

/** By a process of its own; its book. Rejects when it ends without one. */
function offered(order: Order): Promise<Flooded> {
  const whoever = fork(join(import.meta.dirname, "flood.ts"), { serialization: "advanced" });
  whoever.send(order);
  return new Promise((settle, fail) => {
    whoever.on("message", (heard: Heard) => {
      if ("say" in heard) return say(heard.say);
      // It ends once nobody listens any more.
      whoever.disconnect();
      settle(heard);
    });
    whoever.on("exit", (code) => fail(new Error(`whoever offers ended (${code}) without a word`)));
  });
}

function judged({ booked, sustained }: Flooded, kept: Kept, options: LoadOptions): Outcome {
  const over = ofPhase(booked, "overload");
  const before = ofPhase(booked, "sustained");
  const all = booked.seconds;
  const recovered = recoveredAfter(booked);
  const offered = sumOf(over, (row) => row.offered - row.unsent) / options.seconds;
  const [asked, told] = [sumOf(over, (row) => row.reads), sumOf(over, (row) => row.readsAnswered)];
  const share = told / asked;
  const refused = sumOf(over, (row) => row.tooMany + row.unavailable);
  const due = sustained.writes * options.times;
  const silent = sumOf(all, (row) => row.withoutRetryAfter);
  const odd = [...booked.odd].map(([status, n]) => `${n} × ${status}`).join(", ");
  const is = (what: string, found: string | number, isRight: boolean): Line => ({
    ...{ what, found: String(found), isRight },
  });
  const lines = [
    is(
      "offered a second",
      `${offered.toFixed(1)} of ${due.toFixed(1)}`,
      offered >= due * offeredShareLeast,
    ),
    is("refused with 429 or 503", refused, refused > 0),
    is("refused without Retry-After", silent, silent === 0),
    is("answered in another way", odd === "" ? 0 : odd, odd === ""),
    is("reads answered meanwhile", `${told} of ${asked}`, share >= readsAnsweredShareLeast),
    is("acknowledged and lost", kept.lost.length, kept.lost.length === 0),
    is("there twice", kept.doubled.length, kept.doubled.length === 0),
    is("there and never sent", kept.invented.length, kept.invented.length === 0),
    is("boards that differ", kept.boardsApart.length, kept.boardsApart.length === 0),
    is(
      "as before after",
      recovered === null ? "never" : `${recovered} s`,
      recovered !== null && recovered <= recoverySecondsMax,
    ),
  ];
  const result = {
    name: "load",
    ...{ seed: options.seed, times: options.times, seconds: options.seconds },
    inHand: options.inHand,
    sustainedPerSecond: Math.round(sustained.writes),
    offeredPerSecond: Math.round(offered),
    acceptedPerSecond: Math.round(sumOf(over, (row) => row.accepted) / options.seconds),
    tooMany: sumOf(over, (row) => row.tooMany),
    unavailable: sumOf(over, (row) => row.unavailable),
    other: sumOf(all, (row) => row.other),
    acknowledged: booked.acknowledged.size,
    present: kept.present,
    ...{ lost: kept.lost.length, doubled: kept.doubled.length },
    readsAnsweredPercent: Math.round(share * 1_000) / 10,
    readMsP95: p95Of(over, (row) => row.readMs),
    writeMsP95: p95Of(over, (row) => row.writeMs),
    sustainedReadMsP95: p95Of(before, (row) => row.readMs),
    sustainedWriteMsP95: p95Of(before, (row) => row.writeMs),
    recoveredSeconds: recovered ?? -1,
    memoryMbPeak: Math.max(...all.map((row) => row.memoryMb)),
    wrong: lines.filter((line) => !line.isRight).length,
  };
  return { lines, result };
}

const p95Of = (rows: readonly Second[], of: (row: Second) => readonly number[]): number =>
  Math.round(percentile(rows.flatMap(of), 0.95));

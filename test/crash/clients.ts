/**
 * The clients of all doors, at once: new things, what was cut or refused before, and in 30 of 100
 * requests what was answered already. They stop when the system is gone, and go on when it is back.
 */
import type { System } from "../../local/system.ts";
import type { Chance } from "../oracle/chance.ts";
import type { Batch, Door } from "./door.ts";
import type { ClientRecord } from "./record.ts";

/** Of a hundred requests: said again though it was answered; said again if there is any that was not. */
const [saidAgain, caughtUp] = [30, 60];
/** Of a hundred cut requests so many are never said again. */
const leftForGood = 6;
/** Answered ones that a client still has at hand. */
const atHandMax = 30;
/** Refusals in a row that one request bears once nothing fails any more. */
const triesMax = 120;
const pauseMs = 100;
const idleMs = 20;

interface Lane {
  readonly door: Door;
  /** Cut, or refused for now. */
  readonly open: Batch[];
  readonly answered: Batch[];
}
type Ended = "answered" | "refused" | "cut";

/** Facts that are told of for the first time. */
const newIn = ({ sayings }: Batch): number =>
  sayings.filter(({ rank, content }) => rank <= 1 && content !== null).length;

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

export class Clients {
  /** Answers that no client should ever get, each said once. */
  readonly wrong = new Set<string>();
  readonly #lanes: readonly Lane[];
  readonly #record: ClientRecord;
  readonly #chance: Chance;
  #isOn = false;
  #takesBack = false;
  #running: Promise<unknown> = Promise.resolve();
  #told = 0;

  constructor(doors: readonly Door[], record: ClientRecord, chance: Chance) {
    this.#lanes = doors.map((door) => ({ door, open: [], answered: [] }));
    [this.#record, this.#chance] = [record, chance];
  }

  /** Facts that were told of at all. */
  get told(): number {
    return this.#told;
  }
  get left(): number {
    return this.#lanes.reduce((sum, { door }) => sum + door.left, 0);
  }

  /** Until they are stopped; at most so many facts that are new. `takesBack`: whoever can, does. */
  start(system: System, newMax: number, takesBack: boolean): void {
    [this.#isOn, this.#takesBack] = [true, takesBack];
    let left = newMax;
    const lanes = this.#lanes.map(async (lane) => {
      while (this.#isOn) {
        const batch = this.#pick(lane, left);
        if (batch === null) {
          await pause(idleMs);
          continue;
        }
        left -= this.#fresh(batch);
        const ended = await this.#send(system, lane, batch);
        if (ended === "cut") return;
        if (ended === "refused") await pause(pauseMs);
      }
    });
    this.#running = Promise.all(lanes);
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#running;
  }

  /** Nothing fails any more: all that is left is said, until all of it is answered. */
  async finish(system: System, said: (left: number) => void): Promise<void> {
    await Promise.all(
      this.#lanes.map(async (lane) => {
        for (let tries = 0; tries < triesMax; ) {
          const batch = lane.open.shift() ?? lane.door.next(Number.MAX_SAFE_INTEGER);
          if (batch === null) return;
          this.#fresh(batch);
          const ended = await this.#send(system, lane, batch);
          said(this.left);
          tries = ended === "answered" ? 0 : tries + 1;
          if (tries > 0) await pause(pauseMs);
        }
        this.wrong.add(`${lane.door.name}: refused ${triesMax} times when nothing failed`);
      }),
    );
  }

  #pick({ door, open, answered }: Lane, newMax: number): Batch | null {
    const back = this.#takesBack ? (door.takeBack?.() ?? null) : null;
    if (back !== null) return back;
    if (answered.length > 0 && this.#chance.in100(saidAgain)) return this.#chance.pick(answered);
    if (open.length > 0 && this.#chance.in100(caughtUp)) return open.shift() ?? null;
    return (newMax > 0 ? door.next(newMax) : null) ?? open.shift() ?? null;
  }

  /** What is said for the first time is written down before it is said. */
  #fresh(batch: Batch): number {
    if (this.#seen.has(batch)) return 0;
    this.#seen.add(batch);
    for (const saying of batch.sayings) this.#record.say(saying);
    this.#record.bad.said += batch.bad;
    const n = newIn(batch);
    this.#told += n;
    return n;
  }
  readonly #seen = new WeakSet<Batch>();

  async #send(system: System, lane: Lane, batch: Batch): Promise<Ended> {
    const { door, open } = lane;
    const outcome = await batch.send(system).catch(() => null);
    if (outcome === null) {
      this.#record.answered(door.name, "cut");
      // In its place as many others are told.
      if (batch.mayBeLeft && this.#chance.in100(leftForGood)) door.left += newIn(batch);
      else open.push(batch);
      return "cut";
    }
    const { status, isWhole } = outcome;
    this.#record.answered(door.name, String(status));
    if (status >= 200 && status < 300) {
      if (!isWhole) this.wrong.add(`${door.name}: ${status}, but not all of it was taken`);
      this.#taken(lane, batch);
      return "answered";
    }
    if (status < 500) this.wrong.add(`${door.name}: ${status} for what is right`);
    else if (status !== 503) this.wrong.add(`${door.name}: ${status}`);
    open.push(batch);
    return "refused";
  }

  #taken({ door, answered }: Lane, batch: Batch): void {
    for (const saying of batch.sayings) this.#record.acknowledge(saying);
    if (answered.includes(batch)) return;
    if (!this.#took.has(batch)) this.#record.bad.acknowledged += batch.bad;
    this.#took.add(batch);
    door.took?.(batch);
    answered.push(batch);
    if (answered.length > atHandMax) answered.shift();
  }
  readonly #took = new WeakSet<Batch>();
}

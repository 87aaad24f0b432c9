/**
 * A deployment's day, part by part: rides told, rides told with a large series, days of samples, the
 * nights after, the duties by the clock, polls. Each part says what it counted and over how much.
 */
import { call, expectStatus } from "../../local/people.ts";
import { Line } from "../polls-client.ts";
import { bodyOf, Life } from "../samples-days.ts";
import { Deployment } from "./deployment.ts";
import { type Athlete, athletes } from "./people.ts";
import { keysFor, say, type Teller } from "./plays.ts";
import { dayOf, factsADay, firstRides, largeRides, membersFor, type Telling } from "./rides.ts";
import { between, type Counted, Tally } from "./tally.ts";
import { tell } from "./tell.ts";

/** `of`: so many facts, samples, partitions, runs or polls came to it. */
export interface Part {
  readonly counted: readonly Counted[];
  readonly of: number;
}

/** What it settled: partitions, out of so many batches that had landed. */
export interface Night extends Part {
  readonly batches: number;
}

/** What was told, in so many batches. */
export interface Told extends Part {
  readonly batches: number;
}

const tickMs = 2_000;
/** What was told last has been published, landed and confirmed by then. */
const restMs = 120_000;
const nightHourMs = (2 * 60 + 23) * 60_000;
const dayMs = 86_400_000;
/** A beat each second: well over the 64 KiB that a row keeps. */
const everySeconds = 1;
/** Ten thousand clients, each every ten seconds. */
const clients = 10_000;
export const pollEveryMs = 1;
const linesMax = 8;
/** Told by few, so many reach each of sixteen ledgers. */
const ledgersWarmed = 64;
const polled = "/v1/leaderboards/distance?period=week";
/** Ten thousand phones, each once a day. */
const syncEveryMs = dayMs / 10_000;

export type Say = (text: string) => void;

export class World {
  readonly deployment: Deployment;
  readonly #athletes: readonly Athlete[];
  readonly #seed: number;
  readonly #say: Say;
  #settledBatches = 0;

  private constructor(deployment: Deployment, riders: readonly Athlete[], seed: number, say: Say) {
    this.deployment = deployment;
    this.#athletes = riders;
    this.#seed = seed;
    this.#say = say;
  }

  /** Members who have been there for a while: each told a ride before, and a night has passed. */
  static async of(facts: number, seed: number, say: Say): Promise<World> {
    const deployment = await Deployment.start();
    const riders = await athletes(deployment, membersFor(facts), say);
    const world = new World(deployment, riders, seed, say);
    for (const telling of firstRides(riders.length)) {
      await deployment.until(deployment.nowMs + tickMs / 4);
      await world.#tell(telling);
    }
    await deployment.rest(tickMs, restMs);
    await world.#settle();
    world.#settledBatches = deployment.batches;
    for (const duty of duties) await deployment.duty(duty.worker, duty.cron);
    say(`${riders.length} members, each with a ride of last week`);
    return world;
  }

  get members(): number {
    return this.#athletes.length;
  }

  #tell(telling: Telling, every?: number): Promise<void> {
    const athlete = this.#athletes[telling.ride.member];
    if (athlete === undefined) throw new Error("a ride of nobody's");
    return tell(this.deployment, athlete, telling, every);
  }

  async #counting(of: number, work: () => Promise<void>): Promise<Told> {
    const { deployment } = this;
    const [before, batches] = [await deployment.counted(), deployment.batches];
    await work();
    const counted = between(before, await deployment.counted());
    return { counted, of, batches: deployment.batches - batches };
  }

  async #tellAll(tellings: readonly Telling[], every?: number): Promise<void> {
    const { deployment } = this;
    let told = 0;
    for (const telling of tellings) {
      while (deployment.nowMs + tickMs <= telling.atMs)
        await deployment.until(deployment.nowMs + tickMs);
      await this.#tell(telling, every);
      if (++told % 1_000 === 0) this.#say(`${told} of ${tellings.length} deliveries`);
    }
    await deployment.rest(tickMs, restMs);
  }

  /**
   * A quarter of a day and its night, then the rest and another: what a night costs for a partition
   * and for a batch can be told apart by the two.
   */
  async factsAndNights(): Promise<{ told: Told; nights: readonly [Night, Night] }> {
    const day = dayOf(this.#seed, this.#athletes.length, this.deployment.nowMs);
    this.#say(`${day.facts} facts in ${day.deliveries} deliveries`);
    const cut = Math.round(day.tellings.length / 4);
    const first = await this.#counting(0, () => this.#tellAll(day.tellings.slice(0, cut)));
    const night = await this.night();
    const laterMs = this.deployment.nowMs - (day.tellings[cut]?.atMs ?? 0);
    const later = day.tellings.slice(cut).map((one) => ({ ...one, atMs: one.atMs + laterMs }));
    const second = await this.#counting(0, () => this.#tellAll(later));
    const counted = new Tally().addAll(first.counted).addAll(second.counted).entries();
    const told = { counted, of: day.facts, batches: first.batches + second.batches };
    return { told, nights: [night, await this.night()] };
  }

  /** Over source facts; deliveries are more, and cost with them. */
  facts(): Promise<Told> {
    const day = dayOf(this.#seed, this.#athletes.length, this.deployment.nowMs);
    this.#say(`${day.facts} facts in ${day.deliveries} deliveries`);
    return this.#counting(day.facts, () => this.#tellAll(day.tellings));
  }

  /** Signed events with a series; none of these rides is told by anybody else. */
  largeFacts(rides: number): Promise<Told> {
    const tellings = largeRides(rides, this.#athletes.length, this.deployment.nowMs);
    this.#say(`${rides} facts with a large series`);
    return this.#counting(rides, () => this.#tellAll(tellings, everySeconds));
  }

  /** A day each, in one batch, from so many phones. Over samples. */
  async samples(phones: number, samplesEach: number): Promise<Told> {
    const { deployment } = this;
    const first = this.#athletes.slice(0, phones);
    const lives = first.map(() => new Life());
    // The day before, so that nothing that a member needs once falls on the counted one.
    await this.#sync(first, lives, samplesEach);
    await deployment.rest(tickMs, restMs);
    this.#say(`${phones} phones with ${samplesEach} samples each`);
    return this.#counting(phones * samplesEach, async () => {
      await this.#sync(first, lives, samplesEach);
      await deployment.rest(tickMs, restMs);
    });
  }

  /** One by one, at the day's pace; of each teller one was told before. Over what is told. */
  async told(teller: Teller, count: number): Promise<Told> {
    const { deployment } = this;
    const keys = await keysFor(deployment, teller, this.#athletes);
    const tellOne = async (nth: number) => {
      const nextMs = deployment.nowMs + dayMs / factsADay;
      while (deployment.nowMs < nextMs) await deployment.until(deployment.nowMs + tickMs);
      await say(deployment, teller, keys, nth);
    };
    // Ledgers that are many members' are all there by then, too.
    const before = Math.max(keys.length, ledgersWarmed);
    for (let nth = 0; nth < before; nth++) await tellOne(nth);
    await deployment.rest(tickMs, restMs);
    this.#say(`${count} of ${teller.provider}, by ${keys.length}`);
    return this.#counting(count, async () => {
      for (let nth = 0; nth < count; nth++) await tellOne(before + nth);
      await deployment.rest(tickMs, restMs);
    });
  }

  async #sync(phones: readonly Athlete[], lives: readonly Life[], count: number): Promise<void> {
    const { deployment } = this;
    for (const [i, { token }] of phones.entries()) {
      const nextMs = deployment.nowMs + syncEveryMs;
      while (deployment.nowMs < nextMs) await deployment.until(deployment.nowMs + tickMs);
      const body = bodyOf(lives[i]?.next(count) ?? []);
      const answer = await call(deployment.system.url, "POST", "/v1/sync", { token, body });
      expectStatus(answer, 200);
    }
  }

  /** At 02:23 of the next date. Over the partitions that waited to be settled. */
  async night(): Promise<Night> {
    const { deployment } = this;
    const midnightMs = Math.floor(deployment.nowMs / dayMs + 1) * dayMs;
    const atMs = midnightMs + nightHourMs;
    await deployment.until(atMs);
    await deployment.rest(tickMs, restMs);
    const warehouse = await deployment.system.runtime.mf.getD1Database(
      "WAREHOUSE",
      "singlet-archive",
    );
    const partitions = await warehouse
      .prepare("SELECT count(*) AS n FROM dirty")
      .first<number>("n");
    const batches = deployment.batches - this.#settledBatches;
    this.#settledBatches = deployment.batches;
    this.#say(`a night over ${partitions} partitions, out of ${batches} batches`);
    return { ...(await this.#counting(partitions ?? 0, () => this.#settle())), batches };
  }

  async #settle(): Promise<void> {
    await this.deployment.beginNightly();
    await this.deployment.rest(tickMs, restMs);
  }

  /** What the clock alone causes in a day, from one turn of each duty. Over `factsADay`. */
  async byTheClock(): Promise<Part> {
    const counted: Counted[] = [];
    for (const { worker, cron, aDay } of duties) {
      const once = await this.#counting(1, () => this.deployment.duty(worker, cron));
      for (const one of once.counted) counted.push({ ...one, n: one.n * aDay, detail: cron });
    }
    return { counted, of: factsADay };
  }

  /** One page of one board, by clients that say what they have seen. */
  async polls(count: number): Promise<Part> {
    const { deployment } = this;
    const lines = Array.from({ length: linesMax }, () => new Line(deployment.system.url));
    const tags: string[] = [];
    let asked = 0;
    await deployment.pace(pollEveryMs);
    const part = await this.#counting(count, async () => {
      await Promise.all(
        lines.map(async (line) => {
          while (asked < count) {
            const client = asked++ % clients;
            const { status, etag } = await line.get(polled, tags[client] ?? "");
            if (status !== 200 && status !== 304) throw new Error(`a poll was answered ${status}`);
            tags[client] = etag;
          }
        }),
      );
    });
    for (const line of lines) line.end();
    await deployment.pace(0);
    return part;
  }

  end(): Promise<void> {
    return this.deployment.end();
  }
}

const minutesADay = 1_440;
/** As each worker's wrangler.toml says, except the night. */
const duties = [
  { worker: "edge", cron: "*/5 * * * *", aDay: minutesADay / 5 },
  { worker: "archive", cron: "* * * * *", aDay: minutesADay },
  { worker: "vault", cron: "17 * * * *", aDay: 24 },
  { worker: "vault", cron: "47 * * * *", aDay: 24 },
] as const;

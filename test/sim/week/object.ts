/**
 * An object of the platform, in virtual time: called over a wire that takes time and loses answers,
 * woken by its alarm as the platform does it (at least once, now and then late, tried again after a
 * failure), and able to crash wherever it waits: its memory is gone, its storage stays, what it
 * waited for comes back to nobody.
 */

import type { Instant } from "../../../domain/time.ts";
import type { ObjectStorage } from "../../../durable-objects/host.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { VirtualClock } from "./clock.ts";

/** How often things go wrong; all zero once the week is over. */
export interface Troubles {
  /** Of a hundred calls, so many end with the crash of who calls or of who is called. */
  crashIn100: number;
  /** Of a hundred calls to a part of ours, so many fail: before their effect or after it. */
  failIn100: number;
  /** Of a hundred alarms, so many come up to a minute late. */
  lateAlarmIn100: number;
}
export interface Sim {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly troubles: Troubles;
  /** What must never happen, and did. */
  readonly violations: Map<string, number>;
}
export const violate = ({ violations }: Sim, what: string): void => {
  violations.set(what, (violations.get(what) ?? 0) + 1);
};

/** One stretch of an object's being in memory. */
export class Life {
  alive = true;
  readonly #sim: Sim;
  readonly #waiting = new Set<(error: Error) => void>();
  constructor(sim: Sim) {
    this.#sim = sim;
  }

  /**
   * A call out of the object: there, its effect, and back. Once the object is dead, nothing comes
   * back and nothing more is begun; an effect that is under way goes on.
   */
  async out<T>(effect: () => Promise<T>, crash: () => void): Promise<T> {
    const { clock, chance, troubles } = this.#sim;
    const doom = chance.in100(troubles.crashIn100) ? chance.whole(0, 1) : null;
    await this.#wait(clock.sleep(chance.whole(1, 5)));
    if (doom === 0) crash();
    if (!this.alive) return never();
    const settled = await this.#wait(
      effect().then(
        (value) => ({ value }),
        (error) => ({ error }),
      ),
    );
    await this.#wait(clock.sleep(chance.whole(1, 5)));
    if (doom === 1) crash();
    if (!this.alive) return never();
    if ("error" in settled) throw settled.error;
    return settled.value;
  }

  /** A call into the object: whoever made it hears of its death. */
  in<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const done = () => this.#waiting.delete(reject);
      work().then(
        (value) => {
          done();
          if (this.alive) resolve(value);
        },
        (error) => {
          done();
          if (this.alive) reject(error);
        },
      );
    });
  }

  end(): void {
    this.alive = false;
    for (const reject of this.#waiting) reject(new Error("the object was reset"));
    this.#waiting.clear();
  }

  #wait<T>(promise: Promise<T>): Promise<T> {
    return promise.then((value) => (this.alive ? value : never()));
  }
}
const never = <T>(): Promise<T> => new Promise<T>(() => {});

const retryMs = 2000;
const retriesMax = 6;
/** Longer than that the platform lets no alarm run. */
const alarmMsMax = 15 * 60_000;

/** An object that sets no alarm need not have one. */
const alarmOf = (core: { alarm?(): Promise<void> }): Promise<void> | undefined => core.alarm?.();

export class SimObject<C extends object> {
  crashes = 0;
  readonly #sim: Sim;
  readonly #name: string;
  readonly #kept: ObjectStorage;
  readonly #build: (storage: ObjectStorage, object: SimObject<C>) => C;
  #core: C | null = null;
  #life: Life;
  #running = false;
  #failures = 0;

  constructor(
    sim: Sim,
    name: string,
    kept: ObjectStorage,
    build: (storage: ObjectStorage, object: SimObject<C>) => C,
  ) {
    this.#sim = sim;
    this.#name = name;
    this.#kept = kept;
    this.#build = build;
    this.#life = new Life(sim);
  }

  get life(): Life {
    return this.#life;
  }

  /** A call by its public face; rejects when the object goes down before it answered. */
  async call<T>(work: (core: C) => Promise<T>): Promise<T> {
    const { chance, troubles } = this.#sim;
    const doom = chance.in100(troubles.crashIn100) ? chance.whole(0, 1) : null;
    if (doom === 0) {
      this.crash();
      throw new Error("the object was reset");
    }
    const core = this.#awake();
    const answer = await this.#life.in(() => work(core));
    if (doom === 1) {
      this.crash();
      throw new Error("the object was reset");
    }
    return answer;
  }

  /** A port of this life of the object: what it calls outside. */
  out<T>(life: Life, effect: () => Promise<T>): Promise<T> {
    return life.out(effect, () => life === this.#life && this.crash());
  }

  crash(): void {
    this.crashes++;
    this.#core = null;
    const { clock } = this.#sim;
    const old = this.#life;
    this.#life = new Life(this.#sim);
    const wasRunning = this.#running;
    this.#running = false;
    old.end();
    // The platform finds out that an alarm did not end, and rings again unless another is set.
    if (wasRunning) clock.after(retryMs, () => void this.#ringAgain(clock.now()));
    else void this.#follow();
  }

  #awake(): C {
    this.#core ??= this.#build(this.#guarded(this.#life), this);
    return this.#core;
  }

  /** Storage as one life of the object sees it: setting an alarm reaches the clock. */
  #guarded(life: Life): ObjectStorage {
    const { sql, transactionSync, getAlarm, deleteAlarm } = this.#kept;
    const alive = () => {
      if (!life.alive) violate(this.#sim, `${this.#name} wrote after it was dead`);
    };
    return {
      sql,
      transactionSync: (work) => {
        alive();
        return transactionSync.call(this.#kept, work) as ReturnType<typeof work>;
      },
      getAlarm: (options) => getAlarm.call(this.#kept, options),
      deleteAlarm: (options) => deleteAlarm.call(this.#kept, options),
      setAlarm: async (when, options) => {
        alive();
        await this.#kept.setAlarm(when, options);
        await this.#follow();
      },
    };
  }

  /** Puts the alarm that is set into the queue of events. */
  async #follow(): Promise<void> {
    const { clock, chance, troubles } = this.#sim;
    const setMs = await this.#kept.getAlarm();
    if (setMs === null) return;
    const lateMs = chance.in100(troubles.lateAlarmIn100)
      ? chance.whole(1000, 60_000)
      : chance.whole(0, 50);
    clock.at(Math.max(setMs, clock.now()) + lateMs, () => void this.#ring(setMs));
  }

  async #ring(setMs: Instant): Promise<void> {
    if (this.#running || (await this.#kept.getAlarm()) !== setMs) return;
    this.#running = true;
    await this.#kept.deleteAlarm();
    const core = this.#awake();
    const life = this.#life;
    const { clock } = this.#sim;
    const beganMs = clock.now();
    clock.at(beganMs + alarmMsMax, () => {
      if (!this.#running || life !== this.#life || this.#beganMs !== beganMs) return;
      violate(this.#sim, `an alarm of ${this.#name} ran for more than 15 minutes`);
      this.crash();
    });
    this.#beganMs = beganMs;
    try {
      await life.in(async () => alarmOf(core));
      this.#failures = 0;
      this.#running = false;
      await this.#follow();
    } catch (error) {
      if (life !== this.#life) return;
      violate(this.#sim, `an alarm of ${this.#name} threw: ${(error as Error).message}`);
      this.#running = false;
      this.#failures++;
      if (this.#failures > retriesMax) violate(this.#sim, `an alarm of ${this.#name} was given up`);
      else
        clock.after(retryMs * 2 ** (this.#failures - 1), () => void this.#ringAgain(clock.now()));
    }
  }
  #beganMs: Instant = 0;

  async #ringAgain(nowMs: Instant): Promise<void> {
    if (this.#running) return;
    if ((await this.#kept.getAlarm()) === null) await this.#kept.setAlarm(nowMs);
    await this.#follow();
  }
}

/** The simulated platform keeps the promises of the real one: alarms ring at least once, a dead object stays dead. */
import { describe, expect, it } from "vitest";
import type { ObjectStorage } from "../../durable-objects/host.ts";
import { objectStorage } from "../fakes/object-storage.ts";
import { chanceOf } from "../oracle/chance.ts";
import { VirtualClock } from "../sim/week/clock.ts";
import { type Life, type Sim, SimObject } from "../sim/week/object.ts";

const calm = { crashIn100: 0, failIn100: 0, lateAlarmIn100: 0 };

class Counter {
  /** In memory: gone with the object. */
  seen = 0;
  readonly #storage: ObjectStorage;
  readonly #out: <T>(effect: () => Promise<T>) => Promise<T>;
  readonly #rings: number[];
  readonly #clock: VirtualClock;

  constructor(
    storage: ObjectStorage,
    out: <T>(effect: () => Promise<T>) => Promise<T>,
    rings: number[],
    clock: VirtualClock,
  ) {
    this.#storage = storage;
    this.#out = out;
    this.#rings = rings;
    this.#clock = clock;
  }

  async wake(atMs: number) {
    this.seen++;
    await this.#storage.setAlarm(atMs);
    return this.seen;
  }

  async alarm() {
    this.#rings.push(this.#clock.now());
    await this.#out(async () => {});
    this.#rings.push(-1);
  }
}

function world() {
  const clock = new VirtualClock(0);
  const sim: Sim = { clock, chance: chanceOf(1), troubles: { ...calm }, violations: new Map() };
  const rings: number[] = [];
  let life: Life | null = null;
  const object = new SimObject<Counter>(sim, "a counter", objectStorage().storage, (own, it) => {
    const mine = it.life;
    life = mine;
    return new Counter(own, (effect) => it.out(mine, effect), rings, clock);
  });
  return { clock, sim, rings, object, life: () => life };
}

describe("a simulated object", () => {
  it("rings at the time that was set last, once", async () => {
    const { clock, rings, object } = world();
    void object.call((core) => core.wake(9000));
    void object.call((core) => core.wake(5000));
    await clock.runUntil(60_000);
    expect(rings).toHaveLength(2);
    expect(rings[0]).toBeGreaterThanOrEqual(5000);
    expect(rings[0]).toBeLessThan(5100);
  });

  it("loses its memory in a crash, tells whoever waited, and rings again", async () => {
    const { clock, rings, object, sim } = world();
    void object.call((core) => core.wake(1000));
    while (rings.length === 0) await clock.runUntil(clock.now() + 1);
    object.crash();
    await clock.runUntil(60_000);
    expect(rings.filter((at) => at >= 0)).toHaveLength(2);
    expect(rings.filter((at) => at < 0)).toHaveLength(1);
    const answer = object.call((core) => core.wake(100_000));
    await clock.runUntil(61_000);
    expect(await answer).toBe(1);
    expect(sim.violations.size).toBe(0);
  });

  it("answers nobody after its death", async () => {
    const { clock, object } = world();
    let settled: string | null = null;
    const asked = object.call(() => new Promise(() => {}));
    asked.catch((error: Error) => {
      settled = error.message;
    });
    await clock.runUntil(10);
    object.crash();
    await clock.runUntil(20);
    expect(settled).toBe("the object was reset");
  });
});

describe("the clock", () => {
  it("runs events in order of time, and lets promises settle between two of them", async () => {
    const clock = new VirtualClock(0);
    const order: string[] = [];
    clock.after(20, () => order.push("late"));
    clock.after(10, () => void Promise.resolve().then(() => order.push("promised")));
    clock.after(10, () => order.push("next"));
    await clock.runUntil(100);
    expect(order).toEqual(["promised", "next", "late"]);
    expect(clock.now()).toBe(100);
  });
});

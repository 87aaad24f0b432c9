/**
 * The objects of a world, each of its real class over storage that outlives it: woken by whoever calls
 * it or by its alarm, put out of memory, dead between any two of its calls.
 */
import type { ObjectStorage } from "../../../durable-objects/host.ts";
import { objectStorage } from "../../fakes/object-storage.ts";
import { type Sim, SimObject } from "../week/object.ts";
import type { Part } from "./scenario.ts";
import type { Process, Wire } from "./wire.ts";

type Core = Record<string, (...args: unknown[]) => Promise<unknown>> & { alarm(): Promise<void> };
type ObjectClass = new (ctx: never, env: never) => object;

export interface Kept {
  readonly storage: ReturnType<typeof objectStorage>;
  readonly object: SimObject<Core>;
  /** It has been in memory: before that it may have died of a call, and has no tables. */
  wasAwake: boolean;
}

/** All objects of one class, by name. */
export class Namespace {
  readonly kept = new Map<string, Kept>();
  readonly #made: ObjectClass;
  readonly #part: Part;
  readonly #sim: Sim;
  readonly #wire: Wire;
  /** What its objects are bound to; the objects of a world are bound to each other. */
  env: object = {};

  constructor(sim: Sim, wire: Wire, part: Part, made: ObjectClass) {
    [this.#sim, this.#wire, this.#part, this.#made] = [sim, wire, part, made];
  }

  /** What a binding gives: every method is a call over the wire. */
  getByName(name: string): object {
    return new Proxy(
      {},
      {
        get: (_, method) =>
          method === "then"
            ? undefined
            : (...args: unknown[]) => this.#call(name, String(method), args),
      },
    );
  }

  #call(name: string, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#wire.call(`${this.#part}.${method}`, async () => {
      const said = structuredClone(args);
      const { object } = this.#at(name);
      const answer = await object.call((core) => core[method]?.(...said) ?? Promise.resolve());
      return structuredClone(answer);
    });
  }

  #at(name: string): Kept {
    const known = this.kept.get(name);
    if (known !== undefined) return known;
    const storage = objectStorage();
    const object = new SimObject<Core>(
      this.#sim,
      name,
      storage.storage as unknown as ObjectStorage,
      (own, self) => {
        kept.wasAwake = true;
        return this.#wake(name, own, self);
      },
    );
    const kept = { storage, object, wasAwake: false };
    this.kept.set(name, kept);
    return kept;
  }

  #wake(name: string, storage: ObjectStorage, self: SimObject<Core>): Core {
    const { life } = self;
    const process: Process = {
      part: this.#part,
      get isAlive() {
        return life.alive;
      },
      set isAlive(_) {
        // Its life ends with `die`.
      },
      die: () => life.alive && self.crash(),
    };
    const aheadMs = () => this.#wire.skewMs.get(this.#part) ?? 0;
    const living = storageOf(storage, () => life.alive, aheadMs);
    const core = this.#wire.within(
      process,
      () => new this.#made({ id: { name }, storage: living } as never, this.env as never),
    ) as Core;
    return new Proxy(core, {
      get: (of, method) => {
        const found = of[method as string];
        if (typeof found !== "function") return found;
        return (...args: unknown[]) => this.#wire.within(process, () => found.apply(of, args));
      },
    });
  }

  /** Out of memory, all of them. */
  evict(): void {
    for (const { object } of this.kept.values()) object.crash();
  }

  loseAlarms(): void {
    for (const { storage } of this.kept.values()) storage.takeAlarm();
  }

  async ringAll(): Promise<void> {
    for (const { object } of this.kept.values())
      await object.call((core) => core.alarm()).catch(() => undefined);
  }

  close(): void {
    for (const { storage } of this.kept.values()) storage.raw.close();
  }
}

/**
 * The dead wait for ever, and set no alarm; alarms go by the clock of the machine that sets them. Who
 * dies of one call may be on the way from another that has come back: storage is its own no more.
 */
function storageOf(storage: ObjectStorage, isAlive: () => boolean, aheadMs: () => number) {
  const { sql } = storage;
  const own = () => {
    if (!isAlive()) throw new Error("the object was reset");
  };
  const waiting = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isAlive()) await new Promise(() => undefined);
    const answer = await work();
    if (!isAlive()) await new Promise(() => undefined);
    return answer;
  };
  return {
    sql: {
      exec: (query: string, ...values: unknown[]) => {
        own();
        return sql.exec(query, ...values);
      },
      get databaseSize() {
        return sql.databaseSize;
      },
    },
    transactionSync: <T>(work: () => T) => {
      own();
      return storage.transactionSync(work);
    },
    getAlarm: async () => {
      const at = await waiting(() => storage.getAlarm());
      return at === null ? null : at + aheadMs();
    },
    setAlarm: (at: number | Date) => waiting(() => storage.setAlarm(Number(at) - aheadMs())),
    deleteAlarm: () => waiting(() => storage.deleteAlarm()),
  };
}

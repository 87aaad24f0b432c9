/**
 * What lies between the parts of a world. Every call of a port goes over it: it may take its time, so
 * that others come between, fail before its effect or after it, or be the last thing that the process
 * which makes it ever does. What a dead process waited for comes back to nobody.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Chance } from "../../oracle/chance.ts";
import type { VirtualClock } from "../week/clock.ts";
import { noTroubles, type Part, type Troubles } from "./scenario.ts";
import { Crash } from "./side.ts";

/** A process while it lives. */
export interface Process {
  readonly part: Part;
  isAlive: boolean;
  /** Its memory goes. */
  die(): void;
  /** Throws where it dies, instead of falling silent. */
  readonly isLoud?: boolean;
}

export class PortError extends Error {
  override readonly name = "PortError";
}

const slowMsMax = 400;
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** The one call that fails in a run of `--every-call`, counted from 1. */
export interface OneFault {
  readonly nth: number;
  readonly when: "before" | "after" | "crash";
}

export class Wire {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  troubles: Troubles;
  /** Ahead of true time, by part. */
  readonly skewMs = new Map<Part, number>();
  readonly #downUntilMs = new Map<string, number>();
  readonly #inside = new AsyncLocalStorage<Process | undefined>();
  #one: OneFault | null;
  #draws = 0;
  calls = 0;
  crashes = 0;
  failures = 0;
  /** How often each port was called, for whoever looks what a world did. */
  readonly byPort = new Map<string, number>();

  constructor(clock: VirtualClock, chance: Chance, troubles: Troubles, one: OneFault | null) {
    [this.clock, this.chance, this.troubles, this.#one] = [clock, chance, troubles, one];
  }

  /** What the clock of whoever asks says. */
  readonly nowMs = (): number => {
    const part = this.#inside.getStore()?.part;
    return this.clock.now() + (part === undefined ? 0 : (this.skewMs.get(part) ?? 0));
  };

  /** Everything that `work` does and sets off is done by this process. */
  within<T>(process: Process, work: () => T): T {
    return this.#inside.run(process, work);
  }

  /** By nobody: what a test does to the world. */
  outside<T>(work: () => T): T {
    return this.#inside.run(undefined, work);
  }

  async call<T>(port: string, effect: () => T | Promise<T>): Promise<T> {
    await this.gate(port);
    const when = this.draw(port);
    if (when === "before") throw new PortError(`${port}: nobody answered`);
    const value = await this.outside(effect);
    await this.#back(port);
    if (when === "after") throw new PortError(`${port}: the answer was lost`);
    return value;
  }

  /** The way there: it may take time, or be where the process dies. */
  async gate(port: string): Promise<void> {
    this.calls++;
    this.byPort.set(port, (this.byPort.get(port) ?? 0) + 1);
    if (this.#dies()) await this.#crash(port);
    const { slow } = this.troubles;
    if (slow > 0 && this.chance.in100(slow))
      await this.clock.sleep(this.chance.whole(1, slowMsMax));
    await this.#alive(port);
  }

  #dies(): boolean {
    if (this.#inside.getStore() === undefined) return false;
    if (this.#one !== null) return this.#one.when === "crash" && this.calls === this.#one.nth;
    const { crash } = this.troubles;
    return crash > 0 && this.chance.in100(crash);
  }

  /** What becomes of the call that is at its port now. */
  draw(port: string): "before" | "after" | null {
    this.#draws++;
    if (this.#isDown(port)) return "before";
    if (this.#one !== null && this.#one.when !== "crash")
      return this.#draws === this.#one.nth ? this.#one.when : null;
    const { fail } = this.troubles;
    if (fail === 0 || !this.chance.in100(fail)) return null;
    this.failures++;
    return this.chance.in100(50) ? "before" : "after";
  }

  async #back(port: string): Promise<void> {
    const { slow } = this.troubles;
    if (slow > 0 && this.chance.in100(slow / 4))
      await this.clock.sleep(this.chance.whole(1, slowMsMax));
    await this.#alive(port);
  }

  #alive(port: string): Promise<void> | void {
    const process = this.#inside.getStore();
    if (process === undefined || process.isAlive) return;
    if (process.isLoud === true) throw new Crash(port);
    return never();
  }

  #crash(port: string): Promise<void> {
    const process = this.#inside.getStore();
    if (process === undefined) return Promise.resolve();
    this.crashes++;
    process.isAlive = false;
    process.die();
    if (process.isLoud === true) throw new Crash(port);
    return never();
  }

  /** Nobody answers there for so long. */
  takeDown(port: string, ms: number): void {
    this.#downUntilMs.set(port, this.clock.now() + ms);
  }

  #isDown(port: string): boolean {
    for (const [prefix, untilMs] of this.#downUntilMs)
      if (port.startsWith(prefix) && this.clock.now() < untilMs) return true;
    return false;
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    this.troubles = noTroubles;
    this.#one = null;
    this.skewMs.clear();
    this.#downUntilMs.clear();
  }
}

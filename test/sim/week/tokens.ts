/**
 * An account's grant at its provider, and what the vault knows of it: tokens that expire, refresh
 * tokens that are good once and, after an answer was lost, for a while longer.
 */
import type { NoRequest } from "../../../domain/ports.ts";
import type { Sim } from "./object.ts";
import { violate } from "./object.ts";

const accessMs = 3_600_000;
const aheadMs = 60_000;
const graceMs = 30 * 60_000;
/** Of a hundred refreshes, so many are answered on a line that breaks. */
const answerLostIn100 = 2;

export class Grant {
  refreshes = 0;
  answersLost = 0;
  /** The provider's: which refresh token is good, and until when the one before it still is. */
  #good = 1;
  #beforeUntilMs = 0;
  #ended = false;
  /** The vault's. */
  #held = 1;
  #expiresMs: number;
  #underWay: Promise<NoRequest | "again" | null> | null = null;
  #atProvider = 0;
  readonly #sim: Sim;

  constructor(sim: Sim) {
    this.#sim = sim;
    this.#expiresMs = sim.clock.now() + accessMs;
  }

  /** The member took it back at the provider. */
  end(): void {
    this.#ended = true;
    this.#expiresMs = 0;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  expire(): void {
    this.#expiresMs = 0;
  }

  /** Null: there is a token that is good. One refresh at a time, for however many ask. */
  ready(isDown: boolean, faulty: boolean): Promise<NoRequest | "again" | null> {
    if (this.#expiresMs - aheadMs > this.#sim.clock.now()) return Promise.resolve(null);
    this.#underWay ??= this.#refresh(isDown, faulty).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #refresh(isDown: boolean, faulty: boolean): Promise<NoRequest | "again" | null> {
    const { clock, chance } = this.#sim;
    this.refreshes++;
    this.#atProvider++;
    if (this.#atProvider > 1) violate(this.#sim, "two refreshes of one grant at once");
    await clock.sleep(chance.whole(100, 800));
    this.#atProvider--;
    if (isDown) return "again";
    if (this.#ended) return { failed: "grant-ended" };
    const isBefore = this.#held === this.#good - 1 && clock.now() < this.#beforeUntilMs;
    if (this.#held !== this.#good && !isBefore) return { failed: "refresh-lost" };
    if (!isBefore) {
      this.#good++;
      this.#beforeUntilMs = clock.now() + graceMs;
    }
    if (faulty && chance.in100(answerLostIn100)) {
      this.answersLost++;
      return "again";
    }
    this.#held = this.#good;
    this.#expiresMs = clock.now() + accessMs;
    return null;
  }
}

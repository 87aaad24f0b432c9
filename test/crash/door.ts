/** A way into the system, and a seeded client that has something to say there. */
import { createHash } from "node:crypto";
import { call, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { signed } from "../corpus/retail-runtime.ts";
import type { Chance } from "../oracle/chance.ts";
import type { Saying } from "./record.ts";

/** One request: said again, it is the same one. */
export interface Batch {
  readonly sayings: readonly Saying[];
  /** Items that nobody can read: they are put aside. */
  readonly bad: number;
  /** If it is cut, the client may never say it again. */
  readonly mayBeLeft: boolean;
  /** Throws when the connection breaks. */
  send(system: System): Promise<Outcome>;
}
export interface Outcome {
  readonly status: number;
  /** The answer says that all of it was taken. */
  readonly isWhole: boolean;
}

export interface Door {
  readonly name: string;
  /** Facts that it has not told yet. */
  left: number;
  /** At most so many facts that are new; or what corrects and takes back earlier ones. */
  next(newMax: number): Batch | null;
  /** What takes back something that was answered, if there is any. */
  takeBack?(): Batch | null;
  /** Its answer came: what was in it may be taken back from now on. */
  took?(batch: Batch): void;
}

export const dayMs = 86_400_000;
/** The UTC day `back` days before. */
export const dayBefore = (nowMs: number, back: number): string =>
  new Date(nowMs - back * dayMs).toISOString().slice(0, 10);

/** Known to who made it, and the same by the same seed. */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex").toUpperCase();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** As many as one request may have, or as are left. */
export const sizeOf = (chance: Chance, [least, most]: readonly [number, number], left: number) =>
  Math.min(left, chance.whole(least, most));

/** An account of a sender of signed events, linked to its member by the word that they were given. */
export class SignedAccount {
  readonly #provider: "sale-webhooks" | "listen-webhooks";
  readonly #account: string;

  constructor(provider: "sale-webhooks" | "listen-webhooks", account: string) {
    [this.#provider, this.#account] = [provider, account];
  }

  async link(system: System, { token }: Person): Promise<void> {
    const path = `/v1/connections/${this.#provider}`;
    const { body } = await call(system.url, "POST", path, { token, body: {} });
    const { status } = await this.send(system, "account.linked", { reference: body.reference });
    if (status !== 200) throw new Error(`${this.#account} was not linked: ${status}`);
  }

  async send(system: System, type: string, data: object): Promise<Outcome> {
    const timestamp = new Date().toISOString();
    const body = JSON.stringify({ type, timestamp, data: { account: this.#account, ...data } });
    const headers = signed(system.secrets.signing[this.#provider], body);
    const path = `/webhooks/${this.#provider}`;
    const { status } = await call(system.url, "POST", path, { body, headers });
    return { status, isWhole: true };
  }
}

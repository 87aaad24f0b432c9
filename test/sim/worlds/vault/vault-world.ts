/**
 * The real vault over its stores: two isolates at once, and what was asked of them. A crash loses both
 * isolates, what the logs remember and what they had not synced.
 */
import type { ConnectionId, MemberId } from "../../../../domain/identity.ts";
import type { SealedRow, SealOutcome } from "../../../../domain/ports.ts";
import {
  makeShards,
  type Shards,
  type Vault,
  type VaultEnv,
  wholeShardAt,
} from "../../../../workers/vault/env.ts";
import { enrolPerson } from "../../../../workers/vault/principal.ts";
import { retractRows, sealRows } from "../../../../workers/vault/sealed-store.ts";
import { Guesses } from "../../../../workers/vault/shares-guesses.ts";
import { type Chance, chanceOf } from "../../../oracle/chance.ts";
import type { WorldContext } from "../side.ts";
import { type Deed, doingDeed } from "./hearing.ts";
import { Oracle } from "./oracle.ts";
import { leak } from "./plants.ts";
import { Stores } from "./stores.ts";

/** Said again when faults are off: what was under way then gives way. */
const againMax = 20;
const leaseMsMax = 600_000;

export interface Isolate {
  readonly shards: Shards;
  readonly guesses: Guesses;
}
/** A look that was answered, and what the log has to say of it. */
export interface Answered {
  readonly place: { readonly log: number; readonly index: number };
  readonly member: string;
  readonly deed: string;
  /** As the log is to name them; null: as it names the member. */
  readonly actor: string | null;
  readonly columns: readonly string[];
  readonly rows: number;
}
export interface Shown {
  readonly id: string;
  readonly member: MemberId;
  readonly code: string;
}

/** What the vault may answer with when others are at the same thing. */
const givesWay = new Set([
  "LeaseHeld",
  "LeaseLost",
  "LogFull",
  "the member's key is being replaced",
  "the member's key kept being replaced",
  "the member's key was replaced",
  "others kept writing to the same rows",
  "the checkpoint was written by somebody else",
  "the disk failed",
  "the object is dead",
]);

export class VaultWorld {
  readonly oracle = new Oracle();
  readonly answered: Answered[] = [];
  readonly shares: Shown[] = [];
  /** Of the databases that can be put back, of one moment. */
  copy: { readonly phi: Uint8Array; readonly keys: Uint8Array } | null = null;
  readonly rows = new Map<string, Set<string>>();
  readonly tokens = new Map<string, string>();
  readonly stores: Stores;
  readonly context: WorldContext;
  readonly #order: Chance;
  #isolates: readonly Isolate[];
  #again: (() => Promise<boolean>)[] = [];

  constructor(context: WorldContext) {
    this.context = context;
    this.stores = new Stores(context, this.oracle);
    this.#order = chanceOf(context.seed ^ 0x632be5ab);
    this.#isolates = [this.fresh(), this.fresh()];
  }

  /** Everybody is a member, and nobody else can become one. */
  static async make(context: WorldContext): Promise<VaultWorld> {
    const world = new VaultWorld(context);
    const { shards } = world.isolate();
    await shards.directory.setOpen(1, false);
    for (const { id } of context.members) {
      const person = { hash: `person-${id}`, issuedAtMs: world.now(), bound: null };
      await enrolPerson(shards, person, id, world.now());
      world.rows.set(id, new Set());
    }
    return world;
  }

  /** From here on anything may fail. */
  trouble(): void {
    this.stores.isCalm = false;
  }

  readonly now = (): number => this.context.clock.nowMs();
  /** Once faults are off, later than any lease that a crash left. */
  readonly settledMs = (): number => this.now() + (this.stores.isCalm ? leaseMsMax : 0);
  /** An isolate that remembers nothing. */
  fresh(changes: Partial<VaultEnv> = {}): Isolate {
    const env = { ...this.stores.env, ...changes } as VaultEnv;
    return { shards: makeShards(env, this.stores.random), guesses: new Guesses() };
  }
  isolate(): Isolate {
    return this.#order.pick(this.#isolates);
  }
  /** As the entrypoints find it. */
  async vaultOf(member: string, { shards } = this.isolate()): Promise<Vault> {
    return wholeShardAt(shards, (await shards.directory.shardOf(member)) ?? 0, this.now());
  }
  crash(): void {
    this.#isolates = [this.fresh(), this.fresh()];
    this.stores.log.crash();
  }

  /** Null: nothing is known of it. An error that nobody may meet is told the oracle. */
  async attempt<T>(what: string, deed: Deed, work: () => Promise<T>): Promise<T | null> {
    try {
      return await doingDeed(deed, work);
    } catch (error) {
      const { name, message } = error as Error;
      const isKnown = this.stores.isFault(error) || givesWay.has(name) || givesWay.has(message);
      if (!isKnown) this.oracle.accuse(`${what} failed with ${name}: ${message}`);
      return null;
    }
  }

  /**
   * What is not known to have taken effect is asked for again once faults are off: also by whoever
   * died with the process while they asked, and never heard an answer.
   */
  async insist(what: string, deed: Deed, work: () => Promise<unknown>): Promise<boolean> {
    const once = async () => (await this.attempt(what, deed, async () => [await work()])) !== null;
    this.#again.push(once);
    const isDone = await once();
    if (isDone) this.#again = this.#again.filter((other) => other !== once);
    return isDone;
  }

  async seal(
    member: MemberId,
    connection: ConnectionId,
    rows: readonly SealedRow[],
  ): Promise<SealOutcome> {
    const isOver = this.oracle.hasEnded(member, connection);
    for (const { row, revision, columns } of rows) {
      this.oracle.sealing(member, connection, row, revision, columns);
      this.rows.get(member)?.add(row);
    }
    if (this.context.plant === "leaked-plaintext") leak(this.stores.sealed, rows);
    const outcome = await sealRows(
      await this.vaultOf(member),
      member,
      connection,
      rows,
      this.now(),
    );
    if (isOver && outcome === "sealed") this.oracle.accuse(`${connection} sealed after its end`);
    return outcome;
  }

  async retract(
    member: MemberId,
    rows: readonly { readonly id: string; readonly revision: number }[],
  ): Promise<void> {
    await retractRows(await this.vaultOf(member), member, rows as never, this.now());
    for (const { id, revision } of rows) this.oracle.takenBack(member, id, revision);
  }

  /** Faults are off: everything that was asked for and not answered is asked for again. */
  async settle(): Promise<void> {
    this.stores.isCalm = true;
    for (let round = 0; round < againMax && this.#again.length > 0; round++) {
      const asked = this.#again;
      this.#again = [];
      for (const once of asked) if (!(await once())) this.#again.push(once);
    }
    if (this.#again.length > 0)
      this.oracle.accuse(`${this.#again.length} of what was asked for never took effect`);
  }

  keepCopy(): void {
    const { phi, keys } = this.stores;
    this.copy = { phi: phi.snapshot(), keys: keys.snapshot() };
  }
}

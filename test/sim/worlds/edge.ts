/**
 * The edge of a world, in two isolates at once, and those who call it: each says its body until it is
 * acknowledged, gives up waiting and says it again while the first is still under way, and now and
 * then says what was acknowledged once more.
 */
import { type ConnectionId, decisionId, factId, type MemberId } from "../../../domain/identity.ts";
import {
  type ErasureScope,
  isRefusal,
  type LedgerPort,
  ledgerName,
  liveName,
  type SealPort,
} from "../../../domain/ports.ts";
import { type AnyStream, streams } from "../../../domain/streams.ts";
import type { LiveObject } from "../../../durable-objects/live-port.ts";
import { accept } from "../../../kernel/accept.ts";
import type { Draft } from "../../../providers/provider.ts";
import { eraseAccount, eraseMember } from "../../../workers/edge/erase.ts";
import type { Ports } from "../../../workers/edge/ports.ts";
import { configureMember } from "../../../workers/edge/social.ts";
import type { Happening, Scenario } from "./scenario.ts";
import type { Process, Wire } from "./wire.ts";

const patienceMs = 20_000;
const againMsMax = 40_000;
/** Who was not answered so often in a row waits longer each time, as people do. */
const patientTries = 20;
/** Said again for ever, so that nothing is given up while it may still fail. */
const laterMsMax = 600_000;

export interface Resident {
  readonly id: MemberId;
  readonly connections: readonly ConnectionId[];
  /** Keyed hashes, by which identities are made. */
  readonly accounts: readonly string[];
}

/** A body that was acknowledged, and what its caller was told of each draft. */
export interface Acknowledged {
  readonly person: number;
  readonly account: number;
  readonly drafts: readonly Draft[];
  readonly outcomes: readonly string[];
}

export interface EdgeVault {
  readonly seal: SealPort;
  erase(member: MemberId, scope: ErasureScope): Promise<void>;
}
export interface EdgeBound {
  readonly LEDGER: { getByName(name: string): object };
  readonly WAREHOUSE: unknown;
  readonly RUNS: unknown;
  readonly LIVE: { getByName(name: string): object };
}

export class SimEdge {
  readonly acknowledged: Acknowledged[] = [];
  /** Decisions that were acknowledged. */
  readonly decided: { readonly person: number; readonly id: string }[] = [];
  readonly erased = new Set<number>();
  /** Accounts whose data is to go, as `leftKey` names them. */
  readonly leaving = new Set<string>();
  /** Somebody asked, and may or may not have got it so far. */
  readonly erasing = new Set<number>();
  /** Callers that are not done. */
  waiting = 0;
  readonly #wire: Wire;
  readonly #scenario: Scenario;
  readonly #residents: readonly Resident[];
  readonly #stream: AnyStream;
  readonly #ports: Ports;
  readonly #vault: EdgeVault;
  #isolates: Process[];

  constructor(
    wire: Wire,
    scenario: Scenario,
    residents: readonly Resident[],
    vault: EdgeVault,
    digest: Ports["digest"],
    bound: EdgeBound,
  ) {
    [this.#wire, this.#scenario, this.#residents] = [wire, scenario, residents];
    this.#stream = streams[scenario.stream];
    this.#vault = vault;
    this.#ports = {
      ...{ digest, forgotten: digest, vault: vault.seal },
      ledger: (stream: AnyStream, shard: string) =>
        bound.LEDGER.getByName(ledgerName(stream.name, shard)) as unknown as LedgerPort,
      live: (stream: string, watch: string) =>
        bound.LIVE.getByName(liveName(stream, watch)) as unknown as LiveObject,
      connection: () => ({ forget: () => wire.call("connection.forget", () => undefined) }),
      connect: { revoke: () => wire.call("vault.revoke", () => "nothing" as const) },
      gate: () => ({ lease: () => wire.call("gate.lease", () => ({ granted: 0, waitMs: 1 })) }),
      runs: bound.RUNS,
      sql: (run: (db: D1Database) => Promise<unknown>) => run(bound.WAREHOUSE as D1Database),
    } as unknown as Ports;
    this.#isolates = [this.#isolate(0), this.#isolate(1)];
  }

  #isolate(nth: number): Process {
    const die = () => {
      this.#isolates[nth] = this.#isolate(nth);
    };
    return { part: "edge", isAlive: true, die };
  }

  evict(): void {
    for (const isolate of [...this.#isolates]) {
      isolate.isAlive = false;
      isolate.die();
    }
  }

  /** One try, by whichever isolate; null: nothing was heard of it in time. */
  async #try<T>(work: () => Promise<T>): Promise<T | null> {
    const { chance, clock } = this.#wire;
    const isolate = this.#isolates[chance.whole(0, 1)] as Process;
    return new Promise((end) => {
      clock.after(patienceMs, () => end(null));
      this.#wire.within(isolate, () => {
        work().then(end, () => end(null));
      });
    });
  }

  /** Until it is answered. */
  async #insist<T>(work: () => Promise<T>): Promise<T> {
    const { chance, clock } = this.#wire;
    this.waiting++;
    for (let tried = 1; ; tried++) {
      const answer = await this.#try(work);
      if (answer !== null) {
        this.waiting--;
        return answer;
      }
      const longer = Math.max(1, tried - patientTries);
      await clock.sleep(chance.whole(1000, againMsMax) * longer);
    }
  }

  async deliver(body: Extract<Happening, { kind: "deliver" }>): Promise<void> {
    const { chance, clock, troubles } = this.#wire;
    const { person, account, drafts } = body;
    const outcomes = await this.#insist(() => this.#accept(body));
    this.acknowledged.push({ person, account, drafts, outcomes });
    if (!chance.in100(troubles.replay)) return;
    await clock.sleep(chance.whole(0, laterMsMax));
    await this.deliver(body);
  }

  async #accept({ person, account, drafts }: Extract<Happening, { kind: "deliver" }>) {
    const { id, connections, accounts } = this.#residents[person] as Resident;
    const connection = connections[account] as ConnectionId;
    const provider = this.#scenario.people[person]?.accounts[account]?.provider ?? "";
    const known = await this.#ports.sql((db) =>
      db
        .prepare(
          `SELECT forgotten_to AS forgottenToMs FROM connection
           WHERE id = ? AND ended_at IS NULL`,
        )
        .bind(connection)
        .first<{ forgottenToMs: number | null }>(),
    );
    if (known === null) return drafts.map(() => "forgotten");
    const origin = { ...known, member: id, connection, provider, account: accounts[account] ?? "" };
    return accept(
      { digest: this.#ports.digest, vault: this.#vault.seal, ledger: this.#ports.ledger },
      this.#stream,
      origin,
      drafts,
      [],
      (n) => JSON.stringify(drafts[n]),
    );
  }

  async settings(said: Extract<Happening, { kind: "settings" }>): Promise<void> {
    const { id } = this.#residents[said.person] as Resident;
    await this.#insist(async () => {
      await this.#ports.sql((db) =>
        db
          .prepare(
            `UPDATE member SET settings_version = ?1, zones = ?2, on_boards = ?3
             WHERE id = ?4 AND erased_at IS NULL AND settings_version < ?1`,
          )
          .bind(said.version, zonesOf(said.zone), said.onBoards ? 1 : 0, id)
          .run(),
      );
      await configureMember(this.#ports, id, [this.#stream]);
      return true;
    });
  }

  /** What is refused, because a record is not there or too far away, is answered as well. */
  async decide({ person, decision, of }: Extract<Happening, { kind: "decide" }>): Promise<void> {
    const { id, accounts } = this.#residents[person] as Resident;
    const { digest, ledger } = this.#ports;
    const facts = await Promise.all(
      of.map(([account, sourceId]) => {
        const { provider = "" } = this.#scenario.people[person]?.accounts[account] ?? {};
        return factId(digest, this.#stream.name, provider, accounts[account] ?? "", sourceId);
      }),
    );
    if (new Set(facts).size < facts.length) return;
    const sides = decision === "join" ? [facts] : facts.map((fact) => [fact]);
    const draft = { id: await decisionId(digest, id, decision, sides), decision, sides };
    const answer = await this.#insist(() => ledger(this.#stream, id).decide(draft));
    if ("decision" in answer) this.decided.push({ person, id: draft.id });
  }

  async erase(person: number): Promise<void> {
    const { id } = this.#residents[person] as Resident;
    this.erasing.add(person);
    await this.#insist(async () => {
      const ports = this.#ports;
      const asking = { ports, member: id, nowMs: Date.now(), vault: this.#erasing(id) };
      const done = await eraseMember(asking);
      return isRefusal(done) ? null : done;
    });
    this.erased.add(person);
  }

  readonly #erasing = (member: MemberId) => async (scope: ErasureScope) => {
    await this.#vault.erase(member, scope);
    return { steps: [{ step: "keys", atMs: Date.now(), count: 1 }] };
  };

  async leave({ person, account }: Extract<Happening, { kind: "leave" }>): Promise<void> {
    const { id: member, connections, accounts } = this.#residents[person] as Resident;
    const { provider = "" } = this.#scenario.people[person]?.accounts[account] ?? {};
    const of = { member, provider, account: accounts[account] ?? "" };
    this.leaving.add(leftKey(person, account));
    await this.#insist(async () => {
      const vault = this.#erasing(member);
      const asking = { ports: this.#ports, member, nowMs: Date.now(), vault };
      const done = await eraseAccount(asking, {
        ...of,
        ids: [connections[account] ?? member] as never,
      });
      return isRefusal(done) ? null : done;
    });
  }
}

/** One account of one person. */
export const leftKey = (person: number, account: number): string => `${person}/${account}`;

const zonesOf = (zone: string): string => JSON.stringify([{ zone, fromMs: 0 }]);

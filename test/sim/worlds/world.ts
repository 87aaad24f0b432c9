/// <reference path="../../../durable-objects/sql.d.ts" />
/**
 * One world: everything that happens, in virtual time, while anything fails; then faults stop, and
 * what was under way has to come to rest within a bounded number of rounds; then it is judged.
 */
import { createHmac } from "node:crypto";
import type { ConnectionId, Digest, MemberId } from "../../../domain/identity.ts";
import type { Change, LedgerPort, LiveRow } from "../../../domain/ports.ts";
import { Board } from "../../../durable-objects/board.ts";
import { BoardRoot } from "../../../durable-objects/board-root.ts";
import { Ledger } from "../../../durable-objects/ledger.ts";
import { chanceOf } from "../../oracle/chance.ts";
import { VirtualClock } from "../week/clock.ts";
import type { Sim } from "../week/object.ts";
import { SimArchive } from "./archive.ts";
import { type Resident, SimEdge } from "./edge.ts";
import { Namespace } from "./objects.ts";
import { seamsOf } from "./plants.ts";
import { rest, runOn } from "./platform.ts";
import type { Happening, Scenario } from "./scenario.ts";
import { lineOf, timeOf } from "./script.ts";
import type { VaultSide, WorldContext } from "./side.ts";
import { VaultLink } from "./vault-link.ts";
import { type OneFault, Wire } from "./wire.ts";

export interface WorldOptions {
  readonly plant: string | null;
  /** Exactly this call fails, and no other; null: by the scenario's shares. */
  readonly one: OneFault | null;
  vault(context: WorldContext): Promise<VaultSide>;
  /** Told what happens, line by line. */
  told(line: string): void;
}

const minuteMs = 60_000;
/** After the last thing happened faults go on for so long. */
const aftermathMs = 5 * minuteMs;
const roundMs = 20 * minuteMs;
/** Of the clock: a long world has some two thousand. */
const eventsMax = 100_000;
/** Faults are off: in so many rounds everything has landed and is settled. */
export const roundsMax = 8;

export class World {
  readonly scenario: Scenario;
  readonly residents: readonly Resident[];
  readonly wire: Wire;
  readonly ledgers: Namespace;
  readonly boards: Namespace;
  readonly roots: Namespace;
  readonly archive: SimArchive;
  readonly edge: SimEdge;
  readonly live = new Map<string, Map<string, LiveRow>>();
  readonly digest: Digest;
  readonly vault: VaultLink;
  rounds = 0;
  /** Calls that were made while faults were on. */
  risked = 0;
  readonly #sim: Sim;
  readonly #options: WorldOptions;

  private constructor(scenario: Scenario, options: WorldOptions) {
    this.scenario = scenario;
    this.#options = options;
    const clock = new VirtualClock(scenario.startMs, () => this.#rested());
    const { troubles, seed } = scenario;
    this.wire = new Wire(clock, chanceOf(seed ^ 0x5bd1e995), troubles, options.one);
    runOn({
      nowMs: this.wire.nowMs,
      after: (ms, act) => clock.after(ms, act),
      chance: chanceOf(seed ^ 0x27d4eb2f),
    });
    const objectTroubles = {
      crashIn100: troubles.crash,
      failIn100: 0,
      lateAlarmIn100: troubles.lateAlarm,
    };
    this.#sim = {
      ...{ clock, chance: this.wire.chance, troubles: objectTroubles },
      violations: new Map<string, number>(),
    };
    this.digest = async (identity) =>
      createHmac("sha256", "the world's own").update(JSON.stringify(identity)).digest("base64url");
    this.residents = scenario.people.map(({ accounts }, n) => ({
      id: `m_${seed.toString(16)}${n}` as MemberId,
      connections: accounts.map((_, i) => `c_${seed.toString(16)}${n}${i}` as ConnectionId),
      accounts: accounts.map(({ provider, account }) => `hash:${provider}:${account}`),
    }));
    this.vault = new VaultLink(this.wire);
    this.ledgers = new Namespace(this.#sim, this.wire, "ledger", Ledger as never);
    this.boards = new Namespace(this.#sim, this.wire, "board", Board as never);
    this.roots = new Namespace(this.#sim, this.wire, "board", BoardRoot as never);
    const { seal } = this.vault;
    const seams = seamsOf(options.plant, chanceOf(seed ^ 0x1f123bb5), {
      confirm: (ledger, seqs) =>
        (this.ledgers.getByName(ledger) as LedgerPort).confirm("archive", seqs),
    });
    this.archive = new SimArchive(this.wire, {
      LEDGER: this.ledgers,
      BOARD: this.boards,
      BOARD_ROOT: this.roots,
      VAULT_SEAL: seal,
    } as never);
    const LIVE = { getByName: (name: string) => this.#liveAt(name) };
    const bound = {
      ...{ BOARD: this.boards, BOARD_ROOT: this.roots, VAULT_SEAL: seal, LIVE },
      VAULT_WORK: this.archive.env.VAULT_WORK,
      CHANGES: {
        send: (body: readonly Change[]) =>
          this.wire.call("changes.send", () =>
            seams.send(body, (sent) => this.archive.changes.put(sent)),
          ),
      },
      WAREHOUSE: this.archive.warehouse,
    };
    for (const namespace of [this.ledgers, this.boards, this.roots]) namespace.env = bound;
    this.edge = new SimEdge(
      this.wire,
      scenario,
      this.residents,
      this.vault,
      seams.digest(this.digest),
      {
        ...{
          LEDGER: { getByName: (name: string) => seams.ledger(this.ledgers.getByName(name)) },
          LIVE,
        },
        ...{ WAREHOUSE: this.archive.warehouse, RUNS: this.archive.env.RUNS },
      },
    );
  }

  static async make(scenario: Scenario, options: WorldOptions): Promise<World> {
    const world = new World(scenario, options);
    const { wire } = world;
    const own = [0, 1].map((n) => ({
      id: `m_${scenario.seed.toString(16)}v${n}` as MemberId,
      connections: [`c_${scenario.seed.toString(16)}v${n}` as ConnectionId],
    }));
    world.vault.side = await options.vault({
      seed: scenario.seed,
      chance: chanceOf(scenario.seed ^ 0x165667b1),
      clock: { nowMs: () => wire.nowMs() },
      faults: { call: (port, effect) => wire.call(port, effect) },
      members: [...world.residents, ...own],
      own,
      plant: options.plant,
      told: options.told,
    });
    world.#signUp();
    return world;
  }

  /** After each event of the clock: a world that never ends is ended. */
  #rested(): Promise<void> {
    if (this.wire?.clock.events > eventsMax) throw new Error("the world does not end");
    return rest();
  }

  /** Everybody is a member, and linked, before anything happens. */
  #signUp(): void {
    const { raw } = this.archive.warehouse;
    const member = raw.prepare(
      "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 0, '[]', 0)",
    );
    const connection = raw.prepare(
      "INSERT INTO connection (id, member, provider, account, made_at) VALUES (?, ?, ?, ?, 0)",
    );
    this.residents.forEach(({ id, connections, accounts }, n) => {
      member.run(id);
      connections.forEach((c, i) => {
        const { provider = "" } = this.scenario.people[n]?.accounts[i] ?? {};
        connection.run(c, id, provider, accounts[i] ?? "");
      });
    });
  }

  /** Who watches: the newest row of each thing. */
  #liveAt(watch: string) {
    const rows = this.live.get(watch) ?? new Map<string, LiveRow>();
    this.live.set(watch, rows);
    return {
      put: (_: string, some: readonly LiveRow[]) =>
        this.wire.call("live.put", () => {
          for (const row of some)
            if ((rows.get(row.id)?.version ?? -1) < row.version) rows.set(row.id, row);
        }),
      forget: () => this.wire.call("live.forget", () => rows.clear()),
    };
  }

  /** Everything that happens, while anything may fail. */
  async happen(): Promise<void> {
    const { clock } = this.wire;
    const lastMs = this.scenario.happenings.at(-1)?.atMs ?? 0;
    let pausedMs = 0;
    for (const one of this.scenario.happenings) {
      if (one.kind === "pause") pausedMs += one.ms;
      clock.at(this.scenario.startMs + one.atMs + pausedMs, () => this.#do(one));
    }
    const untilMs = this.scenario.startMs + lastMs + pausedMs + aftermathMs;
    this.archive.tick(untilMs);
    await clock.runUntil(untilMs);
  }

  #do(one: Happening): unknown {
    this.#options.told(`${timeOf(one.atMs)}  ${lineOf(one, this.scenario)}`);
    switch (one.kind) {
      case "deliver":
        return void this.edge.deliver(one);
      case "settings":
        return void this.edge.settings(one);
      case "decide":
        return void this.edge.decide(one);
      case "erase":
        return void this.edge.erase(one.person);
      case "leave":
        return void this.edge.leave(one);
      case "night":
        return void this.archive.night();
      case "settle":
        return void this.archive.settle(String(one.nth));
      case "poison":
        return this.archive.changes.put({ nobody: "said this" });
      case "skew":
        return void this.wire.skewMs.set(one.what, one.ms);
      case "alarms-lost":
        return this.ledgers.loseAlarms();
      case "alarms-twice":
        return void this.ledgers.ringAll();
      case "evict":
        return this.#evict(one.what);
      case "act":
        return this.#options.told(`       the vault: ${this.vault.act(one.nth, one.seed)}`);
      case "outage":
        return this.wire.takeDown(one.port, one.ms);
      case "pause":
        return;
    }
  }

  #evict(what: Extract<Happening, { kind: "evict" }>["what"]): void {
    if (what === "ledger") this.ledgers.evict();
    else if (what === "board") for (const boards of [this.boards, this.roots]) boards.evict();
    else if (what === "edge") this.edge.evict();
    else if (what === "vault") this.vault.evict();
  }

  /** False: it has not come to rest. */
  async converge(): Promise<boolean> {
    const { clock } = this.wire;
    this.risked = this.wire.calls;
    this.wire.calm();
    Object.assign(this.#sim.troubles, { crashIn100: 0, lateAlarmIn100: 0 });
    for (this.rounds = 1; this.rounds <= roundsMax; this.rounds++) {
      const untilMs = clock.now() + roundMs;
      this.archive.tick(untilMs);
      void this.archive.replay().then(() => this.archive.settle(`round-${this.rounds}`));
      await clock.runUntil(untilMs);
      if (!this.#isAtRest()) continue;
      await this.vault.side.settle();
      return true;
    }
    return false;
  }

  /** Settled once more, though nothing came. */
  async again(): Promise<void> {
    const untilMs = this.wire.clock.now() + roundMs;
    this.archive.tick(untilMs);
    void this.archive.settle("again");
    await this.wire.clock.runUntil(untilMs);
  }

  outside<T>(work: () => T): T {
    return this.wire.outside(work);
  }

  /** Nothing waits anywhere. */
  restless(): readonly string[] {
    const { archive, edge } = this;
    const count = (sql: string) => Number(archive.rows<{ n: number }>(sql)[0]?.n ?? 0);
    const left: readonly (readonly [string, number])[] = [
      ["callers", edge.waiting],
      ["changes in the queue", archive.changes.left],
      ["dead letters in the queue", archive.dead.left],
      ["open runs", archive.open()],
      ["parked changes", count("SELECT count(*) AS n FROM parked_change")],
      ["dirty partitions", count("SELECT count(*) AS n FROM dirty")],
      ["unresolved partitions", count("SELECT count(*) AS n FROM unresolved")],
      ["landed objects", count("SELECT count(*) AS n FROM landed")],
      ["receipts", count("SELECT count(*) AS n FROM receipt WHERE finished_at IS NULL")],
    ];
    return left.flatMap(([what, n]) => (n > 0 ? [`${n} ${what}`] : []));
  }

  #isAtRest(): boolean {
    return this.restless().length === 0;
  }

  violated(): readonly string[] {
    return [...this.#sim.violations.keys()];
  }

  close(): void {
    for (const namespace of [this.ledgers, this.boards, this.roots]) namespace.close();
    runOn(null);
  }
}

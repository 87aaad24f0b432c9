/**
 * The archive over stores in memory, with ledgers and boards that say what a test has them say. The
 * real landing, runs and settling; a clock that stands still until it is moved; every call of every
 * store, ledger and board can be the last one before a crash.
 */
import type { MemberId } from "../../domain/identity.ts";
import {
  bucketOf,
  type Change,
  type DaysAsked,
  ledgerName,
  type OpenFact,
  type OpenStatement,
} from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { rulesAt } from "../../domain/stream.ts";
import { streamNamed } from "../../domain/streams.ts";
import { type LocalDate, periodsOf } from "../../domain/time.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { parkDeadLetters } from "../../workers/archive/dead-letters.ts";
import type { ArchiveEnv } from "../../workers/archive/env.ts";
import { land } from "../../workers/archive/landing.ts";
import { goOnWithRuns, wakeRuns } from "../../workers/archive/run.ts";
import { leaseMs, type RunKind, RunStore } from "../../workers/archive/run-store.ts";
import { fromGarmin, workout } from "../domain/workouts/facts.ts";
import { memoryR2 } from "../fakes/memory-r2.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";
import { countCall, noUnits } from "../fakes/units.ts";
import { liveBoards } from "./live-boards.ts";

const startMs = Date.UTC(2026, 10, 20, 2);
const stepsMax = 400;
/** Of what `neverSilent` makes, an hour apart. */
const newPerDay = 14;

export interface Crash {
  readonly nth: number;
  readonly when: "before" | "after";
}

/** One member's ledger: what it published last of each (identity, day), and whether it is erased. */
class FakeLedger {
  readonly name: string;
  readonly published = new Map<string, { day: LocalDate; statement: OpenStatement }>();
  readonly asked: (readonly LocalDate[] | null)[] = [];
  readonly landed: number[] = [];
  /** Everything that it heard of the archive, call by call. */
  readonly heard: { readonly how: string; readonly seqs: readonly number[] }[] = [];
  pending = 0;
  /** Numbers that are on their way. */
  readonly sending = new Set<number>();
  /** What else happens whenever somebody looks what is. */
  whenNudged: () => void | Promise<void> = () => {};
  daysForgotten = 0;
  isStuck = false;
  /** Nobody answers when it is to publish again. */
  isSilent = false;
  /** Nobody answers when it is told. */
  isDeaf = false;
  seq = 0;

  constructor(name: string) {
    this.name = name;
  }

  publish(day: LocalDate, statement: OpenStatement): Change {
    this.published.set(`${statement.id} ${day}`, { day, statement });
    const [stream = "", member = ""] = this.name.split("/");
    const bucket = bucketOf(member, streamNamed(stream)?.buckets ?? 1);
    return { ledger: this.name, seq: ++this.seq, stream, day, bucket, statement };
  }
}

export type World = ReturnType<typeof archiveWorld>;

export function archiveWorld() {
  let nowMs = startMs;
  let tokens = 0;
  let crash: Crash | null = null;
  const calls = { made: 0 };
  const ledgers = new Map<string, FakeLedger>();
  const queue: unknown[] = [];
  /** "member day" → what the vault resolves there. */
  const resolved = new Map<string, OpenFact>();
  const resolveSamples = async (member: string, days: readonly LocalDate[]) => ({
    facts: days.flatMap((day) => resolved.get(`${member} ${day}`) ?? []),
  });
  /** Holds "vault" while it is still at it. */
  const erasing = new Set<string>();

  /** From the crash on nothing answers, until the world is started again. */
  const fails = (): "before" | "after" | null => {
    calls.made++;
    if (crash === null || calls.made < crash.nth) return null;
    return calls.made === crash.nth ? crash.when : "before";
  };
  const closed = memoryR2({ fail: fails, nowMs: () => nowMs });
  const snapshots = memoryR2({ fail: fails, nowMs: () => nowMs });
  const units = noUnits();
  const bucket = memoryR2({
    fail(call) {
      countCall(units, call);
      return fails();
    },
    nowMs: () => nowMs,
  });
  const warehouse = sqliteD1("migrations/warehouse", { fail: fails });
  const answers = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const when = fails();
    if (when === "before") throw new Error("nobody answers");
    const answer = await work();
    if (when === "after") throw new Error("the answer was lost");
    return answer;
  };

  const { boards, BOARD, BOARD_ROOT } = liveBoards(answers);
  const ledgerAt = (name: string): FakeLedger => {
    const known = ledgers.get(name) ?? new FakeLedger(name);
    ledgers.set(name, known);
    return known;
  };
  const stubOf = (ledger: FakeLedger) => ({
    confirm: (_: "archive", seqs: readonly number[], how = "landed") =>
      answers(() => {
        if (ledger.isDeaf) throw new Error("the ledger is deaf");
        ledger.heard.push({ how, seqs });
        for (const seq of seqs) ledger.sending.delete(seq);
        if (how === "landed") ledger.landed.push(...seqs);
      }),
    nudge: () =>
      answers(async () => {
        await ledger.whenNudged();
        const least = ledger.sending.size === 0 ? null : Math.min(...ledger.sending);
        return { last: ledger.seq, least };
      }),
    facts: () =>
      answers(() => {
        const live = [...ledger.published.values()].filter(({ statement }) => "at" in statement);
        return { items: live.map(({ statement }) => statement), next: null };
      }),
    report: () => answers(() => ({ pending: ledger.pending, parked: 0, atMs: nowMs })),
    forgetDays: () => answers(() => void ledger.daysForgotten++),
    /** What is true today; of one that is stuck it is parked once more. */
    replay: ({ day, statement: { id } }: Change) =>
      answers(async () => {
        const held = ledger.published.get(`${id} ${day}`);
        if (held === undefined) return false;
        const again = ledger.publish(day, held.statement);
        await (ledger.isStuck ? park(again) : arrive([again]));
        return true;
      }),
    publishAgain: (days: readonly LocalDate[] | null) =>
      answers(async () => {
        if (ledger.isSilent) throw new Error("the ledger is silent");
        ledger.asked.push(days);
        const [stream = "", member = ""] = ledger.name.split("/");
        const asked = streamNamed(stream)?.resolve?.where === "vault" ? (days ?? []) : [];
        for (const fact of (await resolveSamples(member, asked)).facts)
          ledger.publish(String(fact.day), fact);
        const again = [...ledger.published.values()].filter((p) => days?.includes(p.day) ?? true);
        await arrive(again.map((p) => ledger.publish(p.day, p.statement)));
        return again.length;
      }),
  });
  const env = {
    ARCHIVE: bucket,
    WAREHOUSE: warehouse,
    LEDGER: { getByName: (name: string) => stubOf(ledgerAt(name)) },
    BOARDS: closed,
    SNAPSHOTS: snapshots,
    ...{ BOARD, BOARD_ROOT },
    VAULT_WORK: {
      resolveSamples: (asks: readonly DaysAsked[]) =>
        answers(() => Promise.all(asks.map(({ member, days }) => resolveSamples(member, days)))),
    },
    VAULT_SEAL: { isErasing: () => answers(() => erasing.has("vault")) },
    RUNS: { send: (body: unknown) => answers(() => void queue.push(body)) },
  } as unknown as ArchiveEnv;

  const now = () => nowMs;
  const batchOf = (
    bodies: readonly unknown[],
    outcome: (what: string, nth: number) => void = () => {},
  ) =>
    ({
      queue: "",
      messages: bodies.map((body, i) => ({
        ...{ id: `m${i}`, body, attempts: 1, timestamp: new Date(nowMs) },
        ack: () => outcome("ack", i),
        retry: () => outcome("retry", i),
      })),
    }) as unknown as MessageBatch;

  /** Changes come by the queue and land. */
  async function arrive(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await land(batchOf(changes), env, now);
  }

  /** A change that cannot land is a dead letter, some time later. */
  async function park(change: unknown): Promise<void> {
    nowMs += 1000;
    await parkDeadLetters(batchOf([change]), env, now);
  }

  /** Until no run is open; what a crash lost is taken up when its lease has run out. */
  async function goOn(): Promise<void> {
    for (let n = 0; n < stepsMax; n++) {
      const body = queue.shift();
      if (body !== undefined) await goOnWithRuns(batchOf([body]), env, now, () => `t${++tokens}`);
      else if ((await new RunStore(env.WAREHOUSE).idle(Number.MAX_SAFE_INTEGER, 1)).length === 0)
        return;
      else {
        nowMs += leaseMs + 60_000;
        await wakeRuns(env, now);
      }
    }
    throw new Error("the runs do not end");
  }

  return {
    env,
    now,
    bucket,
    closed,
    snapshots,
    warehouse,
    ledgers,
    ledgerAt,
    boards,
    queue,
    erasing,
    resolved,
    calls,
    /** Operations of the bucket; rows as well, once `countRows` was asked to count them. */
    units,
    arrive,
    park,
    goOn,
    batchOf,
    pass(ms: number) {
      nowMs += ms;
    },
    /** The nth call from now on is the last one. */
    crashAt(at: Crash | null) {
      calls.made = 0;
      crash = at;
    },
    begin: (id: string, kind: RunKind, args: object) =>
      new RunStore(env.WAREHOUSE).begin(id, kind, args, nowMs),
    rows: (sql: string): Record<string, unknown>[] =>
      warehouse.raw
        .prepare(sql)
        .all()
        .map((row) => ({ ...row })),
  };
}

/** At every look what it sent before has landed, and something new is on its way. */
export function neverSilent(world: World, member: string, day: LocalDate, distanceMm: number) {
  const ledger = world.ledgerAt(ledgerName("workouts", member));
  let made = 0;
  let sent: Change | null = null;
  const goOn = async () => {
    const before = sent;
    const id = `${member}-new-${++made}`;
    // Two of one time would be one ride.
    const { at, ...others } = ride(member, id, day, distanceMm);
    sent = ledger.publish(day, { ...others, at: at + (made % newPerDay) * 3_600_000 });
    ledger.sending.add(sent.seq);
    if (before !== null) await world.arrive([before]);
  };
  ledger.whenNudged = goOn;
  return { ledger, goOn };
}

// -- members and their rides -----------------------------------------------------------------

/** Members of one bucket, so that they share partitions. */
export const together: readonly string[] = Array.from({ length: 400 }, (_, i) => `m${i}`).filter(
  (name) => bucketOf(name, workouts.buckets) === 3,
);

export const ride = (member: string, id: string, day: LocalDate, distanceMm: number): OpenFact =>
  workout({
    id,
    member: member as MemberId,
    ...fromGarmin,
    at: Date.parse(`${day}T09:00:00Z`),
    offsetMin: 0,
    distanceMm,
  } as object) as unknown as OpenFact;

/** A member on boards whose rides are published, landed and on the boards. */
export async function rides(
  world: World,
  member: string,
  facts: readonly (readonly [id: string, day: LocalDate, distanceMm: number])[],
  onBoards = true,
): Promise<void> {
  const name = ledgerName("workouts", member);
  const bucket = bucketOf(member, workouts.buckets);
  const open = facts.map(([id, day, mm]) => ride(member, id, day, mm));
  world.warehouse.raw
    .prepare("INSERT OR IGNORE INTO ledger (name, swept_at, bucket) VALUES (?, 0, ?)")
    .run(name, bucket);
  world.warehouse.raw
    .prepare(`INSERT OR IGNORE INTO member (id, made_at, settings_version, zones, on_boards)
       VALUES (?, 0, 1, '[]', ?)`)
    .run(member, onBoards ? 1 : 0);
  const ledger = world.ledgerAt(name);
  await world.arrive(open.map((fact, i) => ledger.publish(facts[i]?.[1] ?? "", fact)));
  if (onBoards) show(world, member, open);
}

/** What the boards show of a member who has these facts. */
export function show(world: World, member: string, facts: readonly OpenFact[]): void {
  const rules = rulesAt(workouts.rules);
  const periods: Record<string, Record<string, number[]>> = {};
  for (const body of workouts.resolve?.of(facts as never, noSettings, []) ?? [])
    for (const period of periodsOf(body.day)) {
      const keys = periods[period] ?? {};
      workouts.measures.forEach((measure, nth) => {
        for (const [key, n] of measure.of(body, rules)) {
          keys[key] ??= [...workouts.measures.map(() => 0), body.scored?.at ?? 0];
          keys[key][nth] = (keys[key][nth] ?? 0) + n;
        }
      });
      periods[period] = keys;
    }
  const held = world.boards.rows.get(member);
  const version = (held?.version ?? 0) + 1;
  const shown = { ...held?.periods, ...periods };
  world.boards.rows.set(member, { member, version, periods: shown, unshown: {} });
}

/** Totals as `measure key period` → n. */
export const totalsOf = (world: World): Record<string, number> =>
  Object.fromEntries(
    world
      .rows("SELECT measure, key, period, n FROM total ORDER BY measure, key, period")
      .map(({ measure, key, period, n }) => [`${measure} ${key} ${period}`, n as number]),
  );

/** Names and digests of all that is stored but what is on its way. */
export const storedIn = (world: World): string[] =>
  [...world.bucket.objects.entries()].map(([name, { etag }]) => `${name} ${etag}`).sort();

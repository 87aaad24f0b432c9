/**
 * The live side in memory: one ledger a member over the kernel's own recording, the statements in
 * the order in which they arrive, in batches of any size. What its boards would show, and the
 * changes that it publishes to the archive, numbered as they came.
 */
import { bucketOf, type Change, ledgerName, type OpenStatement } from "../../domain/ports.ts";
import type { Settings } from "../../domain/stream.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { followSettings, record } from "../../kernel/record.ts";
import { MemoryStore } from "../kernel/memory-store.ts";
import type { Chance } from "./chance.ts";
import { Counts, measures } from "./counts.ts";
import { ownerOnly } from "./tellers.ts";
import type { Member, World } from "./world.ts";

export interface Live {
  readonly counts: Counts;
  readonly changes: readonly Change[];
}

/** Most that one call hands to a ledger. */
const batchMax = 25;

export function liveOf(world: World, chance: Chance): Live {
  const counts = new Counts();
  const changes: Change[] = [];
  const queues = new Map<string, OpenStatement[]>(world.members.map((m) => [m.id, []]));
  for (const { member, statement } of world.deliveries) queues.get(member)?.push(statement);
  for (const member of world.members) {
    const store = recorded(member, queues.get(member.id) ?? [], chance);
    tell(counts, member.id, store);
    changes.push(...changesOf(member.id, store));
  }
  return { counts, changes };
}

function recorded(
  member: Member,
  statements: readonly OpenStatement[],
  chance: Chance,
): MemoryStore {
  const store = new MemoryStore();
  const settings = (zones: Settings["zones"]): Settings => ({ zones, ownerOnly });
  const [before, after] = [settings(member.zonesBefore ?? member.zones), settings(member.zones)];
  const movesAt = chance.whole(0, statements.length);
  let told = 0;
  const tellUntil = (end: number, by: Settings) => {
    while (told < end) {
      const next = Math.min(end, told + chance.whole(1, batchMax));
      record(store, workouts, by, statements.slice(told, next));
      told = next;
    }
  };
  tellUntil(movesAt, before);
  // The member says where they live only then: what was known is placed anew.
  if (member.zonesBefore !== null) {
    const everything = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
    followSettings(store, workouts, after, store.factsIn(everything, 0));
  }
  tellUntil(statements.length, after);
  return store;
}

function tell(counts: Counts, member: string, store: MemoryStore): void {
  for (const [name, numbers] of Object.entries(store.totals())) {
    const [period = "", key = ""] = name.split(" ");
    measures.forEach((measure, i) => {
      counts.score(member, period, key, measure, numbers[i] ?? 0);
    });
  }
}

const changesOf = (member: string, store: MemoryStore): Change[] =>
  store.changes.map(({ day, statement }, i) => ({
    ledger: ledgerName(workouts.name, member),
    seq: i + 1,
    stream: workouts.name,
    day,
    bucket: bucketOf(member, workouts.buckets),
    statement,
  }));

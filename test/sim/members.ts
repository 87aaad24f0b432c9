/** The world's members in a running system, each with its ledger. */
import { ledgerName, type MemberSettings, type OpenStatement } from "../../domain/ports.ts";
import type { System } from "../../local/system.ts";
import type { Chance } from "../oracle/chance.ts";
import type { Delivery, Member, World } from "../oracle/world.ts";

const stream = "workouts";
/** Of everybody's settings, in the end. */
const version = 2;
const enrolledAtOnceMax = 100;
/** Most that one call hands to a ledger. */
const batchMax = 60;
/** Calls at once. */
const atOnceMax = 8;
const nudgesMax = 600;
const nudgePauseMs = 1000;

export interface LedgerStub {
  record(statements: readonly OpenStatement[]): Promise<unknown>;
  configure(settings: MemberSettings): Promise<void>;
  nudge(): Promise<{ readonly least: number | null }>;
}

export async function ledgersNamed({ runtime }: Pick<System, "runtime">) {
  const namespace = await runtime.mf.getDurableObjectNamespace("LEDGER", "singlet-edge");
  return (name: string) => namespace.getByName(name) as unknown as LedgerStub;
}

export async function ledgersOf(system: Pick<System, "runtime">) {
  const ledgerOf = await ledgersNamed(system);
  return (member: string) => ledgerOf(ledgerName(stream, member));
}

export async function eachOf<T>(
  list: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < list.length; i = next++) await work(list[i] as T, i);
  };
  await Promise.all(Array.from({ length: atOnceMax }, lane));
}

/** Everybody is a member whom boards may show; nothing else of them is needed here. */
export async function enrolled({ runtime }: System, { members }: World): Promise<void> {
  const warehouse = await runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  for (let from = 0; from < members.length; from += enrolledAtOnceMax)
    await warehouse.batch(
      members
        .slice(from, from + enrolledAtOnceMax)
        .map(({ id, zones }) =>
          warehouse
            .prepare(
              "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, ?, ?, 1)",
            )
            .bind(id, version, JSON.stringify(zones)),
        ),
    );
}

/** Hands every ledger its statements in the order in which they arrive. */
export async function deliver(
  system: System,
  world: World,
  chance: Chance,
  told: (members: number) => void,
): Promise<void> {
  const queues = new Map<string, OpenStatement[]>(world.members.map((m) => [m.id, []]));
  for (const { member, statement } of world.deliveries) queues.get(member)?.push(statement);
  const ledgerOf = await ledgersOf(system);
  let done = 0;
  await eachOf(world.members, async (member) => {
    await deliverTo(ledgerOf(member.id), member, queues.get(member.id) ?? [], chance);
    told(++done);
  });
}

async function deliverTo(
  ledger: LedgerStub,
  member: Member,
  statements: readonly Delivery["statement"][],
  chance: Chance,
): Promise<void> {
  const movesAt = chance.whole(0, statements.length);
  const live = (by: number, zones: MemberSettings["zones"]) =>
    ledger.configure({ version: by, zones, onBoards: true });
  await live(version - 1, member.zonesBefore ?? member.zones);
  let isMoved = member.zonesBefore === null;
  for (let told = 0; told < statements.length; ) {
    const next = told + chance.whole(1, batchMax);
    await ledger.record(statements.slice(told, next));
    told = next;
    if (isMoved || told < movesAt) continue;
    isMoved = true;
    await live(version, member.zones);
  }
  if (!isMoved) await live(version, member.zones);
}

/** Until no ledger has anything left to send. */
export async function quiet(
  system: System,
  world: World,
  told: (members: number) => void,
): Promise<void> {
  const ledgerOf = await ledgersOf(system);
  let left = world.members.map((m) => m.id);
  for (let round = 0; left.length > 0; round++) {
    if (round === nudgesMax) throw new Error(`${left.length} ledgers never fell silent`);
    const busy: string[] = [];
    await eachOf(left, async (id) => {
      if ((await ledgerOf(id).nudge()).least !== null) busy.push(id);
    });
    left = busy;
    told(left.length);
    if (left.length > 0) await new Promise((resume) => setTimeout(resume, nudgePauseMs));
  }
}

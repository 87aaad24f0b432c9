/** What people do to the vault in a world, alone and at once. Each act is judged where it is done. */
import type { ConnectionId, MemberId } from "../../../../domain/identity.ts";
import type { ConsentDraft, ErasureScope, ReadRequest } from "../../../../domain/ports.ts";
import { breakGlass } from "../../../../workers/vault/break-glass.ts";
import { grantConsent, revokeConsent } from "../../../../workers/vault/consents.ts";
import { eraseScope } from "../../../../workers/vault/erasure.ts";
import { read } from "../../../../workers/vault/readings.ts";
import { rotateEpoch } from "../../../../workers/vault/rotation.ts";
import type { Chance } from "../../../oracle/chance.ts";
import type { VaultAct } from "../side.ts";
import type { Look, Looker } from "./hearing.ts";
import { forGood, type Said } from "./oracle.ts";
import type { VaultWorld } from "./vault-world.ts";

const startMs = Date.UTC(2026, 5, 1, 8);
const hourMs = 3_600_000;
const rowsOfOne = 4;
const revisionsMax = 6;
const samplesOfOne = 3;
export const columnsRead = ["heart_rate", "track", "title", "notes"] as const;
export const coach = { id: "m_carla", member: null, roles: ["member", "coach"] } as const;
const operator = { id: "m_olga", member: null, roles: ["member", "operator"] } as const;
const auditor = { id: "m_abel", member: null, roles: ["member", "auditor"] } as const;
const stranger = { id: "m_stan", member: null, roles: ["member"] } as const;
/** What is asked for, some of it more often. */
const columnsAsked = [...columnsRead, "heart_rate", "heart_rate", "notes"] as const;
const columnLists = [["heart_rate"], ["notes", "title"], ["heart_rate", "track", "notes"]];

/** Found nowhere in what is stored; nothing else in the world begins like it. */
export const canaryOf = (seed: number): string => `kanari${(seed >>> 0).toString(36)}x`;

type Act = (world: VaultWorld, chance: Chance) => Promise<unknown>;

/** Of one revision of a row, always the same. */
function columnsOf(seed: number, row: string, revision: number) {
  const t = (i: number) => startMs + i * 1000;
  const each = Array.from({ length: samplesOfOne }, (_, i) => i);
  const words = (what: string) => JSON.stringify(`${canaryOf(seed)} ${what} ${row} ${revision}`);
  return {
    heart_rate: JSON.stringify(each.map((i) => ({ t: t(i), bpm: 60 + revision * 10 + i }))),
    track: JSON.stringify(each.map((i) => ({ t: t(i), lat: revision, lon: 5 + i / 100 }))),
    notes: words("notes"),
    title: words("title"),
  };
}

const memberIn = ({ context }: VaultWorld, chance: Chance) => chance.pick(context.members);

/** Often a few, in any order of revisions, some said twice. */
const seals: Act = async (world, chance) => {
  const { id, connections } = memberIn(world, chance);
  const nth = chance.whole(0, connections.length - 1);
  const connection = connections[nth] as ConnectionId;
  const rows = Array.from({ length: chance.whole(1, 2) }, () => {
    const row = `ride-${nth}-${chance.whole(1, rowsOfOne)}`;
    const revision = chance.whole(1, revisionsMax);
    const all = Object.entries(columnsOf(world.context.seed, row, revision));
    const some = all.filter(() => chance.in100(70));
    return { row, revision, columns: Object.fromEntries(some.length > 0 ? some : all) };
  });
  const work = () => world.seal(id, connection, rows);
  await world.insist("sealing", { kind: "other" }, work);
};

const retracts: Act = async (world, chance) => {
  const { id, connections } = memberIn(world, chance);
  const row = `ride-${chance.whole(0, connections.length - 1)}-${chance.whole(1, rowsOfOne)}`;
  const rows = [{ id: row, revision: chance.whole(1, revisionsMax) }];
  await world.insist("retracting", { kind: "other" }, () => world.retract(id, rows));
};

const grants: Act = async (world, chance) => {
  const { id } = memberIn(world, chance);
  const effect: Said["effect"] = chance.in100(75) ? "permit" : "forbid";
  const isRole = chance.in100(40);
  const columns = chance.pick(columnLists);
  const atMs = world.now();
  const untilMs = chance.in100(30) ? atMs + chance.whole(1, 10 * 60_000) : null;
  const fromMs = chance.in100(10) ? atMs + chance.whole(1, hourMs) : null;
  const isPeriod = fromMs === null || untilMs === null || fromMs < untilMs;
  const said: Said = {
    ...{ effect, columns, purpose: "coaching", atMs, untilMs },
    to: isRole ? "coach" : coach.id,
    fromMs: isPeriod ? fromMs : null,
  };
  const draft: ConsentDraft = {
    ...{ effect, columns, purpose: "coaching", notBeforeMs: said.fromMs, notAfterMs: untilMs },
    grantee: isRole ? { kind: "role", id: "coach" } : { kind: "member", id: coach.id },
  };
  const grant = async () => grantConsent(await world.vaultOf(id), id, draft, atMs);
  const deed = { kind: "grant", member: id, said } as const;
  if (effect === "forbid") await world.insist("granting", deed, grant);
  else await world.attempt("granting", deed, grant);
};

const revokes: Act = async (world, chance) => {
  const { id } = memberIn(world, chance);
  const standing = world.oracle.standing(id);
  if (standing.length === 0) return;
  const consent = chance.pick(standing);
  // One that was not answered holds, but is given back by a restore until it is said again.
  await world.insist("revoking", { kind: "revoke", member: id, consent }, async () =>
    revokeConsent(await world.vaultOf(id), id, consent, world.now()),
  );
};

interface Asks extends Looker {
  readonly member: MemberId | null;
}

export async function looks(world: VaultWorld, by: Asks, request: ReadRequest): Promise<void> {
  const look: Look = { permitsAt: null, decidedMs: 0 };
  const before = world.oracle.goneNow(request.member, request.rows);
  const clock = () => {
    look.decidedMs = world.now();
    return look.decidedMs;
  };
  const answer = await world.attempt("reading", { kind: "read", by, request, look }, async () =>
    read(await world.vaultOf(request.member), by as never, request, clock),
  );
  if (answer === null) return;
  const isDue = look.permitsAt?.(look.decidedMs) ?? false;
  const what = `${by.id} asking for ${request.column} of ${request.member} (${request.purpose})`;
  if ("refused" in answer) {
    if (answer.refused === "forbidden" && isDue)
      world.oracle.accuse(`${what} was refused what stood permitted`);
    return;
  }
  if (!isDue) world.oracle.accuse(`${what} was shown it without a permission that stood`);
  world.oracle.judgeReadings(by, request, answer, before);
  world.answered.push({
    ...{ place: answer.entry, member: request.member, deed: "read-readings" },
    actor: by.id === request.member ? null : by.id,
    ...{ columns: [request.column], rows: answer.readings.length },
  });
}

export const wholeRead = (
  member: MemberId,
  column: string,
  rows: readonly string[],
): ReadRequest => ({
  ...{ member, column, purpose: "coaching", rows, ownRows: [], take: "all" },
  ...{ span: null, after: null, limit: 10_000 },
});

const reads: Act = async (world, chance) => {
  const { id } = memberIn(world, chance);
  const own = { id, member: id, roles: ["member"] } as const;
  const by = chance.pick<Asks>([coach, coach, coach, own, own, operator, auditor, stranger]);
  const rows = chance.shuffled([...(world.rows.get(id) ?? [])]);
  const take = chance.in100(50) ? "all" : "first";
  const span = chance.in100(25) ? { fromMs: startMs + 1000, toMs: startMs + hourMs } : null;
  await looks(world, by, { ...wholeRead(id, chance.pick(columnsAsked), rows), take, span });
};

const emergencies: Act = async (world, chance) => {
  const { id } = memberIn(world, chance);
  const atMs = world.now();
  const deed = { kind: "glass", by: operator, member: id, atMs } as const;
  if (chance.in100(70))
    await world.attempt("breaking glass", deed, async () =>
      breakGlass(await world.vaultOf(id), operator, id, "found at the roadside", atMs),
    );
  const by = chance.in100(80) ? operator : coach;
  const rows = [...(world.rows.get(id) ?? [])];
  const asked = wholeRead(id, chance.pick(columnsAsked), rows);
  await looks(world, by, { ...asked, purpose: "emergency" });
};

const erases: Act = async (world, chance) => {
  if (world.context.own.length === 0) return;
  const { id, connections } = chance.pick(world.context.own);
  const nth = chance.whole(0, connections.length - 1);
  const connection = connections[nth] as ConnectionId;
  const each = Array.from({ length: rowsOfOne }, (_, i) => `ride-${nth}-${i + 1}`);
  const rows = each.filter(() => chance.in100(40));
  const scope: ErasureScope = chance.in100(25)
    ? { kind: "connection", connection }
    : { kind: "rows", rows };
  await world.insist("erasing", { kind: "other" }, async () => {
    const atMs = world.settledMs();
    await eraseScope(await world.vaultOf(id), id, scope, atMs);
    if (scope.kind === "connection") world.oracle.ended(id, connection);
    else for (const row of rows) world.oracle.takenBack(id, row, forGood);
  });
};

/** One to three steps, and then perhaps never again: who comes next goes on. */
const rotates: Act = async (world, chance) => {
  for (let step = chance.whole(1, 3); step > 0; step--)
    await world.attempt("rotating", { kind: "other" }, () =>
      rotateEpoch(world.isolate().shards, world.now(), chance.whole(1, 8)),
    );
};

const publishes: Act = async (world, chance) => {
  const name = String(chance.whole(0, 1));
  await world.attempt("publishing", { kind: "other" }, () => world.stores.log.ring(name));
};

/** As a backup does, of one moment; the last one stays. */
const copies: Act = async (world) => world.keepCopy();

/** Of reads, revocations and whatever else, each step of one between any two of another. */
const races: Act = async (world, chance) => {
  const others = [reads, reads, reads, grants, revokes, revokes, seals, retracts, erases, rotates];
  const acts = [reads, ...Array.from({ length: chance.whole(1, 3) }, () => chance.pick(others))];
  await Promise.all(acts.map((act) => act(world, chance)));
};

/** Before anything goes wrong: somebody has readings, and somebody may see them. */
export async function begin(world: VaultWorld, chance: Chance): Promise<void> {
  for (const _ of world.context.members) {
    await seals(world, chance);
    await grants(world, chance);
  }
}

/** How often each is done beside the others. */
const weighed: readonly (readonly [times: number, name: string, act: Act])[] = [
  [3, "seal", seals],
  [1, "retract", retracts],
  [2, "grant", grants],
  [1, "revoke", revokes],
  [5, "read", reads],
  [1, "emergency", emergencies],
  [1, "erase a part", erases],
  [1, "rotate epochs", rotates],
  [1, "publish the log", publishes],
  [1, "copy the databases", copies],
  [6, "race", races],
];

export const actsOf = (
  world: VaultWorld,
  more: readonly (readonly [string, Act])[],
): readonly VaultAct[] =>
  [...weighed, ...more.map((one) => [1, ...one] as const)].flatMap(([times, name, act]) =>
    Array.from({ length: times }, () => ({
      name,
      run: async (chance: Chance) => void (await act(world, chance)),
    })),
  );
export type { Act };

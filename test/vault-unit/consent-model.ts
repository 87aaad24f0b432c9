/**
 * Grants, revocations, reads and erasures of one member at once, through the vault's own code, each
 * call to a store waiting at a gate that a scheduler opens. The oracle knows no SQL and no `decide`:
 * it hears of each batch in the order in which they reach the member's database, the moment before,
 * and so knows what stood when a read was decided.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { resolve } from "node:path";
import type fc from "fast-check";
import type { MemberId } from "../../domain/identity.ts";
import type { ConsentDraft, OrRefusal, ReadAnswer, Role } from "../../domain/ports.ts";
import { grantConsent, revokeConsent } from "../../workers/vault/consents.ts";
import { type Shards, shardAt, type Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { enrolPerson } from "../../workers/vault/principal.ts";
import { read } from "../../workers/vault/readings.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";
import { deedsIn, type LoggedDeed } from "./log-entries.ts";
import { connectionNamed, logNames, makeWorld } from "./world.ts";

export const member = "m_ada" as MemberId;
export type ActorName = "ada" | "carla" | "dan" | "eve";
const rolesOf: Readonly<Record<ActorName, readonly Role[]>> = {
  ada: ["member"],
  carla: ["member", "coach"],
  dan: ["coach"],
  eve: ["member", "operator"],
};
const actorOf = (name: ActorName) => ({
  id: `m_${name}`,
  member: `m_${name}` as MemberId,
  roles: rolesOf[name],
});

export interface GrantAsked {
  readonly effect: "permit" | "forbid";
  readonly to: "carla" | "coaches";
  readonly columns: readonly string[];
  /** It begins in years. */
  readonly later: boolean;
}
export interface ReadAsked {
  readonly by: ActorName;
  readonly column: string;
  readonly take: "first" | "all";
}
/** Rows that are sealed once, and what a read of each column is to give. */
export interface Content {
  readonly rows: readonly string[];
  /** Of every row. */
  readonly columns: Readonly<Record<string, string>>;
  readonly span?: { readonly fromMs: number; readonly toMs: number };
  /** What of it a permitted read shows; everything unless said. */
  readonly shows?: (column: string, isOwn: boolean) => string;
}

/** A grant that took effect: said again while it stands, it is the same one. */
interface Standing {
  readonly asked: GrantAsked;
}
type Deed =
  | { readonly kind: "grant"; readonly asked: GrantAsked; gave: Standing | null }
  | { readonly kind: "revoke"; readonly standing: Standing }
  | { readonly kind: "read"; readonly asked: ReadAsked; due: boolean | null }
  | { readonly kind: "erase" };

/** The first of an erasure's writes to the member's row. */
const tombstone = /\b(?:INTO|UPDATE) member\b[^;]*\berased_at\b/;

/** What stands, batch by batch. */
class Oracle {
  erased = false;
  readonly #standing = new Set<Standing>();

  hear(deed: Deed, statements: readonly string[]): void {
    const says = (text: string) => statements.some((sql) => sql.includes(text));
    if (deed.kind === "erase") this.erased ||= statements.some((sql) => tombstone.test(sql));
    else if (deed.kind === "revoke" && says("SET revoked_at")) this.#standing.delete(deed.standing);
    else if (deed.kind === "read" && says("FROM consent")) deed.due = this.#permits(deed.asked);
    else if (deed.kind === "grant" && says("FROM consent WHERE member = ?1"))
      this.#grant(deed, says("INSERT INTO consent"));
  }

  #grant(deed: Deed & { kind: "grant" }, inserts: boolean): void {
    if (this.erased) return;
    const said = JSON.stringify(deed.asked);
    const same = [...this.#standing].find(({ asked }) => JSON.stringify(asked) === said);
    const gave = same ?? (inserts ? { asked: deed.asked } : null);
    if (gave !== null) this.#standing.add(gave);
    deed.gave = gave;
  }

  #permits({ by, column }: ReadAsked): boolean {
    if (this.erased) return false;
    if (by === "ada") return true;
    const isCoach = by === "carla" || by === "dan";
    const speaking = [...this.#standing].filter(
      ({ asked: { to, columns, later } }) =>
        !later && columns.includes(column) && (to === "carla" ? by === "carla" : isCoach),
    );
    const isPermitted = speaking.some(({ asked }) => asked.effect === "permit");
    return isPermitted && !speaking.some(({ asked }) => asked.effect === "forbid");
  }
}

const manyYearsMs = 10 * 365 * 86_400_000;
/** Runs after which the stores are put back even if nobody was erased: the log only grows. */
const runsKept = 500;

/** How many ended as what; one that was closed twice, or not at all, ends as that. */
function countBy(deeds: readonly LoggedDeed[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { outcome, closings } of deeds) {
    const ended = closings === 1 ? outcome : `closed ${closings} times`;
    counts.set(ended, (counts.get(ended) ?? 0) + 1);
  }
  return counts;
}

/** A model of one member with these rows; every run begins with nothing granted. */
export async function makeModel(content: Content) {
  const nowMs = Date.now();
  const doing = new AsyncLocalStorage<{ readonly deed: Deed; readonly name: string }>();
  let scheduler: fc.Scheduler | null = null;
  let oracle = new Oracle();
  let trace = "";
  const gate = async () => {
    const now = doing.getStore();
    if (now === undefined) return;
    await scheduler?.schedule(Promise.resolve());
    trace += now.name;
  };
  const world = makeWorld({ shards: 1, gate });
  const phi = sqliteD1(resolve(import.meta.dirname, "../../migrations/phi"), {
    gate,
    fail: (statements) => {
      const now = doing.getStore();
      if (now !== undefined) oracle.hear(now.deed, statements);
      return null;
    },
  });
  const shards: Shards = world.restarted({ PHI_0: phi } as object);
  await shards.directory.setOpen(1, false);
  const vault: Vault = shardAt(shards, 0);
  const person = { hash: "person-ada", issuedAtMs: nowMs, bound: null };
  await enrolPerson(shards, person, member, nowMs);
  const sealed = content.rows.map((row) => ({ row, revision: 1, columns: content.columns }));
  await sealRows(vault, member, connectionNamed("watch"), sealed, nowMs);
  const { directory, keys, keyring, sealed: objects } = world.stores;
  const stores = [phi, directory, ...keys, keyring, objects] as const;
  const kept = stores.map((store) => [store, store.snapshot()] as const);
  const { log } = world.stores;
  const keptLogs = logNames.map((name) => [name, log.snapshot(name)] as const);
  let runs = 0;
  let ended = { permitted: 0, refused: 0 };

  /** What every read so far ended as, by the log and as it was due. */
  function checkLog(): void {
    const views = countBy(deedsIn(world).filter(({ action }) => action === "view"));
    const logged = [...views].map(([outcome, n]) => `${outcome} ${n}`).sort();
    const due = Object.entries(ended).flatMap(([outcome, n]) => (n > 0 ? `${outcome} ${n}` : []));
    if (`${logged}` !== `${due}`) throw new Error(`logged ${logged}, due ${due}`);
  }

  function startOver(): void {
    if (oracle.erased || ++runs % runsKept === 0) {
      checkLog();
      ended = { permitted: 0, refused: 0 };
      // biome-ignore lint/suspicious/noExplicitAny: a store is given its own snapshot.
      for (const [store, snapshot] of kept) store.restore(snapshot as any);
      for (const [name, snapshot] of keptLogs) log.restore(name, snapshot);
    } else phi.raw.exec("DELETE FROM consent");
    oracle = new Oracle();
    trace = "";
  }

  const draftOf = ({ effect, to, columns, later }: GrantAsked): ConsentDraft => ({
    effect,
    grantee: to === "coaches" ? { kind: "role", id: "coach" } : { kind: "member", id: "m_carla" },
    columns,
    purpose: "coaching",
    notBeforeMs: later ? nowMs + manyYearsMs : null,
    notAfterMs: null,
  });

  const shown = (column: string, isOwn: boolean): string =>
    content.shows?.(column, isOwn) ?? content.columns[column] ?? "";

  return {
    content,
    vault,
    stores: world.stores,
    phi,
    startOver,
    checkLog,
    trace: () => trace,
    runBy(next: fc.Scheduler): void {
      scheduler = next;
    },
    /** What a permitted read gives, and what it was due. */
    async read(name: string, asked: ReadAsked) {
      const deed: Deed & { kind: "read" } = { kind: "read", asked, due: null };
      const request = {
        member,
        column: asked.column,
        purpose: "coaching",
        rows: content.rows,
        ownRows: [],
        take: asked.take,
        span: content.span ?? null,
        after: null,
        limit: 10_000,
      };
      const answer: OrRefusal<ReadAnswer> = await doing.run({ deed, name }, () =>
        read(vault, actorOf(asked.by), request, () => nowMs),
      );
      ended[deed.due ? "permitted" : "refused"]++;
      const value = shown(asked.column, asked.by === "ada");
      const rows = asked.take === "first" ? content.rows.slice(0, 1) : content.rows;
      const whole = rows.map((row) => ({ row, column: asked.column, value }));
      return { asked, due: deed.due, answer, whole };
    },
    async grant(name: string, asked: GrantAsked) {
      const deed: Deed & { kind: "grant" } = { kind: "grant", asked, gave: null };
      const draft = draftOf(asked);
      const answer = await doing.run({ deed, name }, () =>
        grantConsent(vault, member, draft, nowMs),
      );
      return { answer, gave: deed.gave };
    },
    revoke: (name: string, id: string, standing: Standing) =>
      doing.run({ deed: { kind: "revoke", standing }, name }, () =>
        revokeConsent(vault, member, id, nowMs),
      ),
    erase: (name: string) =>
      doing.run({ deed: { kind: "erase" }, name }, () =>
        eraseScope(vault, member, { kind: "member" }, nowMs),
      ),
  };
}
export type Model = Awaited<ReturnType<typeof makeModel>>;
export type { Standing };

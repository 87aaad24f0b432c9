/**
 * The log of who looked, from outside of it: what the edge says it does, what members and auditors
 * may see of it, what everybody may, and what the witness asks. Callers come with their own token,
 * which is verified here; what an auditor sees stands in the log first.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Outcome } from "../../domain/audit.ts";
import { decide } from "../../domain/consent.ts";
import type { MemberId } from "../../domain/identity.ts";
import type {
  AccessQuery,
  AuditPort,
  DeedAsked,
  EntryPlace,
  EntryQuery,
  LogKeys,
  OrRefusal,
  Page,
  Refusal,
  ShownEntry,
} from "../../domain/ports.ts";
import { noteSigner } from "../../kernel/tlog/note.ts";
import { closeEntry, type Deed, openEntry, pseudonymAmong, tooMany, writeWhole } from "./audit.ts";
import { type ConsentRow, livingConsents, rowToConsent } from "./consents.ts";
import { type Shards, shardsOf, type VaultEnv, vaultOf } from "./env.ts";
import { bundleAt, entryAt, growthSince, isLog, proofOf, publicFile } from "./log-proof.ts";
import { pageOf } from "./log-query.ts";
import { type Actor, actorOf, isMemberId, roleOf } from "./principal.ts";
import { namesOf } from "./profile.ts";

const unauthenticated: Refusal = { refused: "unauthenticated" };
const forbidden: Refusal = { refused: "forbidden" };
const notFound: Refusal = { refused: "not-found" };
const noEntries: Page<ShownEntry> = { items: [], next: null };

export class Log extends WorkerEntrypoint<VaultEnv> implements AuditPort {
  begin(token: string, { deed, member, columns, purpose }: DeedAsked) {
    return this.#asActor<EntryPlace>(token, async (actor, shards, nowMs) => {
      const role = roleOf(actor, member);
      const said = { deed, actor, role, member, columns, purpose };
      const opened = await openEntry(shards, said, nowMs);
      return opened === null ? tooMany : opened.place;
    });
  }

  async beginLink(member: MemberId): Promise<OrRefusal<EntryPlace>> {
    const nowMs = Date.now();
    const shards = shardsOf(this.env);
    if (!isMemberId(member) || (await pseudonymAmong(shards, member, nowMs)) === "")
      return notFound;
    const said = {
      ...wholeBy({ id: member, member, roles: [] }, member),
      deed: "connect" as const,
    };
    const opened = await openEntry(shards, said, nowMs);
    return opened === null ? tooMany : opened.place;
  }

  async end({ log, index }: EntryPlace, outcome: Outcome): Promise<void> {
    const { logs } = shardsOf(this.env);
    if (!isLog(logs, log)) throw new Error("there is no such log");
    await closeEntry({ logs }, { place: { log, index } }, outcome);
  }

  /** An unknown member is refused like one who gave no consent, and logged alike. */
  mayListWorkouts(token: string, member: MemberId) {
    return this.#asActor<{ permitted: true }>(token, async (actor, shards, nowMs) => {
      if (!isMemberId(member)) return forbidden;
      const ground = await this.#groundToList(shards, actor, member, nowMs);
      const outcome: Outcome =
        ground === null
          ? { outcome: "refused", ground: "no-consent", rows: 0 }
          : { outcome: "permitted", ground, rows: 0 };
      const deed = { ...wholeBy(actor, member), deed: "list-workouts" } as const;
      if ((await writeWhole(shards, deed, outcome, nowMs)) === null) return tooMany;
      return ground === null ? forbidden : { permitted: true };
    });
  }

  mine(token: string, query: AccessQuery) {
    return this.#asActor<Page<ShownEntry>>(token, async (actor, shards, nowMs) => {
      const own = await pseudonymOfActor(shards, actor, nowMs);
      if (own === "") return noEntries;
      const by = query.actor === actor.id ? own : query.actor;
      const page = await pageOf(
        shards.logs,
        entryQuery({ ...query, actor: by }, own),
        query,
        nowMs,
      );
      return "refused" in page ? page : this.#named(shards, page, { ...actor, own }, nowMs);
    });
  }

  entries(token: string, query: AccessQuery & { readonly member: MemberId | null }) {
    return this.#asAuditor<Page<ShownEntry>>(token, "query-log", query.member, async (...at) => {
      const [shards, nowMs] = at;
      const { member } = query;
      const pseudonym = member === null ? null : await pseudonymAmong(shards, member, nowMs);
      if (pseudonym === "") return noEntries;
      const page = await pageOf(shards.logs, entryQuery(query, pseudonym), query, nowMs);
      return "refused" in page ? page : this.#named(shards, page, null, nowMs);
    });
  }

  proof(token: string, place: EntryPlace) {
    return this.#asActor<{ readonly proof: string }>(token, async (actor, shards, nowMs) => {
      const found = await entryAt(shards.logs, place);
      if (found === null) return notFound;
      const own = await pseudonymOfActor(shards, actor, nowMs);
      const isTheirs = own !== "" && own === found.member;
      if (isTheirs) return proofOf(shards.logs, place, found.text);
      if (!actor.roles.includes("auditor")) return notFound;
      // A proof holds the entry: an auditor who takes one home stands in the log first.
      return this.#asAuditor<{ readonly proof: string }>(token, "export-log", null, (at) =>
        proofOf(at.logs, place, found.text),
      );
    });
  }

  bundle(token: string, log: number, n: number) {
    return this.#asAuditor<{ readonly bytes: Uint8Array }>(
      token,
      "export-log",
      null,
      async (at) => {
        const bytes = await bundleAt(at.logs, log, n);
        return bytes === null ? notFound : { bytes };
      },
    );
  }

  async logs(): Promise<readonly LogKeys[]> {
    const { logs } = shardsOf(this.env);
    const seed = Uint8Array.from(atob(this.env.LOG_KEY), (char) => char.charCodeAt(0));
    const witnesses = this.env.WITNESS_KEYS.split(/\s+/).filter((key) => key !== "");
    return Promise.all(
      logs.numbers.map(async (log) => {
        const origin = `${logs.origin}/${log}`;
        const { verifierKey: key } = await noteSigner(origin, seed);
        return { log, origin, status: await logs.port(log).status(), key, witnesses };
      }),
    );
  }

  file(log: number, path: string): Promise<Uint8Array | null> {
    return publicFile(shardsOf(this.env).logs, log, path);
  }

  checkpointFor(log: number, known: number): Promise<string | null> {
    return growthSince(shardsOf(this.env).logs, log, known);
  }

  async cosigned(log: number, note: string): Promise<"kept" | "refused"> {
    const { logs } = shardsOf(this.env);
    return isLog(logs, log) ? logs.port(log).cosigned(note) : "refused";
  }

  async #asActor<T extends object>(
    token: string,
    act: (actor: Actor, shards: Shards, nowMs: number) => Promise<OrRefusal<T>>,
  ): Promise<OrRefusal<T>> {
    const nowMs = Date.now();
    const actor = await actorOf(this.env, token, nowMs);
    return actor === null ? unauthenticated : act(actor, shardsOf(this.env), nowMs);
  }

  /** Nothing is looked for before the entry that says so is in the log. */
  #asAuditor<T extends object>(
    token: string,
    deed: "query-log" | "export-log",
    member: MemberId | null,
    act: (shards: Shards, nowMs: number) => Promise<OrRefusal<T>>,
  ): Promise<OrRefusal<T>> {
    return this.#asActor<T>(token, async (actor, shards, nowMs) => {
      if (!actor.roles.includes("auditor")) return forbidden;
      const outcome = { outcome: "permitted", ground: "auditor", rows: 0 };
      const said = { ...wholeBy(actor, member), role: "auditor", deed };
      const written = await writeWhole(shards, said, outcome, nowMs);
      return written === null ? tooMany : act(shards, nowMs);
    });
  }

  /** Own, or the consent that opens any column of the member's to the actor, as their roster says. */
  async #groundToList(
    shards: Shards,
    { id, member: self, roles: actorRoles }: Actor,
    member: MemberId,
    nowMs: number,
  ): Promise<string | null> {
    if (self === member) return "own";
    const vault = await vaultOf(this.env, member);
    const { results } = await livingConsents(vault.phi, member).all<ConsentRow>();
    const consents = results.map(rowToConsent);
    const living = (await pseudonymAmong(shards, member, nowMs)) !== "";
    const grounds = consents.flatMap(({ columns, purpose }) =>
      columns.flatMap((column) => {
        const question = { actor: id, actorRoles, member, column, purpose, nowMs };
        const decision = decide(question, consents, []);
        return decision.permit ? [decision.ground] : [];
      }),
    );
    return living ? (grounds.sort()[0] ?? null) : null;
  }

  /** Members chose their names to be seen; a pseudonym is named only to whom it stands for. */
  async #named(
    shards: Shards,
    { items, next }: Page<ShownEntry>,
    caller: { readonly id: string; readonly own: string } | null,
    nowMs: number,
  ): Promise<Page<ShownEntry>> {
    const idOf = (actor: string) => (actor === caller?.own ? caller.id : actor);
    const ids = items.map(({ actor }) => idOf(actor)).filter((id) => id.startsWith("m_"));
    const names = await namesOf(shards, ids, nowMs);
    const named = items.map((entry) => ({
      ...entry,
      actorName: names[idOf(entry.actor)] ?? null,
      actorRole: entry.actor === caller?.own ? "member" : entry.actorRole,
    }));
    return { items: named, next };
  }
}

const pseudonymOfActor = async (shards: Shards, { member }: Actor, nowMs: number) =>
  member === null ? "" : pseudonymAmong(shards, member, nowMs);

const wholeBy = (actor: Actor, member: MemberId | null): Omit<Deed, "deed"> => ({
  actor,
  role: roleOf(actor, member),
  member,
  columns: [],
  purpose: "",
});

const entryQuery = (
  { actor, action, fromMs, toMs }: AccessQuery,
  member: string | null,
): EntryQuery => ({ member, actor, action, fromMs, toMs });

/**
 * Erasing, as the edge does it, whoever asked: providers are told first, while there are tokens to
 * tell them with; then the vault, because only there can something be read; then the open parts, from
 * which boards and the archive follow. Each step may be repeated, so what a crash cut short is
 * finished by asking again. The receipt names what was done; what is pending is the archive's run.
 */
import * as z from "zod";
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import {
  type ErasureScope,
  type ErasureStep,
  isRefusal,
  ledgerName,
  type OrRefusal,
} from "../../domain/ports.ts";
import { merchantWatch, storeWatch } from "../../domain/sales/stream.ts";
import { isByMember } from "../../domain/shards.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import type { Instant, LocalDate } from "../../domain/time.ts";
import {
  type Account,
  announceErased,
  droppedConnections,
  droppedStatus,
  type Erased,
  type ErasePorts,
  erasedPagesMax,
  eraseInLedgers,
  forgettings,
  forgottenAccount,
  forgottenPerson,
  issueReceipt,
  type LetGo,
  ledgersOf as ledgersOfAccount,
  letGoOf,
  type Receipt,
} from "../../durable-objects/erasing.ts";
import { formerAccounts } from "./accounts.ts";
import { dropReferences } from "./authorisation.ts";
import {
  type ConnectionRow,
  connectionsOfMember,
  endConnections,
  everyConnectionOf,
  personsOf,
} from "./members.ts";
import type { Ports } from "./ports.ts";
import { revokeAll } from "./provider-calls.ts";
import type { Call } from "./route.ts";
import { countSocial, forgetSocial } from "./social.ts";
import { leaving } from "./team-rows.ts";

export const receipt = z
  .object({
    id: z.string().describe("GET /v1/receipts/:id; it says nothing of whose it is."),
    scope: z.enum(["member", "connection", "workouts", "samples", "listens"]),
    asked: z.string(),
    steps: z.array(z.object({ step: z.string(), at: z.string(), count: z.number().int() })),
    pending: z
      .array(z.string())
      .describe(
        "archive: is being rewritten. keys: the vault destroys the last within hours. snapshots: what was frozen of sales is.",
      ),
    finished: z.string().nullable(),
  })
  .meta({ id: "Receipt" });

/** On no account's: what was erased by hand is not lifted with a connection. */
const byHand = "workouts";

/** Whose data goes, and how the vault is asked for it: by themselves or by an operator. */
export interface Asking {
  readonly ports: Ports;
  readonly member: MemberId;
  readonly nowMs: Instant;
  vault(scope: ErasureScope): Promise<OrRefusal<{ readonly steps: readonly ErasureStep[] }>>;
}

export const askedByMember = ({ ports, token, member, nowMs }: Call): Asking => ({
  ports,
  member,
  nowMs,
  vault: (scope) => ports.open.erase(token, scope),
});

export const askedByOperator = (
  { ports, token, nowMs }: Call,
  member: MemberId,
  reason: string,
): Asking => ({
  ports,
  member,
  nowMs,
  vault: (scope) => ports.work.erase(token, member, scope, reason),
});

export const erasePorts = (ports: Ports): ErasePorts => ({
  forgotten: ports.forgotten,
  ledger: ports.ledger,
  sql: ports.sql,
  wake: (run) => ports.runs.send(run),
});

/**
 *   1. providers end what they send and grant           not told when a crash comes before 2: told
 *                                                       when it is asked again; it stops nothing
 *   2. the vault's tombstone, then its keys and rows    from here nothing opens any more
 *   3. the ledgers are named as forgotten               the archive takes nothing more of theirs
 *   4. they let go, and say under which days; those     asked again, they say the same days
 *      that others share let go of what was theirs
 *   5. connections stop
 *   6. the warehouse forgets person, accounts and connections, friends, teams and challenges;
 *      receipt and run stand: at once
 *                                                       before it the person is still known, and
 *                                                       asking again goes through all of this
 *   7. the archive is woken                             the minute cron finds the run
 */
export async function eraseMember(asking: Asking): Promise<OrRefusal<Receipt>> {
  const { ports, member, nowMs } = asking;
  const told = await revokeAll(ports, await connectionsOfMember(ports, member));
  const sealed = await asking.vault({ kind: "member" });
  if (isRefusal(sealed)) return sealed;
  const connections = await everyConnectionOf(ports, member);
  const persons = await personsOf(ports, member);
  await nameForgotten(ports, member, nowMs);
  const own = await forgetLedgers(asking);
  const shared = await leaveShared(asking, connections);
  if (shared === null) return { refused: "busy" };
  const steps = [...own.steps, ...shared.steps];
  const letGo = [...own.letGo, ...shared.letGo];
  if (shared.isMerchant) steps.push(await forgetStores(asking));
  await Promise.all(connections.map(({ id }) => ports.connection(id).forget()));
  const ended = { step: "connections", atMs: Date.now(), count: connections.length };
  const social = { step: "social", atMs: Date.now(), count: await countSocial(ports, member) };
  const ids = connections.map(({ id }) => id);
  const accounts = await hashesOf(
    [...connections.map(({ account }) => account), ...(await formerAccounts(ports, ids))],
    (account) => forgottenAccount(ports.forgotten, account),
  );
  const people = await hashesOf(persons, (hash) => forgottenPerson(ports.forgotten, hash));
  return issueReceipt(
    erasePorts(ports),
    {
      scope: "member",
      steps: [...told, ...sealed.steps, ...steps, ended, social],
      letGo,
      askedAtMs: nowMs,
      redaction: { merchant: member, scope: { kind: "all" } },
    },
    (db) => [
      ...forgettings(db, "person", people, nowMs),
      ...forgettings(db, "account", accounts, nowMs),
      ...droppedConnections(db, ids),
      ...forgetRows(db, member, nowMs),
    ],
  );
}

const hashesOf = async <T>(all: readonly T[], hash: (one: T) => Promise<string>) => [
  ...new Set(await Promise.all(all.map(hash))),
];

const ownStreams: readonly AnyStream[] = Object.values<AnyStream>(streams).filter(isByMember);
const ledgersOf = (member: MemberId): string =>
  JSON.stringify(ownStreams.map(({ name }) => ledgerName(name, member)));

const nameForgotten = (ports: Ports, member: MemberId, nowMs: Instant) =>
  ports.sql((db) =>
    db
      .prepare(
        `INSERT INTO forgotten_ledger (ledger, at) SELECT value, ? FROM json_each(?)
         WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(nowMs, ledgersOf(member))
      .run(),
  );

async function forgetLedgers({ ports, member }: Asking) {
  const forgotten = await Promise.all(
    ownStreams.map(async (stream) => ({
      stream,
      ...(await ports.ledger(stream, member).forget()),
    })),
  );
  const count = forgotten.reduce((n, { facts }) => n + facts, 0);
  return {
    steps: [{ step: "ledger", atMs: Date.now(), count }],
    letGo: forgotten.map(({ stream, days }) => letGoOf(stream, member, days)),
  };
}

/** What came by their accounts into ledgers that others share, account by account. */
async function leaveShared(
  { ports, member }: Asking,
  connections: readonly ConnectionRow[],
): Promise<(Pick<Erased, "steps" | "letGo"> & { readonly isMerchant: boolean }) | null> {
  const accounts = new Map<string, Account>();
  for (const { id, provider, account } of connections) {
    const key = JSON.stringify([provider, account]);
    const ids = [...(accounts.get(key)?.ids ?? []), id];
    accounts.set(key, { member, provider, account, ids });
  }
  const steps: ErasureStep[] = [];
  const letGo: LetGo[] = [];
  let isMerchant = false;
  for (const account of accounts.values()) {
    const shared = ledgersOfAccount(account).filter(([stream]) => !isByMember(stream));
    isMerchant ||= shared.length > 0;
    const open = await eraseInLedgers(ports, account, shared);
    if (open === null) return null;
    steps.push(...open.steps);
    letGo.push(...open.letGo);
  }
  return { steps, letGo, isMerchant };
}

/** What was watched of a merchant's stores, and counted there. */
async function forgetStores({ ports, member }: Asking): Promise<ErasureStep> {
  const { results } = await ports.sql((db) =>
    db
      .prepare("SELECT store FROM counted_store WHERE merchant = ?")
      .bind(member)
      .all<{ store: string }>(),
  );
  const watches = results.map(({ store }) => storeWatch(member, store));
  for (const watch of [merchantWatch(member), ...watches])
    await ports.live(streams.sales.name, watch).forget();
  return { step: "stores", atMs: Date.now(), count: results.length };
}

/** What stays is the bare id, so that it stays dead. */
const forgetRows = (db: D1Database, member: MemberId, nowMs: Instant): D1PreparedStatement[] => [
  db.prepare("DELETE FROM connection_status WHERE member = ?").bind(member),
  db.prepare("DELETE FROM authorisation WHERE member = ?").bind(member),
  db.prepare("DELETE FROM connection WHERE member = ?").bind(member),
  db.prepare("DELETE FROM refused_link WHERE member = ?").bind(member),
  db.prepare("DELETE FROM person WHERE member = ?").bind(member),
  // What they read of others, and who reads what was theirs.
  db.prepare("DELETE FROM reader WHERE member = ?1 OR of = ?1").bind(member),
  db.prepare("DELETE FROM settlement_row WHERE merchant = ?").bind(member),
  db.prepare("DELETE FROM low_stock WHERE merchant = ?").bind(member),
  db.prepare("DELETE FROM counted_store WHERE merchant = ?").bind(member),
  db.prepare("DELETE FROM forgotten_customer WHERE merchant = ?").bind(member),
  db
    .prepare("DELETE FROM parked_change WHERE ledger IN (SELECT value FROM json_each(?))")
    .bind(ledgersOf(member)),
  db
    .prepare("UPDATE ledger SET report = NULL WHERE name IN (SELECT value FROM json_each(?))")
    .bind(ledgersOf(member)),
  ...leaving(db, member, null),
  ...forgetSocial(db, member),
  db
    .prepare(
      `INSERT INTO member (id, made_at, settings_version, zones, on_boards, erased_at)
       VALUES (?1, 0, 0, '[]', 0, ?2)
       ON CONFLICT (id) DO UPDATE SET made_at = 0, settings_version = 0, zones = '[]',
         on_boards = 0, shown_until = NULL, erased_at = coalesce(erased_at, excluded.erased_at)`,
    )
    .bind(member, nowMs),
];

/**
 *   1. no word of ours brings it back; the account is       a crash: asking again goes on, by the
 *      free and nothing is taken from it                    row that stays
 *   2. pulls stop; the provider is told; how it was doing   as for a member
 *      is shown no more
 *   3. keys and readings go, of every connection to it
 *   4. the ledgers let go of its facts
 *   5. days that its samples counted on are made anew
 *   6. the account is remembered as forgotten, and with it the one whose place it took; receipt and
 *      run stand
 */
export async function eraseAccount(asking: Asking, of: Account): Promise<OrRefusal<Receipt>> {
  const { ports, nowMs } = asking;
  const steps = await endAccount(asking, of);
  for (const connection of of.ids) {
    const erased = await asking.vault({ kind: "connection", connection });
    if (isRefusal(erased)) return erased;
    steps.push(...erased.steps);
  }
  const open = await eraseInLedgers(ports, of);
  if (open === null) return { refused: "busy" };
  steps.push(...open.steps, ...(await announceErased(ports, asking.member, open.letGo)));
  const remembered = await hashesOf(
    [of.account, ...(await formerAccounts(ports, of.ids))],
    (account) => forgottenAccount(ports.forgotten, account),
  );
  return issueReceipt(
    erasePorts(ports),
    {
      scope: "connection",
      steps,
      letGo: open.letGo,
      askedAtMs: nowMs,
      redaction: { merchant: of.member, scope: { kind: "connection", connections: of.ids } },
    },
    (db) => [...forgettings(db, "account", remembered, nowMs), ...droppedConnections(db, of.ids)],
  );
}

/** Steps 1 and 2, which are all of it where the data is kept. */
export async function endAccount(
  { ports, nowMs }: Pick<Asking, "ports" | "nowMs">,
  { member, provider, ids }: Account,
): Promise<ErasureStep[]> {
  await dropReferences(ports, member, provider);
  await endConnections(ports, ids, nowMs);
  await Promise.all(ids.map((id) => ports.connection(id).forget()));
  const told = await revokeAll(
    ports,
    ids.map((id: ConnectionId) => ({ id, member, provider })),
  );
  await ports.sql((db) => db.batch(droppedStatus(db, ids)));
  return [{ step: "connections", atMs: nowMs, count: ids.length }, ...told];
}

/** For what erases nothing that the archive holds. */
export const receiptOfEnding = (
  { ports, nowMs }: Pick<Asking, "ports" | "nowMs">,
  steps: readonly ErasureStep[],
): Promise<Receipt> =>
  issueReceipt(erasePorts(ports), { scope: "connection", steps, letGo: [], askedAtMs: nowMs });

/**
 * What is listed is erased, until nothing more is.
 *
 *   1. the vault erases what is sealed of the facts    the next try finds them in the ledger again
 *   2. the ledger retracts them                        the next try finds none of them, and has
 *                                                      every day rewritten that was erased by hand
 */
export async function eraseFacts(
  { ports, member, vault }: Asking,
  stream: AnyStream,
  listed: () => Promise<readonly string[]>,
): Promise<OrRefusal<{ readonly steps: readonly ErasureStep[]; readonly letGo: LetGo }>> {
  const ledger = ports.ledger(stream, member);
  const steps: ErasureStep[] = [];
  const days = new Set<LocalDate>();
  for (let i = 0; ; i++) {
    const facts = (await listed()) as readonly FactId[];
    if (facts.length === 0) {
      // Nothing is left: a try before this one may have been cut short after 2.
      if (i === 0) for (const day of await ledger.erase([], byHand)) days.add(day);
      break;
    }
    if (i === erasedPagesMax) return { refused: "busy" };
    const sealed = await vault({ kind: "rows", rows: facts, of: stream.name });
    if (isRefusal(sealed)) return sealed;
    for (const day of await ledger.erase(facts, byHand)) days.add(day);
    steps.push(...sealed.steps, { step: "ledger", atMs: Date.now(), count: facts.length });
  }
  return { steps, letGo: letGoOf(stream, member, days) };
}

/** Streams of which a member erases one by one, or by a window of time to the moment. */
export type ByHand = "workouts" | "listens";

/** As `eraseFacts`; then receipt and run stand. */
export async function eraseByHand(
  asking: Asking,
  of: ByHand,
  listed: () => Promise<readonly string[]>,
): Promise<OrRefusal<Receipt>> {
  const erased = await eraseFacts(asking, streams[of], listed);
  if (isRefusal(erased)) return erased;
  const { steps, letGo } = erased;
  const said = { scope: of, steps, letGo: [letGo], askedAtMs: asking.nowMs } as const;
  return issueReceipt(erasePorts(asking.ports), said);
}

export const eraseWindow = (
  asking: Asking,
  of: ByHand,
  fromMs: Instant,
  toMs: Instant,
): Promise<OrRefusal<Receipt>> => {
  const ledger = asking.ports.ledger(streams[of], asking.member);
  return eraseByHand(asking, of, async () =>
    (await ledger.between(fromMs, toMs)).map(({ id }) => id),
  );
};

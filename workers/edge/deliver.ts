/**
 * From parsed items to recorded facts, for every door that takes data: accounts are looked up, each
 * member's items are read and accepted on their own. Items of unknown accounts leave no trace but a
 * number.
 */
import { accountHash } from "../../domain/identity.ts";
import { streams } from "../../domain/streams.ts";
import type { Instant } from "../../domain/time.ts";
import { type Accepted, accept, type BadItem } from "../../kernel/accept.ts";
import { parkedBody } from "../../kernel/parked.ts";
import type { Draft, Item, Provider, Sender } from "../../providers/provider.ts";
import { type ConnectionRow, connectionsOf } from "./members.ts";
import type { Ports } from "./ports.ts";

/** Outcome of one item: what the ledger said, or why it could not be read. */
export type ItemOutcome = Accepted | "dropped" | { readonly unreadable: string };

const membersAtOnce = 4;
/** A door that does not know where what it takes comes from. */
const nowhere: Sender = { country: null };

/** Hashes every account once and finds the connections that exist. */
export async function lookUp(
  ports: Ports,
  provider: Provider,
  accounts: readonly string[],
): Promise<Map<string, ConnectionRow>> {
  const unique = [...new Set(accounts)];
  const hashes = await Promise.all(
    unique.map((account) => accountHash(ports.digest, provider.name, account)),
  );
  const known = await connectionsOf(ports, provider.name, hashes);
  const found = new Map<string, ConnectionRow>();
  unique.forEach((account, i) => {
    const connection = known.get(hashes[i] ?? "");
    if (connection !== undefined) found.set(account, connection);
  });
  return found;
}

/** Accepts items of many accounts; outcomes stand in the items' order. Throws `Unavailable`. */
export async function deliver(
  ports: Ports,
  provider: Provider,
  items: readonly Item[],
  connections: ReadonlyMap<string, ConnectionRow>,
  nowMs: Instant,
  sender: Sender = nowhere,
): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = items.map(() => "dropped");
  const byConnection = new Map<ConnectionRow, number[]>();
  items.forEach((item, i) => {
    const connection = connections.get(item.account);
    if (connection !== undefined)
      byConnection.set(connection, [...(byConnection.get(connection) ?? []), i]);
  });
  const groups = [...byConnection];
  for (let i = 0; i < groups.length; i += membersAtOnce)
    await Promise.all(
      groups
        .slice(i, i + membersAtOnce)
        .map(([connection, indexes]) =>
          deliverOne(ports, { provider, items, nowMs, sender }, connection, indexes, outcomes),
        ),
    );
  return outcomes;
}

interface Delivered {
  readonly provider: Provider;
  readonly items: readonly Item[];
  readonly nowMs: Instant;
  readonly sender: Sender;
}

async function deliverOne(
  ports: Ports,
  { provider, items, nowMs, sender }: Delivered,
  connection: ConnectionRow,
  indexes: readonly number[],
  outcomes: ItemOutcome[],
): Promise<void> {
  const drafts: Draft[] = [];
  const readable: number[] = [];
  const bad: BadItem[] = [];
  for (const i of indexes) {
    const { kind = "", body } = items[i] ?? {};
    const draft = provider.normalise(kind, body, nowMs, sender);
    if (draft.ok) {
      drafts.push(draft.value);
      readable.push(i);
    } else {
      bad.push({ reason: draft.error, body: writtenDown(items[i], connection) });
      outcomes[i] = { unreadable: draft.error };
    }
  }
  const origin = { ...connection, connection: connection.id };
  const written = (n: number) => writtenDown(items[readable[n] ?? -1], connection);
  const accepted = await accept(ports, streams[provider.stream], origin, drafts, bad, written);
  readable.forEach((i, n) => {
    outcomes[i] = accepted[n] ?? "dropped";
  });
}

const writtenDown = (item: Item | undefined, connection: ConnectionRow): string =>
  parkedBody(item?.kind ?? "", connection.account, item?.body);

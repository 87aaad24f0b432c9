/**
 * What a proven delivery says, taken in the order in which it bears on what follows: whose accounts
 * are, then which of them give no more, then their data and notices. All of it is for accounts that
 * are linked by then; the rest is only counted.
 */
import type { ConnectionId } from "../../domain/identity.ts";
import { addsNothing, type Notice, type RecordedCounts } from "../../domain/ports.ts";
import { recordedOf } from "../../domain/recorded.ts";
import { isOfSamples } from "../../durable-objects/connection-apart.ts";
import { logLine } from "../../kernel/wide-event.ts";
import {
  type AccountNotice,
  type Delivery,
  nothing,
  type Provider,
  type Sender,
} from "../../providers/provider.ts";
import type { Observed } from "../../providers/recipe.ts";
import { cleanse } from "./cleanse.ts";
import { forgetCustomer } from "./customers.ts";
import { deliver, lookUp } from "./deliver.ts";
import { deliverSamples } from "./deliver-samples.ts";
import type { ConnectionRow } from "./members.ts";
import { takeLinks } from "./reference-links.ts";
import type { Call } from "./route.ts";

type Taking = Pick<Call, "ports" | "requestId" | "nowMs" | "later">;
type Known = ReadonlyMap<string, ConnectionRow>;

/** By what it is known who says it. */
export interface Proof {
  readonly kid: string;
  /** What came of a signature that proves nothing by itself. */
  readonly observed?: Observed;
  /** Whose it is, where the proof itself says so; absent: its accounts are looked up. */
  readonly known?: Known;
  /** Where it came from. */
  readonly sender?: Sender;
}

/**
 * What came of its items. Said again, all of it is the same. Throws `Unavailable`, like every port.
 *
 *   1. accounts that name their member are linked    "unavailable": nothing else of it is taken
 *   2. accounts that gave up are to be linked again, those that give again are not
 *   3. card numbers become tokens                    "card-number": nothing of it is taken, however
 *                                                    much else there is: it cannot be said which
 *   4. data is accepted: its own stream's, then samples
 *   5. those to be forgotten are
 *   6. notices are kept
 *   7. what is said without proof is noted
 */
export async function takeDelivery(
  call: Taking,
  provider: Provider,
  delivery: Delivery,
  { kid, observed, known, sender }: Proof,
): Promise<RecordedCounts | "unavailable" | "card-number" | "not-understood"> {
  const { ports, requestId, nowMs } = call;
  const heeded = heededOf(provider, delivery);
  const { claims, links = [], ends = [], grants = [], forgettings = [], later, unknown } = heeded;
  const samples = later?.items ?? [];
  const ofSamples = (later?.notices ?? []).filter((n) => isOfSamples(provider, n.collection));
  const notices = [...heeded.notices, ...ofSamples];
  const linked = await takeLinks({ ports, requestId, nowMs, provider }, links);
  if (linked === "unavailable") return linked;
  const entries = [links, ends, grants, heeded.items, forgettings, heeded.notices, claims].flat();
  const accounts = entries.map((entry) => entry.account);
  const all = [...accounts, ...[...samples, ...notices].map((entry) => entry.account)];
  const connections = known ?? (await lookUp(ports, provider, all));
  await tell(ends, connections, (id, { why, saidMs }) => ports.connection(id).ended(why, saidMs));
  await tell(grants, connections, (id, { saidMs }) => ports.connection(id).granted(saidMs));
  const cleansed = await cleanse(ports, provider, heeded.items, connections);
  if (!cleansed.ok) return cleansed.error === "too-deep" ? "not-understood" : cleansed.error;
  const outcomes = await deliver(ports, provider, cleansed.value, connections, nowMs, sender);
  const sampled = await deliverSamples({ ports, requestId, nowMs, provider }, samples, connections);
  for (const { account, person } of forgettings) {
    const connection = connections.get(account);
    if (connection !== undefined) await forgetCustomer(ports, connection, person, nowMs);
  }
  await Promise.all(
    [...noticesBy(notices, connections)].map(([connection, mine]) =>
      ports.connection(connection.id).notice(mine),
    ),
  );
  await tell(claims, connections, (id, { claim }) => ports.connection(id).unconfirmed(claim));
  const counts = {
    recorded: outcomes.filter((o) => o === "new" || o === "corrected").length,
    duplicates: outcomes.filter(addsNothing).length,
    parked: outcomes.filter((o) => typeof o === "object" || o === "unreadable").length,
  };
  logLine({
    event: "delivery",
    requestId,
    provider: provider.name,
    kid,
    observed: observed ?? null,
    items: accounts.length + unknown,
    dropped: accounts.filter((a) => !connections.has(a)).length + unknown,
    ...counts,
    forgotten: outcomes.filter((o) => o === "forgotten").length,
    linked,
    ended: ends.filter(({ account }) => connections.has(account)).length,
    later: (later?.items.length ?? 0) + (later?.notices.length ?? 0),
  });
  return recordedOf(counts, sampled);
}

/**
 * What a sender of this kind may say at all: whoever is known by hearsay only where to look, a
 * member's own app only data. Whatever else a body was read to say is counted, and nothing more.
 */
function heededOf({ facts, signature }: Provider, delivery: Delivery): Delivery {
  const { items, notices, claims, links = [], ends = [], grants = [] } = delivery;
  const isApp = signature.kind === "member-key" && signature.besides === undefined;
  if (!facts.hearsay && !isApp) return delivery;
  const later = delivery.later ?? { items: [], notices: [] };
  const ofNoUse = isApp ? [...notices, ...claims, ...later.notices] : [...items, ...later.items];
  const unheeded = [links, ends, grants, delivery.forgettings ?? [], ofNoUse].flat().length;
  const heeded = isApp ? { items } : { notices, claims };
  const heededLater = isApp ? { ...later, notices: [] } : { ...later, items: [] };
  return { ...nothing, ...heeded, later: heededLater, unknown: delivery.unknown + unheeded };
}

/** Each word once a connection, however often a delivery says it. */
async function tell<Word extends { readonly account: string }>(
  words: readonly Word[],
  connections: Known,
  say: (connection: ConnectionId, word: Word) => Promise<void>,
): Promise<void> {
  const once = new Map(words.map((word) => [JSON.stringify(word), word]));
  await Promise.all(
    [...once.values()].map((word) => {
      const connection = connections.get(word.account);
      return connection && say(connection.id, word);
    }),
  );
}

function noticesBy(
  notices: readonly AccountNotice[],
  connections: Known,
): Map<ConnectionRow, Notice[]> {
  const by = new Map<ConnectionRow, Notice[]>();
  for (const { account, ...notice } of notices) {
    const connection = connections.get(account);
    if (connection !== undefined) by.set(connection, [...(by.get(connection) ?? []), notice]);
  }
  return by;
}

/**
 * From a delivery's items of samples to recorded facts, each account's on its own. What cannot be read
 * is parked, like every bad item of a known account; of unknown accounts no trace is left.
 */
import type { ConnectionId } from "../../domain/identity.ts";
import { addsNothing, type RecordedCounts, type Zones } from "../../domain/ports.ts";
import { noneRecorded } from "../../domain/recorded.ts";
import type { SampleOutcome, SampleRecord } from "../../domain/samples/sample.ts";
import { streams } from "../../domain/streams.ts";
import type { Instant } from "../../domain/time.ts";
import { readItem, takeSamples, zonesOf } from "../../durable-objects/samples.ts";
import type { BadItem } from "../../kernel/accept.ts";
import { parkedBody } from "../../kernel/parked.ts";
import { logLine } from "../../kernel/wide-event.ts";
import type { Item, Provider } from "../../providers/provider.ts";
import type { ConnectionRow } from "./members.ts";
import type { Ports } from "./ports.ts";

const connectionsAtOnce = 4;

interface Delivering {
  readonly ports: Ports;
  readonly requestId: string;
  readonly nowMs: Instant;
  readonly provider: Provider;
}

/** What came of them. Throws `Unavailable`: said again, all of it is the same. */
export async function deliverSamples(
  delivering: Delivering,
  items: readonly Item[],
  connections: ReadonlyMap<string, ConnectionRow>,
): Promise<RecordedCounts> {
  const byConnection = new Map<ConnectionId, { connection: ConnectionRow; items: Item[] }>();
  for (const item of items) {
    const connection = connections.get(item.account);
    if (connection === undefined || !isTaken(delivering.provider, item)) continue;
    const known = byConnection.get(connection.id);
    if (known === undefined) byConnection.set(connection.id, { connection, items: [item] });
    else known.items.push(item);
  }
  const groups = [...byConnection.values()];
  if (groups.length === 0) return noneRecorded;
  const zones = await zonesOf(
    delivering.ports,
    groups.map(({ connection }) => connection.member),
  );
  const outcomes: SampleOutcome[] = [];
  let parked = 0;
  for (let i = 0; i < groups.length; i += connectionsAtOnce)
    await Promise.all(
      groups.slice(i, i + connectionsAtOnce).map(async ({ connection, items: mine }) => {
        const lived = zones.get(connection.member) ?? [];
        const taken = await deliverOne(delivering, mine, connection, lived);
        outcomes.push(...taken.outcomes);
        parked += taken.parked;
      }),
    );
  const counts = {
    recorded: outcomes.filter((o) => o === "new" || o === "corrected" || o === "retracted").length,
    duplicates: outcomes.filter(addsNothing).length,
    parked,
  };
  logLine({
    event: "samples",
    requestId: delivering.requestId,
    provider: delivering.provider.name,
    items: groups.reduce((sum, group) => sum + group.items.length, 0),
    ...counts,
    forgotten: outcomes.filter((o) => o === "forgotten").length,
  });
  return counts;
}

const isTaken = ({ samples }: Provider, { kind }: Item): boolean =>
  samples?.kinds.includes(kind) === true;

/**
 *   1. what cannot be read is parked       the same item parks once
 *   2. the rest is taken                   durable: only now may a 2xx be answered
 */
async function deliverOne(
  { ports, provider, nowMs }: Delivering,
  items: readonly Item[],
  connection: ConnectionRow,
  zones: Zones,
): Promise<{ readonly outcomes: readonly SampleOutcome[]; readonly parked: number }> {
  const records: SampleRecord[] = [];
  const bad: BadItem[] = [];
  for (const item of items) {
    const read = readItem(provider, item.kind, item.body, zones, nowMs);
    records.push(...read.records);
    if (read.reason !== null)
      bad.push({
        reason: read.reason,
        body: parkedBody(item.kind, connection.account, item.body),
      });
  }
  const { id, member, forgottenToMs } = connection;
  if (bad.length > 0)
    await ports.vault.park(
      bad.map((item) => ({ member, connection: id, provider: provider.name, ...item })),
    );
  const ledger = ports.ledger(streams.samples, member);
  const origin = { member, connection: id, forgottenToMs };
  const outcomes = await takeSamples({ work: ports.work, ledger }, origin, records, zones);
  return { outcomes, parked: bad.length };
}

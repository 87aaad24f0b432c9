/**
 * A parked item read once more by today's rules. Its restricted parts are sealed or merged here, and
 * what is open of it is handed back, to be recorded before the item is let go of. Read twice, it is
 * the same; and what it says is older than all that was taken of the same since.
 */
import type { Digest, FactId } from "../../domain/identity.ts";
import type { OpenFact, Replayed, ReplayedBy } from "../../domain/ports.ts";
import type { SampleRecord } from "../../domain/samples/sample.ts";
import { streamNamed } from "../../domain/streams.ts";
import { readItem, takeSamples } from "../../durable-objects/samples.ts";
import { shape } from "../../kernel/accept.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Vault } from "./env.ts";
import type { OpenedParked } from "./parked-store.ts";
import { mergeSamples } from "./sample-merge.ts";
import { sealRows } from "./sealed-store.ts";

/** As `parkedBody` of the kernel wrote it. */
interface Parked {
  readonly kind: string;
  readonly account: string;
  readonly item: unknown;
}
interface Replaying {
  readonly vault: Vault;
  readonly digest: Digest;
  readonly provider: Provider;
  readonly entry: OpenedParked["entry"];
  readonly parked: Parked;
  readonly nowMs: () => number;
}

/** An item whose member was erased meanwhile is not there any more: null. */
export async function replayItem(
  vault: Vault,
  digest: Digest,
  { entry, body }: OpenedParked,
  by: ReplayedBy | null,
  nowMs: () => number,
): Promise<Replayed | null> {
  const provider = providerNamed(entry.provider);
  if (provider === undefined) return { still: "unknown-provider" };
  const parked = parseParked(body);
  if (parked === null) return { still: entry.reason };
  if (parked.kind === "body") return { still: "not-json" };
  const replaying = { vault, digest, provider, entry, parked, nowMs };
  if (provider.samples?.kinds.includes(parked.kind) !== true) return replayFact(replaying);
  return by === null ? { still: "no-zones", wanted: entry } : replaySamples(replaying, by);
}

async function replayFact(replaying: Replaying): Promise<Replayed | null> {
  const { vault, digest, provider, entry, parked, nowMs } = replaying;
  const stream = streamNamed(provider.stream);
  if (stream === undefined) return { still: "unknown-provider" };
  const draft = provider.normalise(parked.kind, parked.item, nowMs());
  if (!draft.ok) return { still: draft.error };
  const { member, connection } = entry;
  const origin = { member, connection, provider: provider.name, account: parked.account };
  const [shaped] = await shape(digest, () => unnumbered, stream, origin, [draft.value]);
  if (shaped === undefined || shaped.kind === "unreadable") return { still: "out-of-range" };
  if (shaped.kind === "fact") {
    const outcome = await sealRows(vault, member, connection, [shaped.row], nowMs());
    if (outcome === "forgotten") return null;
  }
  return { entry, statements: [shaped.statement] };
}

/** Content that its source does not number is the first of its kind: it was never recorded. */
const unnumbered = {
  number: async (contents: readonly unknown[]): Promise<number[]> => contents.map(() => 1),
};

/** The ledger is not the vault's: what it is to record is kept for whoever asked. */
async function replaySamples(
  { vault, digest, provider, entry, parked, nowMs }: Replaying,
  { zones, forgottenToMs }: ReplayedBy,
): Promise<Replayed> {
  const { records, reason } = readItem(provider, parked.kind, parked.item, zones, nowMs());
  if (records.length === 0 && reason !== null) return { still: reason };
  const facts = new Map<FactId, OpenFact>();
  const outcomes = await takeSamples(
    {
      work: {
        mergeSamples: (member, connection, page) =>
          mergeSamples(vault, digest, { member, connection, zones }, page, nowMs),
      },
      ledger: {
        async record(page) {
          for (const fact of page) facts.set(fact.id, fact);
        },
      },
    },
    { member: entry.member, connection: entry.connection, forgottenToMs },
    records.map(belowAll),
    zones,
  );
  return { entry, merged: { outcomes, facts: [...facts.values()] }, still: reason };
}

/**
 * What its source does not number is numbered from one on as it comes, and this comes late: it stands
 * only where nothing else does. That something is gone holds whenever it is heard.
 */
const belowAll = (record: SampleRecord): SampleRecord =>
  record.revision === null && record.gone !== true ? { ...record, revision: 0 } : record;

/** Null when it is something else. */
function parseParked(body: string): Parked | null {
  try {
    const parked: unknown = JSON.parse(body);
    if (typeof parked !== "object" || parked === null) return null;
    const { kind, account, item } = parked as Record<string, unknown>;
    if (typeof kind !== "string") return null;
    return { kind, account: typeof account === "string" ? account : "", item };
  } catch {
    return null;
  }
}

/**
 * A member's open data page by page, for their export: one ledger after the other, stream by stream.
 * What lies in a ledger of their own comes as it resolves, each thing once; where other members' lies
 * beside it, it comes as its sources stated it.
 */
import { takeaways, takenStreams } from "../../domain/export/index.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { ExportPage, Page } from "../../domain/ports.ts";
import { isByMember, shardsOf } from "../../domain/shards.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { providerNamed } from "../../providers/index.ts";
import { everyLinkOf } from "./members.ts";
import type { Ports } from "./ports.ts";

interface Source {
  readonly stream: AnyStream;
  readonly shard: string;
  readonly itemsMax: number;
}

/** Of shared ledgers only those of streams that the member ever had an account for. */
async function sourcesOf(ports: Ports, member: MemberId): Promise<Source[]> {
  const links = await everyLinkOf(ports, member);
  const fed = new Set(links.map(({ provider }) => providerNamed(provider)?.stream));
  return takenStreams
    .filter((name) => isByMember(streams[name]) || fed.has(name))
    .flatMap((name) => {
      const stream: AnyStream = streams[name];
      const { itemsMax } = takeaways[name];
      return shardsOf(stream, member).map((shard) => ({ stream, shard, itemsMax }));
    });
}

/** A cursor says which ledger, by its name, and where in it. */
type Place = readonly [ledger: string, before: string | null];

const nameOf = ({ stream, shard }: Source): string => `${stream.name}/${shard}`;

function read(
  ports: Ports,
  member: MemberId,
  { stream, shard, itemsMax }: Source,
  place: string | null,
): Promise<Page<unknown>> {
  const ledger = ports.ledger(stream, shard);
  return isByMember(stream)
    ? ledger.list(place, itemsMax)
    : ledger.facts(0, Number.MAX_SAFE_INTEGER, place, itemsMax, member);
}

/** The page at a cursor, or the first one after it that has anything in it. */
export async function exportPage(
  ports: Ports,
  member: MemberId,
  cursor: string | null,
): Promise<Pick<ExportPage, "stream" | "items" | "next">> {
  const sources = await sourcesOf(ports, member);
  const [ledger, before] = cursor === null ? [null, null] : (JSON.parse(cursor) as Place);
  let at = Math.max(
    0,
    sources.findIndex((source) => nameOf(source) === ledger),
  );
  for (let place = before; ; at++, place = null) {
    const source = sources[at] as Source;
    const { items, next } = await read(ports, member, source, place);
    const following = next === null ? sources[at + 1] : source;
    if (items.length === 0 && next === null && following !== undefined) continue;
    const to: Place | null = following === undefined ? null : [nameOf(following), next];
    return { stream: source.stream.name, items, next: to && JSON.stringify(to) };
  }
}

/**
 * Where a member's samples lie. A chunk is a row of the connection that it came by, so that erasing
 * that erases it; what the vault makes of chunks and knows of devices are rows of the member's own.
 *
 *   chunk/<UTC day>/<digest>   one metric by one connection; which one, only the digest says
 *   day/<local day>            groups `day` and `hours`: what that day came to
 *   devices                    the member's devices and their orders
 *   goals                      what the member aims at
 *   insights                   which insights the member took note of
 */
import type { ConnectionId, Digest, FactId, MemberId } from "../../domain/identity.ts";
import type { Metric } from "../../domain/samples/metrics.ts";
import { type DeviceId, deviceIdPrefix } from "../../domain/samples/sample.ts";
import type { LocalDate } from "../../domain/time.ts";

const version = 1;
const digestChars = 22;

export const devicesRow = "devices";
export const goalsRow = "goals";
export const insightsRow = "insights";
export const dayRow = (date: LocalDate): string => `day/${date}`;
export const chunkDayOf = (row: string): LocalDate => row.split("/")[1] ?? "";

/** Text that begins with the prefix lies from the first up to the second, which it does not reach. */
const below = (prefix: string): string => `${prefix.slice(0, -1)}0`;
export const chunkRows = "chunk/";
export const belowChunkRows = below(chunkRows);
export const dayRows = "day/";
export const belowDayRows = below(dayRows);

/** Digests of one member, each made once. */
export class SampleNames {
  readonly member: MemberId;
  readonly #digest: Digest;
  readonly #made = new Map<string, Promise<string>>();

  constructor(digest: Digest, member: MemberId) {
    this.#digest = digest;
    this.member = member;
  }

  async chunk(metric: Metric, connection: ConnectionId | string, day: LocalDate): Promise<string> {
    const named = ["chunk", version, this.member, connection, metric, day];
    return `${chunkRows}${day}/${await this.#short(named)}`;
  }

  async device(rawId: string): Promise<DeviceId> {
    return `${deviceIdPrefix}${await this.#short(["device", version, this.member, rawId])}`;
  }

  async dayFact(date: LocalDate): Promise<FactId> {
    return `${dayRow(date)}/${await this.#short(["day", version, this.member, date])}` as FactId;
  }

  #short(named: readonly (string | number)[]): Promise<string> {
    const name = JSON.stringify(named);
    const made =
      this.#made.get(name) ?? this.#digest(named).then((whole) => whole.slice(0, digestChars));
    this.#made.set(name, made);
    return made;
  }
}

/** Open facts of samples, as the vault hands them back. */
import type { ConnectionId, FactId, MemberId } from "../../../domain/identity.ts";
import type { ChunkFact, DayFact } from "../../../domain/samples/schema.ts";
import type { LocalDate } from "../../../domain/time.ts";

export const ada = "mem_ada" as MemberId;
export const midnight = (day: LocalDate): number => Date.parse(`${day}T00:00:00Z`);

export const chunkOf = (
  day: LocalDate,
  name: string,
  over: Partial<ChunkFact> = {},
): ChunkFact => ({
  id: `chunk/${day}/${name}` as FactId,
  revision: 1,
  at: midnight(day),
  member: ada,
  connection: "c_watch" as ConnectionId,
  kind: "chunk",
  bytes: 4096,
  digest: "d".repeat(43),
  ...over,
});

/** Of a member whose clock shows UTC plus `offsetMin` minutes. */
export const dayOf = (day: LocalDate, over: Partial<DayFact> = {}, offsetMin = 0): DayFact => ({
  id: `day/${day}/${over.member ?? ada}` as FactId,
  revision: 1,
  at: midnight(day) - offsetMin * 60_000,
  member: ada,
  connection: null,
  kind: "day",
  day,
  steps: null,
  distanceMm: null,
  energyMcal: null,
  ...over,
});

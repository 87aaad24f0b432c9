/** One thing that counts, as a partition concludes it, and as a row of the archive. */
import type { AnyStream } from "../../domain/streams.ts";
import type { LocalDate } from "../../domain/time.ts";
import type { ResolvedRow } from "./parquet.ts";

export interface Concluded {
  readonly subject: string;
  readonly id: string;
  readonly at: number;
  readonly body: unknown;
}

export const resolvedRow = (
  stream: AnyStream,
  day: LocalDate,
  { subject, id, at, body }: Concluded,
): ResolvedRow => {
  const row: ResolvedRow & Record<string, unknown> = { subject, id, day, at };
  for (const column of stream.columns) row[column.name] = column.of(body);
  return row;
};

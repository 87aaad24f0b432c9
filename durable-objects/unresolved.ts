/** Days of a bucket that settlement has to resolve anew, as the warehouse keeps them. */
import type { LocalDate } from "../domain/time.ts";

/**
 * A mark that was cleared and is set again must be another one, so it begins at the time: whoever
 * resolved under the old one does not clear it.
 */
export const markUnresolved = (
  warehouse: D1Database,
  stream: string,
  bucket: number,
  days: readonly LocalDate[],
  nowMs: number,
): D1PreparedStatement =>
  warehouse
    .prepare(
      `INSERT INTO unresolved (stream, day, bucket, since, mark)
       SELECT ?1, value, ?2, ?4, ?4 FROM json_each(?3) WHERE true
       ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark)`,
    )
    .bind(stream, bucket, JSON.stringify(days), nowMs);

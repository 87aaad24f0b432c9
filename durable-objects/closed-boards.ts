/** Closed boards as the warehouse and their bucket keep them, for whoever reads or marks them. */
import type { ClosedBoard, ClosedObjects } from "../kernel/boards/closed.ts";

/** Null: none was made yet, so nobody was on it, or it closed only now. */
export async function closedBoard(
  warehouse: D1Database,
  stream: string,
  period: string,
): Promise<ClosedBoard | null> {
  const row = await warehouse
    .prepare(
      "SELECT version, body, made_at FROM closed_board WHERE stream = ? AND period = ? AND version > 0",
    )
    .bind(stream, period)
    .first<{ version: number; body: string; made_at: number }>();
  if (row === null) return null;
  const { version, body, made_at: madeAtMs } = row;
  return { stream, period, version, body: JSON.parse(body), madeAtMs };
}

export const closedObjects = (bucket: Pick<R2Bucket, "get">): ClosedObjects => ({
  async read(name, offset, length) {
    const object = await bucket.get(name, { range: { offset, length } });
    return object === null ? null : new Uint8Array(await object.arrayBuffer());
  },
});

/**
 * A member left boards or joined them: the archive's next run marks the closed boards that they are
 * in by what they did. Until those are made anew, whoever shows one leaves out who left.
 */
export const markClosings = (
  warehouse: D1Database,
  member: string,
  nowMs: number,
): D1PreparedStatement =>
  warehouse
    .prepare(
      `INSERT INTO closing_member (member, since, mark) VALUES (?1, ?2, ?2)
       ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark)`,
    )
    .bind(member, nowMs);

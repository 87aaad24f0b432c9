/**
 * The warehouse's index of the archive. Everything here may be repeated: an older version of a
 * partition never overwrites what a newer one came to, and a mark goes only as the one it was read.
 */
import type { MemberSettings, Partition } from "../../domain/ports.ts";
import { markUnresolved } from "../../durable-objects/unresolved.ts";
import type { Index, Landed } from "../../kernel/settle/ports.ts";
import { heldText } from "./partition.ts";
import { batchesBetween } from "./sorting-store.ts";
import { countedStatements } from "./totals-store.ts";
import { forgottenOf, repeatable } from "./warehouse.ts";

export const indexOf = (warehouse: D1Database): Index => ({
  async landed({ stream, day, bucket }, limit) {
    const { results } = await repeatable(() =>
      warehouse
        .prepare(
          `SELECT object, bytes FROM landed WHERE stream = ? AND day = ? AND bucket = ?
           ORDER BY landed_at, object LIMIT ?`,
        )
        .bind(stream, day, bucket, limit)
        .all<Landed & Record<string, unknown>>(),
    );
    return results.map(({ object, bytes }) => ({ object, bytes }));
  },

  async merged({ stream, day, bucket }, objects) {
    await repeatable(() =>
      warehouse.batch([
        warehouse
          .prepare("DELETE FROM landed WHERE object IN (SELECT value FROM json_each(?))")
          .bind(JSON.stringify(objects)),
        warehouse
          .prepare(
            `DELETE FROM dirty WHERE stream = ?1 AND day = ?2 AND bucket = ?3 AND NOT EXISTS
             (SELECT 1 FROM landed WHERE stream = ?1 AND day = ?2 AND bucket = ?3)
             AND NOT EXISTS (SELECT 1 FROM landed WHERE object > ?4 AND object < ?5
               AND day IS NULL AND instr(holds, ?6) > 0)`,
          )
          .bind(stream, day, bucket, ...batchesBetween(stream), heldText({ stream, day, bucket })),
        ...(objects.length === 0 ? [] : [stubStatement(warehouse, { stream, day, bucket })]),
      ]),
    );
  },

  forgotten: (ledgers) => forgottenOf(warehouse, ledgers),

  async zones(subjects) {
    const { results } = await repeatable(() =>
      warehouse
        .prepare("SELECT id, zones FROM member WHERE id IN (SELECT value FROM json_each(?))")
        .bind(JSON.stringify(subjects))
        .all<{ id: string; zones: string }>(),
    );
    return new Map(
      results.map(({ id, zones }) => [id, JSON.parse(zones) as MemberSettings["zones"]]),
    );
  },

  async markUnresolved(stream, bucket, days, nowMs) {
    if (days.length === 0) return;
    await repeatable(() => markUnresolved(warehouse, stream, bucket, days, nowMs).run());
  },

  async unresolvedMark({ stream, day, bucket }) {
    return repeatable(() =>
      warehouse
        .prepare("SELECT mark FROM unresolved WHERE stream = ? AND day = ? AND bucket = ?")
        .bind(stream, day, bucket)
        .first<number>("mark"),
    );
  },

  /** Also what was merged and not counted yet: it is dirty or unresolved until it is mirrored. */
  async settledDays(stream, bucket, from, to) {
    const { results } = await repeatable(() =>
      warehouse
        .prepare(
          ["partition", "dirty", "unresolved"]
            .map(
              (table) =>
                `SELECT day FROM ${table} WHERE stream = ?1 AND day BETWEEN ?2 AND ?3 AND bucket = ?4`,
            )
            .join(" UNION "),
        )
        .bind(stream, from, to, bucket)
        .all<{ day: string }>(),
    );
    return results.map(({ day }) => day).sort();
  },

  async counted(counted) {
    await repeatable(() => warehouse.batch(countedStatements(warehouse, counted)));
  },
});

/** There is a manifest now; what it says is mirrored when the partition is counted. */
const stubStatement = (
  warehouse: D1Database,
  { stream, day, bucket }: Partition,
): D1PreparedStatement =>
  warehouse
    .prepare(
      `INSERT INTO partition (stream, day, bucket, version, facts_rows, facts_bytes, resolved_rows,
         resolved_bytes, rule, rules, settled_at, checked_at)
       VALUES (?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING`,
    )
    .bind(stream, day, bucket);

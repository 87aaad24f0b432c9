/**
 * The measures' SQL beside their TypeScript, by rules under which every case comes out another way:
 * what is unknown of a listen is known to no engine.
 */
import { describe, expect, it } from "vitest";
import { listenMeasures } from "../../domain/listens/measures.ts";
import { resolveListens } from "../../domain/listens/resolved.ts";
import { listens } from "../../domain/listens/stream.ts";
import { rulesAt } from "../../domain/stream.ts";
import { duckOver } from "./duck.ts";
import { listen } from "./listen-facts.ts";

const at = Date.UTC(2026, 2, 14, 12);
const hour = 3_600_000;
const lengths = [null, 1, 19_999, 39_998, 39_999, 40_000, 40_001, 60_000, 900_000];
const played = [null, 0, 9_999, 19_999, 20_000, 30_000];
const cases = lengths.flatMap((durationMs) => played.map((playedMs) => ({ durationMs, playedMs })));
const heard = cases.flatMap(({ durationMs, playedMs }, n) =>
  resolveListens([listen({ id: `f${n}`, at: at + n * hour, durationMs, playedMs })]),
);

describe.each([
  { least_ms: 20_000, half_at_most_ms: 240_000, unsaid_ms: 10_000 },
  { least_ms: 20_000, half_at_most_ms: 15_000, unsaid_ms: 30_000 },
  { least_ms: 30_000, half_at_most_ms: 240_000, unsaid_ms: 30_000 },
])("where listens count by %o", (values) => {
  it.each(listenMeasures)("$name is the same in SQL", async ({ of, sql }) => {
    const rows = heard.map(({ id, durationMs, playedMs }) => {
      const numbers = [durationMs, playedMs].map((n) => `CAST(${n ?? "NULL"} AS BIGINT)`);
      return `('mem_1', '${id}', '2026-03-14', ${at}, 'key', ${numbers.join(", ")})`;
    });
    const duck = await duckOver(null, listens);
    const found = await duck.ask(
      `WITH resolved(subject, id, day, "at", key, duration_ms, played_ms) AS
         (VALUES ${rows.join(", ")}),
       rules AS (SELECT '0000-01-01' AS from_day, '9999-12-31' AS until_day,
         ${Object.entries(values).map(([name, n]) => `${n} AS ${name}`)})
       SELECT id FROM (${sql}) ORDER BY id`,
    );
    duck.end();
    const rules = rulesAt({ version: 1, history: [{ from: "0001-01-01", values }] });
    const counted = heard.filter((one) => [...of(one, rules)].length > 0).map(({ id }) => id);
    expect(found.map(({ id }) => id)).toEqual(counted.sort());
  });
});

/**
 * Months that are paid again: what counts as a listen is a rule, and a changed one counts the past
 * out of the archive as it lies there; listens that come late, twice or are taken back do to a
 * statement what they do to the totals that it is made of.
 */
import { describe, expect, it } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import { listenRules } from "../../domain/listens/measures.ts";
import { listens } from "../../domain/listens/stream.ts";
import { bucketOf, type Change, type OpenStatement } from "../../domain/ports.ts";
import { type RoyaltyRules, statementVersion } from "../../domain/royalties/rules.ts";
import {
  type MonthTotal,
  type RoyaltyStatement,
  royalty,
  statementText,
  trackOf,
} from "../../domain/royalties/statement.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { monthOf } from "../../domain/time.ts";
import { recountPartition } from "../../kernel/settle/settle.ts";
import { type MemoryArchive, memoryArchive } from "../kernel/settle/memory-archive.ts";
import { nowMs, settle } from "../kernel/settle/settling.ts";
import { listen } from "../oracle/listen-facts.ts";

const march = Date.UTC(2026, 2, 30, 22);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const pool = { currency: "EUR", amountMinor: 10_000 };
const paying: RoyaltyRules = {
  version: 1,
  history: [{ from: "0001-01", minimum: 0, weights: {} }],
};
const period = "2026-03";

let seq = 0;
/** As a member's ledger publishes it. */
function published(member: string, day: string, statement: OpenStatement): Change {
  const bucket = bucketOf(member, listens.buckets);
  return { ledger: `listens/${member}`, seq: ++seq, stream: "listens", day, bucket, statement };
}
const heard = (id: string, at: number, track: string, playedMs: number, member = "m1") =>
  published(
    member,
    new Date(at).toISOString().slice(0, 10),
    listen({ id, at, track, playedMs, territory: "NL" }) as unknown as OpenStatement,
  );
const night: readonly Change[] = [
  heard("a", march, "Long", 200_000),
  heard("b", march + hourMs, "Long", 45_000),
  heard("c", march + dayMs, "Short", 31_000),
  heard("d", march + 2 * dayMs, "Short", 90_000),
  heard("e", march + hourMs, "Short", 10_000, "m2"),
];

async function archived(changes: readonly Change[]): Promise<MemoryArchive> {
  const archive = memoryArchive();
  await archive.land(changes);
  await settle(archive, listens);
  return archive;
}

/** Out of the parts of the month, counted under one version of the rules. */
function stated(archive: MemoryArchive, rules = 1): RoyaltyStatement {
  const month = new Map<string, MonthTotal>();
  for (const { manifest, rules: counted, parts } of archive.counted.values())
    for (const { measure, key, n } of counted === rules && monthOf(manifest.day) === period
      ? parts
      : []) {
      const held = month.get(key) ?? { key, listens: 0, qualified: 0 };
      month.set(key, { ...held, [measure]: held[measure as "listens" | "qualified"] + n });
    }
  const looked = new Map<string, number>();
  for (const { key, qualified } of month.values())
    looked.set(trackOf(key), (looked.get(trackOf(key)) ?? 0) + qualified);
  return royalty({ period, rules, month: [...month.values()], looked }, paying, pool);
}
const linesOf = (statement: RoyaltyStatement) =>
  statement.lines.map((l) => [l.trackKey, l.listens, l.qualified, l.amountMinor]);

describe("a changed rule of counting", () => {
  const stricter: AnyStream = {
    ...listens,
    rules: {
      version: 2,
      history: listenRules.history.map(({ from, values }) => {
        return { from, values: { ...values, least_ms: 60_000 } };
      }),
    },
  };

  it("pays March anew from the archive, with every object's bytes as they were", async () => {
    const archive = await archived(night);
    const first = stated(archive);
    expect(linesOf(first)).toEqual([
      ["long", 2, 2, 6667],
      ["short", 2, 1, 3333],
    ]);
    const before = structuredClone([...archive.objects]);
    archive.fail(null);
    for (const partition of archive.settled())
      expect(await recountPartition(archive.ports, stricter, partition, nowMs)).not.toBeNull();
    expect([...archive.objects]).toEqual(before);
    expect(archive.calls).not.toContain("create");
    expect(archive.calls).not.toContain("swap");
    const second = stated(archive, 2);
    expect(linesOf(second)).toEqual([
      ["long", 2, 1, 10_000],
      ["short", 2, 0, 0],
    ]);
    expect([first.version, second.version]).toEqual([
      statementVersion(1, 1),
      statementVersion(2, 1),
    ]);
    expect(statementText(stated(archive))).toBe(statementText(first));
  });
});

describe("a statement follows what is archived", () => {
  it("has March's listens that come in April, and none of April's", async () => {
    const archive = await archived(night.slice(0, 2));
    await archive.land(night.slice(2));
    await settle(archive, listens);
    expect(statementText(stated(archive))).toBe(statementText(stated(await archived(night))));
    expect(stated(archive)).toMatchObject({ listens: 4, qualified: 3 });
  });

  it("stays the same bytes when everything is said twice, for a week", async () => {
    const archive = await archived(night);
    const before = statementText(stated(archive));
    for (let day = 0; day < 7; day++) {
      await archive.land(night.map((change) => ({ ...change, seq: ++seq })));
      await settle(archive, listens);
    }
    expect(statementText(stated(archive))).toBe(before);
  });

  it("pays no more for a listen that is taken back", async () => {
    const archive = await archived(night);
    const [first] = night as [Change];
    const gone = { id: "a" as FactId, revision: Number.MAX_SAFE_INTEGER, retracted: true as const };
    await archive.land([published("m1", first.day, gone)]);
    await settle(archive, listens);
    expect(linesOf(stated(archive))).toEqual([
      ["long", 1, 1, 5000],
      ["short", 2, 1, 5000],
    ]);
  });

  it("pays nothing for who is forgotten, whatever of theirs comes again", async () => {
    const archive = await archived(night);
    archive.forgotten.add("listens/m1");
    for (const partition of archive.settled()) archive.markDirty(partition);
    await settle(archive, listens);
    await archive.land(night.map((change) => ({ ...change, seq: ++seq })));
    await settle(archive, listens);
    expect(linesOf(stated(archive))).toEqual([["short", 1, 0, 0]]);
  });
});

import { describe, expect, it } from "vitest";
import { bucketOf, type Change } from "../../../domain/ports.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import {
  type FactRow,
  factFields,
  type ResolvedRow,
  rowGroups,
  rowsPerGroup,
  sha256Of,
  VersionWriter,
} from "../../../kernel/settle/parquet.ts";
import { rulesRows } from "../../../kernel/settle/totals.ts";
import { Window } from "../../../kernel/settle/window.ts";
import { day, morning, workout } from "../../domain/workouts/facts.ts";
import { changesOf, memoryArchive, zstd } from "./memory-archive.ts";
import { resolvedIn, settle, totalsOf } from "./settling.ts";

/** Subjects of one bucket, one of which has a row more a day than the others. */
const subjects = Array.from({ length: 400 }, (_, i) => `mem_${i}`).filter(
  (s) => bucketOf(s, 16) === 3,
);
const changes = (): Change[] =>
  subjects.flatMap((subject, n) =>
    changesOf(
      subject,
      [0, 1, 2].map((d) => ({
        day: `2026-11-${14 + d}`,
        statement: workout({ id: `${subject}-${d}`, at: morning + d * day + n } as object) as never,
      })),
    ),
  );

describe("a window over days", () => {
  it("holds a bounded number of rows, and passes over nobody", async () => {
    const archive = memoryArchive();
    await archive.land(changes());
    await settle(archive);
    const window = new Window(archive.ports, "workouts", 3);
    const span = { fromMs: morning - day, toMs: morning + 4 * day };
    await window.know(span, 0);
    const seen: string[] = [];
    let from: string | null = null;
    do {
      const slice: Awaited<ReturnType<Window["load"]>> = await window.load(
        window.concerning(span),
        from,
        null,
        20,
      );
      const rows = [...slice.subjects.values()];
      expect(rows.flat().length).toBeLessThanOrEqual(20);
      for (const one of rows) expect(one.length).toBe(3);
      seen.push(...slice.subjects.keys());
      from = slice.next;
    } while (from !== null);
    expect(seen).toEqual([...subjects].sort());
    expect(totalsOf(archive)["count all"]).toBe(3 * subjects.length);
    const rows: ResolvedRow[] = await resolvedIn(archive);
    const columns = ["subject", "id", "day", "at", ...workouts.columns.map((c) => c.name)];
    expect(Object.keys(rows[0] ?? {})).toEqual(columns);
  });
});

describe("a version", () => {
  const rows = Array.from({ length: 3 * rowsPerGroup - 5 }, (_, i): FactRow => {
    const subject = `mem_${String(Math.floor(i / 3)).padStart(20, "0")}`;
    const key = { subject, id: `fact-${i % 3}`, seq: i, revision: 2 ** 50 + i };
    return i % 5 === 0
      ? { ...key, kind: "retraction", at: null, until: null, body: null }
      : { ...key, kind: "fact", at: -i, until: i, body: JSON.stringify({ i, text: "ä€😀" }) };
  });
  const written = () => {
    const writer = new VersionWriter<FactRow>(factFields, zstd);
    for (const row of rows) writer.add(row);
    return writer.finish();
  };
  const read = async (bytes: Uint8Array, range?: { from: string; before: string }) => {
    const object = { object: "x", rows: rows.length, bytes: bytes.length, sha256: "" };
    const groups: FactRow[][] = [];
    for await (const group of rowGroups<FactRow>(bytes, object, zstd, range && (() => range)))
      groups.push(group);
    return groups;
  };

  it("is the same bytes for the same rows, and reads back as they were", async () => {
    const bytes = written();
    expect(await sha256Of(written())).toBe(await sha256Of(bytes));
    expect((await read(bytes)).flat()).toEqual(rows);
  });

  it("is read only where subjects of the range may lie", async () => {
    const last = rows.at(-1)?.subject ?? "";
    const groups = await read(written(), { from: last, before: `${last}~` });
    expect(groups.length).toBe(1);
    expect(groups[0]?.at(-1)).toEqual(rows.at(-1));
    const first = rows[0]?.subject ?? "";
    expect((await read(written(), { from: first, before: `${first}~` })).length).toBe(1);
  });
});

describe("the rules as a table", () => {
  it("hold each from its day until before the next one, the first since ever", () => {
    const history = [
      { from: "0001-01-01", values: { least: 0 } },
      { from: "2026-05-31", values: { least: 5 } },
    ];
    expect(rulesRows({ version: 2, history })).toEqual([
      { from_day: "0000-01-01", until_day: "2026-05-31", least: 0 },
      { from_day: "2026-05-31", until_day: "9999-12-31", least: 5 },
    ]);
  });
});

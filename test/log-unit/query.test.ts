/**
 * One query over both halves of several logs: page after page, exactly what a plain filter over
 * every entry gives, in one order, whatever lies in the archive and however little a page may read.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Action, type DeedDraft, deeds, entryText } from "../../domain/audit.ts";
import type { ArchivedDay, EntryPlace, EntryQuery, EntryRow, LogPort } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { archivePath, bucketFile, bucketOf } from "../../durable-objects/log-parquet.ts";
import { archivedTexts } from "../../workers/vault/log-archive.ts";
import { pageOf } from "../../workers/vault/log-query.ts";
import type { Logs } from "../../workers/vault/logs.ts";
import { memoryR2 } from "../fakes/memory-r2.ts";

const startMs = Date.UTC(2026, 3, 1);
const nowMs = startMs + 400 * msPerDay;
const salt = "AAAAAAAAAAAAAAAAAAAAAA";
const members = ["0a", "0b", "1c", "ff", ""].map((head) => head.padEnd(head.length * 16, "7"));
const actors = ["m_coach", "guest_x", members[0] as string];
const deedNames = ["read-readings", "grant-consent", "erase-member", "rotate-epoch"] as const;

interface Said {
  readonly atMs: number;
  readonly member: string;
  readonly actor: string;
  readonly deed: (typeof deedNames)[number];
  /** Closes the newest open intent. */
  readonly closes: boolean;
}
interface Held extends EntryRow {
  readonly member: string;
  readonly actor: string;
  readonly action: Action | null;
  readonly bucket: string;
  readonly closes: number | null;
}

/** As the object would have sequenced them. */
function sequenced(said: readonly Said[]): Held[] {
  const held: Held[] = [];
  let open: number | null = null;
  for (const [index, one] of [...said].sort((a, b) => a.atMs - b.atMs).entries()) {
    const outcome = { outcome: "permitted", ground: "own", rows: index };
    const deed = open === null ? undefined : held[open];
    if (one.closes && deed !== undefined) {
      const text = entryText({ closes: deed.index, ...outcome }, salt, one.atMs);
      held[deed.index] = { ...deed, closedBy: { index, text } };
      const { bucket } = deed;
      const nobody = { member: "", actor: "", action: null, closedBy: null };
      held.push({ index, atMs: one.atMs, text, bucket, closes: deed.index, ...nobody });
      open = null;
      continue;
    }
    const { deed: name, member, actor, atMs } = one;
    const draft: DeedDraft = {
      ...{ deed: name, actor, role: "coach", member, columns: ["heart_rate"], purpose: "care" },
      ...outcome,
      outcome: "intended",
    };
    const text = entryText(draft, salt, atMs);
    const bucket = bucketOf(member);
    const row = { index, atMs, text, closedBy: null, closes: null };
    held.push({ ...row, member, actor, action: deeds[name], bucket });
    open = index;
  }
  return held;
}

const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
const asked = (held: Held, query: EntryQuery): boolean =>
  held.closes === null &&
  (query.member === null || held.member === query.member) &&
  (query.actor === null || held.actor === query.actor) &&
  (query.action === null || held.action === query.action) &&
  (query.fromMs === null || held.atMs >= query.fromMs) &&
  (query.toMs === null || held.atMs <= query.toMs);

/** Logs of which everything before a day is in the archive. `reads` counts files that were opened. */
async function logsOver(all: readonly (readonly Held[])[], recentFromMs: number) {
  const archive = memoryR2();
  const reads = { files: 0 };
  const counted = new Proxy(archive, {
    get(target, name) {
      if (name !== "get") return Reflect.get(target, name) as unknown;
      return (key: string, options: { range: { suffix?: number } }) => {
        if (options.range.suffix !== undefined) reads.files++;
        return target.get(key, options as never);
      };
    },
  });
  const days = await Promise.all(
    all.map((held, log) =>
      archiveDays(
        archive,
        log,
        held.filter((e) => e.atMs < recentFromMs),
      ),
    ),
  );
  const port = (log: number): Partial<LogPort> => {
    const recent = (all[log] ?? []).filter(({ atMs }) => atMs >= recentFromMs).reverse();
    return {
      recent: async (query, before, limit) =>
        recent
          .filter((one) => asked(one, query) && (before === null || one.index < before))
          .slice(0, limit),
      archived: async (fromMs, toMs) =>
        (days[log] ?? []).filter(
          (day) => (fromMs === null || fromMs <= day.toMs) && (toMs === null || day.fromMs <= toMs),
        ),
    };
  };
  const numbers = all.map((_, log) => log);
  const logs = { archive: counted, numbers, port, logsWith: () => numbers } as unknown as Logs;
  return { logs, reads, archive, days };
}

async function archiveDays(
  archive: ReturnType<typeof memoryR2>,
  log: number,
  held: readonly Held[],
): Promise<ArchivedDay[]> {
  const days: ArchivedDay[] = [];
  for (const day of [...new Set(held.map(({ atMs }) => dayOf(atMs)))].sort().reverse()) {
    const ofDay = held.filter(({ atMs }) => dayOf(atMs) === day);
    for (const bucket of new Set(ofDay.map((one) => one.bucket))) {
      const rows = ofDay
        .filter((one) => one.bucket === bucket)
        .sort((a, b) => (a.member < b.member ? -1 : a.member > b.member ? 1 : a.index - b.index))
        .map((one) => ({
          ...{ idx: one.index, at: one.atMs, member: one.member, actor: one.actor },
          ...{ action: one.action ?? "", text: one.text, closes: one.closes },
          closed_idx: one.closedBy?.index ?? null,
          closed_text: one.closedBy?.text ?? null,
        }));
      await archive.put(archivePath(String(log), day, bucket), bucketFile(rows));
    }
    const [first, last] = [ofDay[0], ofDay.at(-1)] as [Held, Held];
    const bounds = { first: first.index, last: last.index, fromMs: first.atMs, toMs: last.atMs };
    days.push({ day, ...bounds });
  }
  return days;
}

const plain = (all: readonly (readonly Held[])[], query: EntryQuery): EntryPlace[] =>
  all
    .flatMap((held, log) => held.filter((one) => asked(one, query)).map((one) => ({ log, ...one })))
    .sort((a, b) => b.atMs - a.atMs || b.log - a.log || b.index - a.index)
    .map(({ log, index }) => ({ log, index }));

async function everyPage(logs: Logs, query: EntryQuery, limit: number) {
  const places: EntryPlace[] = [];
  const sizes: number[] = [];
  const cursors = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const page = await pageOf(logs, query, { cursor, limit }, nowMs);
    if ("refused" in page) throw new Error(page.refused);
    places.push(...page.items.map(({ place }) => place));
    sizes.push(page.items.length);
    cursor = page.next;
    if (cursor === null) return { places, sizes };
    if (cursors.has(cursor)) throw new Error("a page led back");
    cursors.add(cursor);
  }
}

const hourMs = 3_600_000;
const saids = (days: number) =>
  fc.array(
    fc.record({
      // Coarse, so that several logs have entries of the same moment.
      atMs: fc.nat(days * 4).map((n) => startMs + n * 6 * hourMs),
      member: fc.constantFrom(...members),
      actor: fc.constantFrom(...actors),
      deed: fc.constantFrom(...deedNames),
      closes: fc.boolean(),
    }),
    { maxLength: 40 },
  );
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const moments = fc.nat(12 * 24).map((n) => startMs + n * hourMs);
const queries: fc.Arbitrary<EntryQuery> = fc.record({
  member: orNull(fc.constantFrom(...members.filter((member) => member !== ""))),
  actor: orNull(fc.constantFrom(...actors)),
  action: orNull(fc.constantFrom("view", "edit", "delete", "admin")),
  fromMs: orNull(moments),
  toMs: orNull(moments),
});
const everything = { member: null, actor: null, action: null, fromMs: null, toMs: null };

describe("one query over recent and archived entries", () => {
  it("equals a plain filter over everything, for any filter, page size and number of logs", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(saids(12), { minLength: 1, maxLength: 4 }),
        moments,
        queries,
        fc.integer({ min: 1, max: 12 }),
        async (said, recentFromMs, query, limit) => {
          const all = said.map(sequenced);
          const { logs } = await logsOver(all, recentFromMs - (recentFromMs % msPerDay));
          const { places, sizes } = await everyPage(logs, query, limit);
          expect(places).toEqual(plain(all, query));
          expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 150 },
    ));

  it("reads a bounded number of files a page, and an empty page still leads on", async () => {
    const one = { actor: "m_coach", deed: "read-readings", closes: false } as const;
    const said = Array.from({ length: 100 }, (_, day) => ({
      ...{ ...one, atMs: startMs + day * msPerDay },
      member: members[day === 0 ? 0 : 1] as string,
    }));
    const all = [sequenced(said)];
    const { logs, reads } = await logsOver(all, nowMs);
    const query = { ...everything, member: members[0] as string };
    const first = await pageOf(logs, query, { cursor: null, limit: 5 }, nowMs);
    expect(first).toMatchObject({ items: [], next: expect.any(String) });
    expect(reads.files).toBe(40);
    const { places, sizes } = await everyPage(logs, query, 5);
    expect([places, sizes]).toEqual([[{ log: 0, index: 0 }], [0, 0, 1]]);
  });

  it("comes to its end over more logs than a page has files for a day of", async () => {
    const said = [0, 1].flatMap((day) =>
      members.map((member) => ({
        ...({ member, actor: "m_coach", deed: "grant-consent", closes: false } as const),
        atMs: startMs + day * msPerDay,
      })),
    );
    const all = Array.from({ length: 5 }, () => sequenced(said));
    const { logs } = await logsOver(all, nowMs);
    expect((await everyPage(logs, everything, 7)).places).toEqual(plain(all, everything));
  });

  it("skips the row groups of other members, and finds texts by index in all of them", async () => {
    const one = { actor: "m_coach", deed: "read-readings", closes: false } as const;
    const said = Array.from({ length: 5_000 }, (_, n) => ({
      ...{ ...one, atMs: startMs + n * 1_000 },
      member: n === 2_500 ? (members[1] as string) : `0${"c".repeat(31)}`,
    }));
    const held = sequenced(said);
    const { logs, archive, days } = await logsOver([held], nowMs);
    const day = days[0]?.[0] as ArchivedDay;
    const query = { ...everything, member: members[1] as string };
    const key = archivePath("0", day.day, "0");
    const whole = archive.objects.get(key) as { bytes: Uint8Array };
    // All groups but the member's, which is the first by name, are made unreadable.
    const harmed = new Uint8Array(whole.bytes);
    harmed.fill(0xff, Math.floor(harmed.length * 0.3), Math.floor(harmed.length * 0.8));
    archive.objects.set(key, { ...archive.objects.get(key), bytes: harmed } as never);
    expect((await everyPage(logs, query, 5)).places).toEqual([{ log: 0, index: 2_500 }]);
    await expect(everyPage(logs, everything, 5)).rejects.toThrow();
    archive.objects.set(key, { ...archive.objects.get(key), bytes: whole.bytes } as never);
    const texts = await archivedTexts({ bucket: logs.archive, log: 0 }, day, 2_499, 2_502);
    expect(texts).toEqual(new Map([2_499, 2_500, 2_501].map((n) => [n, held[n]?.text])));
  });
});

describe("an entry, as it is shown", () => {
  const one = { actor: "m_coach", member: members[0] as string, deed: "read-readings" } as const;
  const said = [
    { ...one, atMs: startMs, closes: false },
    { ...one, atMs: startMs + 1, closes: true },
    { ...one, atMs: startMs + 2, closes: false },
  ];
  const shown = async (atMs: number) => {
    const { logs } = await logsOver([sequenced(said)], startMs);
    const page = await pageOf(logs, everything, { cursor: null, limit: 10 }, atMs);
    return "refused" in page ? [] : page.items;
  };

  it("says what came of it, else that it is pending, then that nobody knows", async () => {
    const outcomes = async (atMs: number) =>
      (await shown(atMs)).map(({ outcome, ground, closedBy }) => [outcome, ground, closedBy]);
    const closed = ["permitted", "own", 1];
    expect(await outcomes(startMs + 60_002)).toEqual([["pending", "own", null], closed]);
    expect(await outcomes(startMs + 60_003)).toEqual([["unknown", "own", null], closed]);
    expect((await shown(nowMs))[0]).toMatchObject({ deed: "read-readings", action: "view" });
  });

  it.each(["", "x", btoa("[1,2]"), btoa("[1,2,-3]"), btoa("{}"), btoa("null"), "A".repeat(200)])(
    "is not shown after a cursor that is none: %j",
    async (cursor) => {
      const { logs } = await logsOver([sequenced(said)], startMs);
      const page = await pageOf(logs, everything, { cursor, limit: 10 }, nowMs);
      expect(page).toEqual({ refused: "invalid" });
    },
  );
});

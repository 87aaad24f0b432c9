/** Days that are over go to the archive whole, once, and stay as they are. */
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { parseEntry } from "../../domain/audit.ts";
import { rowsPerGroup } from "../../durable-objects/log-parquet.ts";
import type { MemoryR2 } from "../fakes/memory-r2.ts";
import {
  closing,
  dayMs,
  intent,
  type LogWorld,
  logWorld,
  member,
  otherMember,
  startMs,
  textsOf,
} from "./log-world.ts";

const read = async (entries: MemoryR2, path: string) => {
  const bytes = entries.objects.get(path)?.bytes.slice() ?? new Uint8Array();
  return parquetReadObjects({ file: bytes.buffer as ArrayBuffer });
};

/** A first day with both members and nobody, a second one, and today, nine days later. */
async function twoDays(world: LogWorld): Promise<string[]> {
  const { home, clock } = world;
  const log = home.getByName("0");
  await log.append([
    intent({ member: otherMember, actor: "m_coach", purpose: "ünïcode “quoted”" }),
    intent(),
    intent({ member: "", actor: "m_coach", deed: "rotate-epoch" }),
  ]);
  await log.append([closing(1), intent()]);
  clock.nowMs = startMs + dayMs / 2;
  await log.append([closing(4), intent()]);
  clock.nowMs = startMs + 9 * dayMs;
  await log.append([intent()]);
  return textsOf(home);
}

describe("the archive", () => {
  it("holds a day's exact texts, in the bucket of each member, with what came of them", async () => {
    const world = await logWorld();
    const { home, entries, clock } = world;
    const log = home.getByName("0");
    const texts = await twoDays(world);
    expect(await log.keepHouse(clock.nowMs)).toBe(0);
    await log.publish();
    expect(await log.keepHouse(startMs)).toBe(0);
    expect(await log.keepHouse(clock.nowMs)).toBe(5);
    expect([...entries.objects.keys()]).toEqual([
      "entries/0/2026-10-01/0.parquet",
      "entries/0/2026-10-01/f.parquet",
      "entries/0/2026-10-01/none.parquet",
    ]);
    const row = (
      idx: number,
      who: string,
      actor: string,
      action: string,
      ended: number | null,
    ) => ({
      idx: BigInt(idx),
      at: BigInt(startMs),
      member: who,
      actor,
      action,
      text: texts[idx],
      closes: null,
      closed_idx: ended === null ? null : BigInt(ended),
      closed_text: ended === null ? null : texts[ended],
    });
    expect(await read(entries, "entries/0/2026-10-01/0.parquet")).toEqual([
      { ...row(3, "", "", "", null), closes: 1n },
      row(1, member, member, "view", 3),
      row(4, member, member, "view", 5),
    ]);
    expect(await read(entries, "entries/0/2026-10-01/f.parquet")).toEqual([
      row(0, otherMember, "m_coach", "view", null),
    ]);
    expect(await read(entries, "entries/0/2026-10-01/none.parquet")).toEqual([
      row(2, "", "m_coach", "admin", null),
    ]);
    expect(await log.status()).toMatchObject({ size: 8, firstRecent: 5 });
    expect(await log.archived(null, null)).toEqual([
      { day: "2026-10-01", first: 0, last: 4, fromMs: startMs, toMs: startMs },
    ]);
    expect(await log.texts(0, 100)).toEqual(texts.slice(5));
  });

  it("moves one day at a time, never a recent one, and publishing goes on over it", async () => {
    const world = await logWorld();
    const { home, clock, entries } = world;
    const log = home.getByName("0");
    await twoDays(world);
    await log.publish();
    expect(await log.keepHouse(clock.nowMs + 30 * dayMs)).toBe(5);
    expect(await log.keepHouse(clock.nowMs)).toBe(2);
    expect(await log.keepHouse(clock.nowMs)).toBe(0);
    expect((await log.archived(startMs + dayMs / 4, null)).map(({ day }) => day)).toEqual([
      "2026-10-02",
    ]);
    expect((await log.archived(null, startMs)).map(({ day }) => day)).toEqual(["2026-10-01"]);
    clock.nowMs += 9 * dayMs;
    home.crash();
    expect(await log.keepHouse(clock.nowMs)).toBe(1);
    home.crash();
    expect(await log.status()).toMatchObject({ size: 8, firstRecent: 8 });
    expect(await log.recent(allOf, null, 10)).toEqual([]);
    expect(await log.append([intent()])).toMatchObject([{ index: 8 }]);
    expect(await log.publish()).toContain("\n9\n");
    expect(entries.objects.size).toBe(5);
  });

  it("takes a closing that comes after its deed's day went, as a row of its own", async () => {
    const world = await logWorld();
    const { home, clock, entries } = world;
    const log = home.getByName("0");
    await twoDays(world);
    await log.publish();
    await log.keepHouse(clock.nowMs);
    const late = closing(0, { outcome: "refused", ground: "consent" });
    expect(await log.append([late])).toMatchObject([{ index: 8 }]);
    await log.publish();
    clock.nowMs += 9 * dayMs;
    expect(await log.keepHouse(clock.nowMs)).toBe(2);
    expect(await log.keepHouse(clock.nowMs)).toBe(2);
    const rows = await read(entries, "entries/0/2026-10-10/none.parquet");
    expect(rows.map(({ idx, closes }) => ({ idx, closes }))).toEqual([{ idx: 8n, closes: 0n }]);
    expect(parseEntry(String(rows[0]?.text))).toEqual(late);
  });

  it("is tried again after a crash, finds its own files, and writes over nobody else's", async () => {
    const world = await logWorld();
    const { home, clock, entries } = world;
    const log = home.getByName("0");
    await twoDays(world);
    await log.publish();
    const before = home.snapshot("0");
    await log.keepHouse(clock.nowMs);
    const kept = entries.snapshot();
    home.restore("0", before);
    await log.append([closing(0, { outcome: "failed" })]);
    expect(await log.keepHouse(clock.nowMs)).toBe(5);
    expect(entries.snapshot()).toEqual(kept);
    home.restore("0", before);
    await entries.put("entries/0/2026-10-01/f.parquet", "something else");
    await expect(log.keepHouse(clock.nowMs)).rejects.toThrow("is there with other entries");
    expect((await log.status()).firstRecent).toBe(0);
  });

  it("can be skimmed: row groups of a thousand, whose statistics name whole members", async () => {
    const { home, clock, entries } = await logWorld();
    const log = home.getByName("0");
    const members = ["0a".repeat(16), "0b".repeat(16)];
    for (let i = 0; i < 3; i++)
      await log.append(
        Array.from({ length: 800 }, (_, n) => intent({ member: members[n % 2] ?? "" })),
      );
    await log.publish();
    clock.nowMs += 9 * dayMs;
    expect(await log.keepHouse(clock.nowMs)).toBe(2_400);
    const bytes = entries.objects.get("entries/0/2026-10-01/0.parquet")?.bytes.slice();
    const { row_groups: groups } = parquetMetadata(bytes?.buffer as ArrayBuffer);
    expect(groups.map((group) => Number(group.num_rows))).toEqual([
      rowsPerGroup,
      rowsPerGroup,
      400,
    ]);
    const bounds = groups.map((group) => {
      const statistics = group.columns[2]?.meta_data?.statistics;
      return [statistics?.min_value, statistics?.max_value];
    });
    expect(bounds).toEqual([
      [members[0], members[0]],
      [members[0], members[1]],
      [members[1], members[1]],
    ]);
  });
});

const allOf = { member: null, actor: null, action: null, fromMs: null, toMs: null };

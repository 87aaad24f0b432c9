/** How much the log takes and gives at once, to the entry and to the byte. */
import { describe, expect, it } from "vitest";
import { entryText } from "../../domain/audit.ts";
import { draftsPerAppendMax, pooledMax } from "../../durable-objects/log-core.ts";
import { closing, intent, logWorld, startMs, textsOf } from "./log-world.ts";

const drafts = (count: number) => Array.from({ length: count }, () => intent());
const all = { member: null, actor: null, action: null, fromMs: null, toMs: null };

describe("a log", () => {
  it("takes nothing where nothing is said, and a thousand entries of one caller", async () => {
    const { home } = await logWorld();
    const log = home.getByName("0");
    expect(await log.append([])).toEqual([]);
    expect((await log.status()).size).toBe(0);
    expect(await log.keepHouse(startMs)).toBe(0);
    expect(home.alarmMs("0")).toBeNull();
    expect(draftsPerAppendMax).toBe(1000);
    expect(await log.append(drafts(1000))).toHaveLength(1000);
    await expect(log.append(drafts(1001))).rejects.toThrow("1000 entries at once are the most");
    expect((await log.status()).size).toBe(1000);
  });

  it("lets 2,500 entries wait for the disk, and not one more", async () => {
    expect(pooledMax).toBe(2500);
    let open = () => {};
    const shut = new Promise<void>((resolve) => {
      open = resolve;
    });
    let isShut = false;
    const gate = async (at: string) => (at === "sync" && isShut ? shut : undefined);
    const { home } = await logWorld({ gate });
    const log = home.getByName("0");
    await log.append(drafts(1));
    isShut = true;
    const first = log.append(drafts(1));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    const waiting = [1000, 1000, 500].map((count) => log.append(drafts(count)));
    expect(await log.append(drafts(1))).toEqual({ refused: "too-many" });
    isShut = false;
    open();
    await first;
    for (const answer of await Promise.all(waiting)) expect(answer).not.toHaveProperty("refused");
    expect((await log.status()).size).toBe(2502);
    expect(await log.append(drafts(1))).toHaveLength(1);
  });

  it("takes an entry of 65,535 bytes, in whichever letters, and none of more", async () => {
    const { home } = await logWorld();
    const log = home.getByName("0");
    const bare = entryText(intent({ purpose: "" }), "x".repeat(22), startMs).length;
    const of = (bytes: number) => intent({ purpose: "é".repeat((bytes - bare) / 2) });
    const odd = (65_535 - bare) % 2 === 1 ? "x" : "";
    const most = of(65_535 - odd.length);
    expect(await log.append([{ ...most, purpose: odd + most.purpose }])).toHaveLength(1);
    const more = { ...most, purpose: `${odd}x${most.purpose}` };
    const why = { message: "the entry is too long" };
    await expect(log.append([more])).rejects.toMatchObject(why);
    expect(Buffer.byteLength(textsOf(home)[0] ?? "")).toBe(65_535);
  });

  it("closes what is there: not the next entry, nothing before the first, no part of one", async () => {
    const { home } = await logWorld();
    const log = home.getByName("0");
    await log.append(drafts(2));
    for (const place of [2, -1, 0.5, Number.NaN])
      await expect(log.append([closing(place)])).rejects.toThrow(
        `there is no entry ${place} to close`,
      );
    expect(await log.append([closing(1)])).toMatchObject([{ index: 2 }]);
    // Of one call, an entry and its closing: the entry is not there yet when the call is judged.
    await expect(log.append([intent(), closing(3)])).rejects.toThrow("no entry 3");
  });

  it("holds off whose whole entries were refused, and nobody beside them", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    const refused = intent({ actor: "m_prying", outcome: "refused", ground: "role" });
    for (let n = 0; n < 121; n++) expect(await log.append([refused])).toHaveLength(1);
    expect(await log.append([intent({ actor: "m_prying" })])).toEqual({ refused: "too-many" });
    expect(await log.append([intent({ actor: "m_other" })])).toHaveLength(1);
    const both = [intent({ actor: "m_other" }), intent({ actor: "m_prying" })];
    expect(await log.append(both)).toEqual({ refused: "too-many" });
    const permitted = intent({ actor: "m_busy", outcome: "permitted" });
    for (let n = 0; n < 125; n++) await log.append([permitted]);
    expect(await log.append([permitted])).toHaveLength(1);
    const begun = await log.append(new Array(125).fill(intent({ actor: "m_busy" })));
    if ("refused" in begun) throw new Error("nobody was refused yet");
    await log.append(begun.map(({ index }) => closing(index)));
    expect(await log.append([permitted])).toHaveLength(1);
    for (let n = 0; n < 125; n++) await log.append([intent({ actor: "", outcome: "refused" })]);
    expect(await log.append([intent({ actor: "" })])).toHaveLength(1);
    clock.nowMs += 60_000;
    expect(await log.append([refused])).toHaveLength(1);
  });

  it("wakes a minute after what it has to publish came, once", async () => {
    const { home, clock } = await logWorld();
    const log = home.getByName("0");
    await log.append(drafts(1));
    expect(home.alarmMs("0")).toBe(startMs + 60_000);
    for (const isAnew of [false, true]) {
      if (isAnew) home.crash();
      clock.nowMs += 5_000;
      await log.append(drafts(1));
      expect(home.alarmMs("0")).toBe(startMs + 60_000);
    }
    clock.nowMs += 60_000;
    await home.ring("0");
    expect((await log.status()).published).toBe(3);
    expect(home.alarmMs("0")).toBeNull();
    await log.append(drafts(1));
    expect(home.alarmMs("0")).toBe(clock.nowMs + 60_000);
  });

  it("shows at most a thousand, from below a place, and texts only as far as it is durable", async () => {
    const { home } = await logWorld();
    const log = home.getByName("0");
    for (const count of [1000, 100]) await log.append(drafts(count));
    const indexes = async (before: number | null, limit: number) =>
      (await log.recent(all, before, limit)).map(({ index }) => index);
    expect(await indexes(null, 5000)).toHaveLength(1000);
    expect(await indexes(null, 2)).toEqual([1099, 1098]);
    expect(await indexes(1099, 1)).toEqual([1098]);
    expect(await indexes(9999, 1)).toEqual([1099]);
    expect(await log.texts(1098, 2000)).toEqual(textsOf(home).slice(1098));
    expect(await log.texts(0, 3)).toEqual(textsOf(home).slice(0, 3));
  });
});

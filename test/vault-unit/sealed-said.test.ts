/** Several statements of one row in one call, and rows whose columns lie under another key. */
import { describe, expect, test } from "vitest";
import { saidBy } from "../../workers/vault/sealed-merge.ts";
import { retractRows, sealRows } from "../../workers/vault/sealed-store.ts";
import { at, garmin, home, long, nowMs, retraction, texts } from "./sealed-home.ts";
import { connectionNamed } from "./world.ts";

const wahoo = connectionNamed("wahoo");

describe("what one call says of a column", () => {
  const titleOf = (...rows: readonly (readonly [revision: number, title: string | null])[]) => {
    const [said] = saidBy(rows.map(([revision, title]) => at(revision, { title })));
    return said?.columns.get("title");
  };

  test("is its greatest revision, and the later of two that are equal", () => {
    expect(titleOf([1, "a"], [2, "b"])).toEqual({ revision: 2, value: "b" });
    expect(titleOf([2, "b"], [1, "a"])).toEqual({ revision: 2, value: "b" });
    expect(titleOf([2, "a"], [2, "b"])).toEqual({ revision: 2, value: "b" });
    expect(titleOf([2, "a"], [3, null], [1, "c"])).toEqual({ revision: 3, value: null });
  });

  test("is kept apart by row and by group", () => {
    const said = saidBy([
      at(1, { title: "a", notes: "n", raw: "r" }, "f_1"),
      at(1, { title: "b" }, "f_2"),
    ]);
    expect(said.map(({ row, group, columns }) => [row, group, [...columns.keys()]])).toEqual([
      ["f_1", "words", ["title", "notes"]],
      ["f_1", "raw", ["raw"]],
      ["f_2", "words", ["title"]],
    ]);
  });
});

describe("a row that another connection corrects", () => {
  test("keeps its other columns, and says nothing new when they come again", async () => {
    const { vault, member } = await home();
    const rows = async () =>
      (await vault.phi.prepare("SELECT version, columns, key_id FROM sealed").all()).results;
    const say = (of: typeof garmin, revision: number, columns: Record<string, string | null>) =>
      sealRows(vault, member, of, [at(revision, columns)], nowMs);
    await say(garmin, 1, { title: '"a"', notes: '"n"', device_name: null });
    const [before] = await rows();
    await say(wahoo, 2, { title: '"b"' });
    const after = await rows();
    expect(after[0]?.key_id).not.toBe(before?.key_id);
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"b"' });
    expect(await texts(vault, member, "notes")).toEqual({ f_1: '"n"' });
    expect(await texts(vault, member, "device_name")).toEqual({});
    await say(wahoo, 1, { notes: '"n"', device_name: null });
    expect(await rows()).toEqual(after);
    await say(wahoo, 1, { notes: '"other"' });
    expect(await texts(vault, member, "notes")).toEqual({ f_1: '"other"' });
  });

  test("that lies outside the database is opened from there, and its object goes", async () => {
    const { world, vault, member } = await home();
    const say = (revision: number, columns: Record<string, string>) =>
      sealRows(vault, member, garmin, [at(revision, columns)], nowMs);
    const big = JSON.stringify("x".repeat(long.length));
    await say(1, { title: '"a"', notes: big });
    expect(world.stores.sealed.objects.size).toBe(1);
    await say(2, { title: '"b"' });
    expect(await texts(vault, member, "notes")).toEqual({ f_1: big });
    expect(world.stores.sealed.objects.size).toBe(1);
    const rows = [at(3, { title: '"c"' }), at(1, { title: '"new"' }, "f_2")];
    await sealRows(vault, member, garmin, rows.toReversed(), nowMs);
    expect(world.stores.sealed.objects.size).toBe(1);
    expect(await texts(vault, member, "notes")).toEqual({ f_1: big });
    for (const name of world.stores.sealed.objects.keys()) await vault.objects.delete(name);
    await say(4, { title: '"d"' });
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"d"' });
  });
});

describe("a retraction of just what is there", () => {
  test("empties it when the next word comes, to the revision", async () => {
    const { vault, member } = await home();
    const say = (revision: number, columns: Record<string, string | null>) =>
      sealRows(vault, member, garmin, [at(revision, columns)], nowMs);
    await say(5, { title: '"a"' });
    await say(7, { notes: '"n"' });
    await retractRows(vault, member, [retraction(5)], nowMs);
    expect(await texts(vault, member, "title")).toEqual({});
    expect(await texts(vault, member, "notes")).toEqual({ f_1: '"n"' });
    expect(await say(5, { title: '"again"' })).toBe("sealed");
    expect(await texts(vault, member, "title")).toEqual({});
    await say(6, { title: '"new"' });
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"new"' });
  });
});

describe("the member's own row", () => {
  const self = "self" as typeof garmin;
  const column = "privacy_zones";
  const own = async () => {
    const { vault, member } = await home();
    const say = (revision: number, value: string) =>
      sealRows(vault, member, self, [at(revision, { [column]: value })], nowMs);
    const revision = async () => {
      const columns = await vault.phi
        .prepare("SELECT columns FROM sealed")
        .first<string>("columns");
      return (JSON.parse(columns ?? "{}") as Record<string, [number, string]>)[column]?.[0];
    };
    return { vault, member, say, revision };
  };

  test("is one above what was said before, where the clock is behind", async () => {
    const { say, revision } = await own();
    await say(5_000, '"first"');
    await say(1_000, '"second"');
    expect(await revision()).toBe(5_001);
    await say(9_000, '"third"');
    expect(await revision()).toBe(9_000);
  });

  test("is there again when the same is said after it was taken back, to its revision", async () => {
    for (const taken of [5_000, 6_000]) {
      const { vault, member, say } = await own();
      await say(5_000, '"first"');
      await retractRows(vault, member, [retraction(taken)], nowMs);
      expect(await texts(vault, member, column)).toEqual({});
      await say(7_000, '"first"');
      expect(await texts(vault, member, column)).toEqual({ f_1: '"first"' });
    }
  });
});

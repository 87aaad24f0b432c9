/** What is new, of a connection that sealed a moment ago, is one batch; and no less guarded for it. */
import { describe, expect, test } from "vitest";
import { withLease } from "../../workers/vault/lease.ts";
import { retractRows, sealRows } from "../../workers/vault/sealed-store.ts";
import { at, garmin, generationOf, heart, held, nowMs, retraction, texts } from "./sealed-home.ts";
import { makeWorld } from "./world.ts";

async function sealing() {
  const asked = { calls: 0 };
  const world = makeWorld({
    gate: async () => {
      asked.calls++;
    },
  });
  const { member, vault } = await world.enrol("ada", nowMs);
  await sealRows(vault, member, garmin, [at(1, { title: '"first"' })], nowMs);
  asked.calls = 0;
  const seal = (row: string, revision: number, title: string) =>
    sealRows(vault, member, garmin, [at(revision, { title, raw: "{}" }, row)], nowMs);
  return { asked, member, vault, seal };
}

describe("a new row of a connection that sealed a moment ago", () => {
  test("is one call of the database, and there", async () => {
    const { asked, member, vault, seal } = await sealing();
    expect(await seal("f_2", 1, '"second"')).toBe("sealed");
    expect(asked.calls).toBe(1);
    expect(await texts(vault, member, "title", ["f_2"])).toEqual({ f_2: '"second"' });
  });

  test("that is not new after all is merged with what lies there", async () => {
    const { member, vault, seal } = await sealing();
    expect(await seal("f_1", 3, '"later"')).toBe("sealed");
    expect(await seal("f_1", 2, '"earlier"')).toBe("sealed");
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"later"' });
  });

  test("stays out when it was retracted before it came", async () => {
    const { member, vault, seal } = await sealing();
    await retractRows(vault, member, [retraction(5, "f_2")], nowMs);
    await seal("f_2", 5, '"gone"');
    expect(await texts(vault, member, "title", ["f_2"])).toEqual({});
  });

  test("is refused once its connection ended, or its member was erased", async () => {
    const ended = await sealing();
    await ended.vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(ended.member, garmin)
      .run();
    expect(await ended.seal("f_2", 1, '"late"')).toBe("forgotten");
    const erased = await sealing();
    await erased.vault.phi.prepare("UPDATE member SET key_id = NULL, erased_at = 1").run();
    expect(await erased.seal("f_2", 1, '"late"')).toBe("forgotten");
    for (const { vault } of [ended, erased])
      expect((await held(vault)).map((row) => row.row_id)).toEqual(["f_1"]);
  });

  test("is sealed under the member's new key when that was replaced meanwhile", async () => {
    const { member, vault, seal } = await sealing();
    const before = await generationOf(vault, member);
    await withLease(vault, member, nowMs, async () => {
      const renewal = { renew: [garmin], drop: [] };
      const next = await vault.keyring.nextGeneration(
        { member, generation: before },
        renewal,
        nowMs,
      );
      await vault.phi.prepare("UPDATE member SET key_id = ? WHERE id = ?").bind(next, member).run();
      return { done: true, value: null };
    });
    expect(await seal("f_2", 1, '"under the new"')).toBe("sealed");
    const rows = await held(vault);
    const keyOf = (row: string) => rows.find(({ row_id }) => row_id === row);
    expect(keyOf("f_2")).not.toMatchObject({
      key_id: (keyOf("f_1") as { key_id?: string }).key_id,
    });
    expect(await texts(vault, member, "title", ["f_2"])).toEqual({ f_2: '"under the new"' });
  });
});

describe("a column that is said to be empty", () => {
  const groups = async (vault: Parameters<typeof held>[0]) =>
    (await held(vault)).map(({ row_id, group_name }) => `${row_id} ${group_name}`);

  test("has no row of its own, and what is older does not fill it", async () => {
    const { member, vault } = await sealing();
    const say = (revision: number, beats: string | null) =>
      sealRows(
        vault,
        member,
        garmin,
        [at(revision, { title: '"a"', heart_rate: beats }, "f_2")],
        1,
      );
    await say(2, null);
    expect(await groups(vault)).toEqual(["f_1 words", "f_2 words"]);
    await say(1, heart(3));
    expect(await texts(vault, member, "heart_rate", ["f_2"])).toEqual({});
    await say(3, heart(3));
    expect(await texts(vault, member, "heart_rate", ["f_2"])).toEqual({ f_2: heart(3) });
    await say(4, null);
    expect(await texts(vault, member, "heart_rate", ["f_2"])).toEqual({});
    expect(await groups(vault)).toContain("f_2 heart_rate");
  });

  test("is empty whichever of two writers comes first, at every moment they may meet", async () => {
    for (let later = 0; later < 12; later++) {
      const turns = { left: later };
      const wait = async () => {
        for (let i = 0; i < turns.left; i++) await Promise.resolve();
      };
      const { member, vault } = await sealing();
      const write = (revision: number, beats: string | null) =>
        sealRows(
          vault,
          member,
          garmin,
          [at(revision, { title: '"a"', heart_rate: beats }, "f_2")],
          1,
        );
      await Promise.all([write(2, null), wait().then(() => write(1, heart(3)))]);
      expect(await texts(vault, member, "heart_rate", ["f_2"])).toEqual({});
    }
  });
});

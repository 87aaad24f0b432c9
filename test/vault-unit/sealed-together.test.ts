/** Several rows changed as one: all of it lands or none, and only over what was read. */
import { describe, expect, test } from "vitest";
import { utf8 } from "../../workers/vault/cell.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { retractRows } from "../../workers/vault/sealed-store.ts";
import {
  type Asked,
  again,
  cellName,
  SealedTurn,
  updateSealed,
} from "../../workers/vault/sealed-update.ts";
import { type SeenVersion, writeEach, writeTogether } from "../../workers/vault/sealed-write.ts";
import { garmin, home, long, nowMs, retraction } from "./sealed-home.ts";

type Member = Awaited<ReturnType<typeof home>>["member"];
const [a, b, group] = ["x/a", "x/b", "day"];
const asked = (given: Partial<Asked>): Asked => ({
  ...{ prefixes: [], bodies: [], rows: [], groups: null },
  ...given,
});

/** A turn that has looked at these rows. */
async function turned(vault: Vault, member: Member, rows: readonly string[] = [a, b]) {
  const turn = new SealedTurn(vault, member, garmin, nowMs);
  const seen = await turn.look(asked({ rows }));
  if (seen === null) throw new Error("nobody");
  return { turn, seen };
}
async function shown(vault: Vault, member: Member, rows: readonly string[] = [a, b]) {
  const { turn, seen } = await turned(vault, member, rows);
  const opened = await turn.open(seen.cells);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return Object.fromEntries(
    seen.cells.map((cell) => {
      const bytes = opened.get(cellName(cell.row, cell.group));
      return [cell.row, bytes === undefined ? null : text(bytes)];
    }),
  );
}
type Said = readonly [row: string, over: number, text: string, revision?: number];
async function write(
  vault: Vault,
  member: Member,
  said: readonly Said[],
  seen: readonly SeenVersion[] = [],
) {
  const { turn } = await turned(vault, member);
  const writes = await Promise.all(
    said.map(([row, over, text, revision]) =>
      turn.write(row, group, garmin, over, utf8(text), revision),
    ),
  );
  return writeTogether(vault, writes, seen, nowMs);
}

describe("rows that are written together", () => {
  test("are all there, each under its own name, version and revision", async () => {
    const { vault, member } = await home();
    expect(await write(vault, member, [])).toBe(true);
    expect(
      await write(vault, member, [
        [a, 0, "A", 7],
        [b, 0, long],
      ]),
    ).toBe(true);
    expect(await shown(vault, member)).toEqual({ [a]: "A", [b]: long });
    const { seen } = await turned(vault, member);
    expect(seen.cells.map((c) => [c.row, c.group, c.connection, c.version, c.revision])).toEqual([
      [a, group, garmin, nowMs, 7],
      [b, group, garmin, nowMs, nowMs],
    ]);
    const [first, second] = seen.cells;
    expect([first?.object, second?.hex]).toEqual([null, null]);
    expect(first?.digest).not.toBe(second?.digest);
  });

  test("are none of them there when one was written meanwhile", async () => {
    const { vault, member } = await home();
    await write(vault, member, [[b, 0, "B"]]);
    for (const said of [
      [
        [a, 0, "A"],
        [b, 0, "other"],
      ],
      [
        [b, 0, "other"],
        [a, 0, "A"],
      ],
      [
        [a, 5, "A"],
        [b, nowMs, "other"],
      ],
    ] as const)
      expect(await write(vault, member, said)).toBe(false);
    expect(await shown(vault, member)).toEqual({ [b]: "B" });
    expect(
      await write(vault, member, [
        [a, 0, "A"],
        [b, nowMs, "other"],
      ]),
    ).toBe(true);
    expect(await shown(vault, member)).toEqual({ [a]: "A", [b]: "other" });
  });

  test("are none of them there when what was only looked at is another", async () => {
    const { vault, member } = await home();
    await write(vault, member, [[b, 0, "B"]]);
    for (const version of [0, nowMs + 1])
      expect(await write(vault, member, [[a, 0, "A"]], [{ row: b, group, version }])).toBe(false);
    const absent = { row: "x/c", group, version: 0 };
    const isAsSeen = [{ row: b, group, version: nowMs }, absent];
    expect(await write(vault, member, [[a, 0, "A"]], [absent, { ...absent, version: 1 }])).toBe(
      false,
    );
    expect(await write(vault, member, [[a, 0, "A"]], isAsSeen)).toBe(true);
  });

  test("are none of them there when one is retracted, to its own revision", async () => {
    const { vault, member } = await home();
    await retractRows(vault, member, [retraction(7, b)], nowMs);
    expect(
      await write(vault, member, [
        [a, 0, "A", 1],
        [b, 0, "B", 7],
      ]),
    ).toBe(false);
    expect(await shown(vault, member)).toEqual({});
    expect(
      await write(vault, member, [
        [a, 0, "A", 1],
        [b, 0, "B", 8],
      ]),
    ).toBe(true);
  });

  test("are none of them there once the connection of one has ended", async () => {
    const { vault, member } = await home();
    const { turn } = await turned(vault, member);
    const writes = [
      await turn.write(a, group, "c_other", 0, utf8("A")),
      await turn.write(b, group, garmin, 0, utf8("B")),
    ];
    await vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(member, garmin)
      .run();
    expect(await writeTogether(vault, writes, [], nowMs)).toBe(false);
    const held = await vault.phi.prepare("SELECT count(*) AS n FROM sealed").first("n");
    expect(held).toBe(0);
    expect(await new SealedTurn(vault, member, garmin, nowMs).look(asked({}))).toBeNull();
  });

  test("let go of the object of one that was large, beside one that is new", async () => {
    const { world, vault, member } = await home();
    await write(vault, member, [[a, 0, long]]);
    expect(world.stores.sealed.objects.size).toBe(1);
    expect(
      await write(vault, member, [
        [b, 0, "B"],
        [a, nowMs, "small"],
      ]),
    ).toBe(true);
    expect(world.stores.sealed.objects.size).toBe(0);
    expect(await shown(vault, member)).toEqual({ [a]: "small", [b]: "B" });
  });
});

describe("a write of several columns", () => {
  test("stays out when any one of them was retracted meanwhile, by itself and with others", async () => {
    for (const together of [true, false]) {
      const { vault, member } = await home();
      const { turn } = await turned(vault, member);
      const one = await turn.write(a, group, garmin, 0, utf8("A"));
      const columns = { title: [5, "d"], notes: [7, "e"] } as const;
      const lands = async () => {
        const writes = [{ ...one, columns }];
        if (together) return writeTogether(vault, writes, [], nowMs);
        return (await writeEach(vault, writes, nowMs))[0];
      };
      await retractRows(vault, member, [retraction(5, a)], nowMs);
      expect(await lands()).toBe(false);
      await vault.phi.prepare("UPDATE retraction SET revision = 4").run();
      expect(await lands()).toBe(true);
    }
  });
});

describe("a turn", () => {
  test("lists what begins alike, with the bodies that are asked for, and fetches the others", async () => {
    const { vault, member } = await home();
    const c = "y/c";
    await write(vault, member, [
      [a, 0, "A"],
      [b, 0, "B"],
      [c, 0, "C"],
    ]);
    const turn = new SealedTurn(vault, member, garmin, nowMs);
    const alongside = [vault.phi.prepare("SELECT 5 AS five")];
    const seen = await turn.look(asked({ prefixes: ["x/"], bodies: [a], alongside }));
    expect(seen?.alongside.map(({ results }) => results)).toEqual([[{ five: 5 }]]);
    expect(seen?.cells.map(({ row, hex }) => [row, hex !== null])).toEqual([
      [a, true],
      [b, false],
    ]);
    const whole = await turn.withBodies(seen?.cells ?? []);
    expect(whole?.map(({ row, hex }) => [row, hex !== null])).toEqual([
      [a, true],
      [b, true],
    ]);
    expect((await turn.open(whole ?? [])).size).toBe(2);
    const kept = whole ?? [];
    expect(await turn.withBodies(kept)).toBe(kept);
    await write(vault, member, [[b, nowMs, "other"]]);
    expect(await turn.withBodies(seen?.cells ?? [])).toBeNull();
    await vault.phi.prepare("DELETE FROM sealed WHERE row_id = ?").bind(b).run();
    expect(await turn.withBodies(seen?.cells ?? [])).toBeNull();
  });

  test("looks at the groups that are asked for, and at retractions of what it asked for", async () => {
    const { vault, member } = await home();
    await write(vault, member, [[a, 0, "A"]]);
    await retractRows(vault, member, [retraction(3, b)], nowMs);
    const turn = new SealedTurn(vault, member, garmin, nowMs);
    const groups = async (of: readonly string[] | null) =>
      (await turn.look(asked({ rows: [a], groups: of })))?.cells.length;
    expect([await groups(null), await groups([group]), await groups(["hours"])]).toEqual([1, 1, 0]);
    expect((await turn.look(asked({ bodies: [a, b] })))?.retracted).toEqual(new Map([[b, 3]]));
  });

  test("opens what is there, and leaves out what is empty or lost", async () => {
    const { world, vault, member } = await home();
    await write(vault, member, [
      [a, 0, "A"],
      [b, 0, long],
    ]);
    for (const name of world.stores.sealed.objects.keys()) await vault.objects.delete(name);
    expect(await shown(vault, member)).toEqual({ [a]: "A", [b]: null });
    await vault.phi
      .prepare("UPDATE sealed SET bytes = 0, body = NULL WHERE row_id = ?")
      .bind(a)
      .run();
    expect(await shown(vault, member)).toEqual({ [a]: null, [b]: null });
  });

  test("that has looked at nothing writes nothing", async () => {
    const { vault, member } = await home();
    const turn = new SealedTurn(vault, member, garmin, nowMs);
    await expect(turn.write(a, group, garmin, 0, utf8("A"))).rejects.toThrow("nothing was looked");
  });
});

describe("a change", () => {
  const changing = async (vault: Vault, member: Member, fate: (n: number) => unknown) => {
    let turns = 0;
    const value = updateSealed(vault, member, garmin, nowMs, async (turn) => {
      const one = fate(++turns);
      if (one !== undefined) return one as typeof again;
      const seen = await turn.look(asked({ rows: [a] }));
      if (seen === null) return "forgotten";
      const over = seen.cells[0]?.version ?? 0;
      return {
        writes: [await turn.write(a, group, garmin, over, utf8("A"))],
        seen: [],
        value: "ok",
      };
    });
    return { value: await value.catch((error: Error) => error.message), turns };
  };

  test("is tried again while it does not fit, 24 times, and then says so", async () => {
    const { vault, member } = await home();
    const once = (n: number) => (n < 3 ? again : undefined);
    expect(await changing(vault, member, once)).toEqual({ value: "ok", turns: 3 });
    const late = await changing(vault, member, (n) => (n < 24 ? again : undefined));
    expect(late).toEqual({ value: "ok", turns: 24 });
    const never = await changing(vault, member, () => again);
    expect(never).toEqual({ value: "others kept writing to the same rows", turns: 24 });
    const raced = await changing(vault, member, (n) =>
      n === 1
        ? { writes: [], seen: [{ row: a, group, version: 1 }], value: "no writes" }
        : undefined,
    );
    expect(raced).toEqual({ value: "no writes", turns: 1 });
  });

  test("is tried again when the member's key was replaced meanwhile, and fails of anything else", async () => {
    const { vault, member } = await home();
    const { keyring } = vault;
    const dataKey = keyring.dataKey.bind(keyring);
    let asks = 0;
    keyring.dataKey = async (...of) => (++asks === 1 ? null : dataKey(...of));
    expect(await changing(vault, member, () => undefined)).toEqual({ value: "ok", turns: 2 });
    keyring.dataKey = async () => {
      throw new Error("the database is away");
    };
    expect(await changing(vault, member, () => undefined)).toEqual({
      value: "the database is away",
      turns: 1,
    });
  });

  test("of somebody who is gone is forgotten", async () => {
    const { vault, member } = await home();
    expect((await changing(vault, member, () => "forgotten")).value).toBe("forgotten");
    await vault.phi.prepare("UPDATE member SET erased_at = 1").run();
    await vault.directory.markErased(member, nowMs);
    expect(await changing(vault, member, () => undefined)).toEqual({
      value: "forgotten",
      turns: 1,
    });
  });
});

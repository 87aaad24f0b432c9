/** What a log shows, when it halts, and whose co-signatures it keeps. */
import { describe, expect, it } from "vitest";
import { publishEveryMs } from "../../durable-objects/log-core.ts";
import { cosigner, noteSigner, signNote } from "../../kernel/tlog/note.ts";
import {
  checkpointOf,
  closing,
  intent,
  type LogWorld,
  leafOf,
  levelOf,
  logWorld,
  origin,
  shownCheckpoint,
  startMs,
  textsOf,
  treeOf,
} from "./log-world.ts";

const many = (n: number) => Array.from({ length: n }, (_, i) => intent({ purpose: `${i}` }));
const textOf = (note: string) => note.slice(0, note.indexOf("\n\n") + 1);

async function cosign(note: string, { witness }: Pick<LogWorld, "witness">): Promise<string> {
  return note + (await witness.cosign(textOf(note), startMs / 1_000));
}

describe("publishing", () => {
  it("shows tiles and a checkpoint of the very tree, whatever the sizes were before", async () => {
    const { home, tiles } = await logWorld();
    const log = home.getByName("0");
    for (const n of [0, 1, 2, 253, 1, 299, 512, 3]) {
      await log.append(many(n));
      if (n === 299) home.crash();
      const note = await log.publish();
      const leaves = textsOf(home).map(leafOf);
      const { size, root, origin: of } = checkpointOf(note);
      expect([of, size]).toEqual([`${origin}/0`, leaves.length]);
      expect(root).toBe(treeOf(leaves).toString("base64"));
      expect(levelOf(tiles, 0, size)).toEqual(leaves);
    }
    expect([...tiles.objects.keys()]).toContain("0/tile/1/000.p/4");
    expect((await log.status()).published).toBe(1_071);
  });

  it("is what the alarm does that an append sets, once", async () => {
    const { home, tiles, clock } = await logWorld();
    const log = home.getByName("0");
    await log.append([intent()]);
    expect(home.alarmMs("0")).toBe(startMs + publishEveryMs);
    clock.nowMs += 3_000;
    await log.append([closing(0)]);
    expect(home.alarmMs("0")).toBe(startMs + publishEveryMs);
    await home.ring("0");
    expect(checkpointOf(await shownCheckpoint(tiles)).size).toBe(2);
    expect(home.alarmMs("0")).toBeNull();
  });

  it("shows no entry that may still be lost", async () => {
    let stuck = false;
    const gate = async (at: string) => {
      if (stuck && at === "sync") await new Promise(() => undefined);
    };
    const { home, tiles } = await logWorld({ gate });
    const log = home.getByName("0");
    await log.append(many(2));
    stuck = true;
    void log.append(many(1));
    void log.publish();
    while (!tiles.objects.has("0/checkpoint")) await new Promise((turn) => setImmediate(turn));
    expect(checkpointOf(await shownCheckpoint(tiles)).size).toBe(2);
    stuck = false;
    home.crash();
    expect(await log.append(many(1))).toMatchObject([{ index: 2 }]);
  });

  it("tries again while the bucket fails, and appending goes on", async () => {
    const failing = { now: false };
    const { memoryR2 } = await import("../fakes/memory-r2.ts");
    const tiles = memoryR2({ fail: (call) => (failing.now && call === "put" ? "after" : null) });
    const { home } = await logWorld({ tiles });
    const log = home.getByName("0");
    await log.append([intent()]);
    failing.now = true;
    await home.ring("0");
    expect(home.alarmMs("0")).not.toBeNull();
    expect(await log.append([intent()])).toMatchObject([{ index: 1 }]);
    failing.now = false;
    await home.ring("0");
    expect(checkpointOf(await shownCheckpoint(tiles)).size).toBe(2);
  });

  it("notes a checkpoint that it had shown before it died", async () => {
    const { home, tiles } = await logWorld();
    const log = home.getByName("0");
    await log.append(many(300));
    const before = home.snapshot("0");
    const note = await log.publish();
    home.restore("0", before);
    expect((await log.status()).published).toBe(300);
    expect(await log.publish()).toBe(note);
    await log.append(many(1));
    await log.publish();
    expect(checkpointOf(await shownCheckpoint(tiles)).size).toBe(301);
  });

  it.each([0, 5])("shows the newest again when that of %i entries came in its place", async (n) => {
    const { home, tiles } = await logWorld();
    const log = home.getByName("0");
    await log.append(many(n));
    await log.publish();
    const old = new Map(tiles.snapshot());
    await log.append(many(5));
    const newest = await log.publish();
    const late = old.get("0/checkpoint");
    if (late !== undefined) tiles.objects.set("0/checkpoint", late);
    home.crash();
    expect(await log.publish()).toBe(newest);
    expect(await shownCheckpoint(tiles)).toBe(newest);
  });
});

describe("a tile that is no longer what was published", () => {
  it.each([
    ["the leaves", "0/tile/0/001.p/44"],
    ["the level above", "0/tile/1/000.p/1"],
  ])("is signed over by nobody, and appending goes on: %s", async (_, key) => {
    const { home, tiles } = await logWorld();
    const log = home.getByName("0");
    await log.append(many(300));
    const note = await log.publish();
    const tile = tiles.objects.get(key);
    if (tile === undefined) throw new Error("no such tile");
    tiles.objects.set(key, {
      ...tile,
      bytes: tile.bytes.map((byte, i) => (i === 9 ? ~byte : byte)),
    });
    home.crash();
    expect(await log.append(many(1))).toMatchObject([{ index: 300 }]);
    await expect(log.publish()).rejects.toThrow("not those of the 300 published entries");
    expect(await shownCheckpoint(tiles)).toBe(note);
    tiles.objects.set(key, tile);
    const { root } = checkpointOf(await log.publish());
    expect(root).toBe(treeOf(textsOf(home).map(leafOf)).toString("base64"));
  });
});

describe("a log whose storage was put back", () => {
  it("halts when more is public than it has", async () => {
    const { home } = await logWorld();
    const log = home.getByName("0");
    await log.append(many(3));
    const before = home.snapshot("0");
    await log.append(many(4));
    await log.publish();
    home.restore("0", before);
    const halted = "LogHalted: 7 entries are public, 3 are here";
    await expect(log.append([intent()])).rejects.toThrow(halted);
    await expect(log.append([closing(0)])).rejects.toThrow(halted);
    await expect(log.status()).rejects.toThrow(halted);
    await expect(log.publish()).rejects.toThrow(halted);
    await expect(log.texts(0, 1)).rejects.toThrow(halted);
    await expect(log.keepHouse(startMs)).rejects.toThrow(halted);
    home.crash();
    await expect(log.append([intent()])).rejects.toThrow(halted);
    expect(textsOf(home)).toHaveLength(3);
    await home.ring("0");
    expect(home.alarmMs("0")).toBeNull();
  });

  it.each([
    [4, 4],
    [4, 9],
    [9, 4],
  ])("halts when of %i public entries its own %i are not a part", async (theirs, own) => {
    const { home, tiles } = await logWorld();
    const log = home.getByName("0");
    const empty = home.snapshot("0");
    await log.append(many(theirs));
    const shown = await log.publish();
    tiles.objects.clear();
    home.restore("0", empty);
    await log.append(many(own));
    await log.publish();
    home.crash();
    await tiles.put("0/checkpoint", shown);
    await expect(log.append([intent()])).rejects.toThrow(/^LogHalted: .* public/);
  });

  it("halts when another tree was public than what it had not yet noted", async () => {
    const { home, tiles } = await logWorld();
    const log = home.getByName("0");
    const empty = home.snapshot("0");
    await log.append(many(4));
    await log.publish();
    const shown = tiles.snapshot();
    tiles.objects.clear();
    home.restore("0", empty);
    await log.append(many(5));
    home.crash();
    tiles.restore(shown);
    await expect(log.append([intent()])).rejects.toThrow("another tree is public at 4");
  });

  it("halts when the public checkpoint is another log's", async () => {
    const { home, tiles } = await logWorld();
    await home.getByName("1").append(many(2));
    await home.getByName("0").append(many(2));
    await tiles.put("0/checkpoint", await home.getByName("1").publish());
    home.crash();
    await expect(home.getByName("0").append([intent()])).rejects.toThrow("is not this log's");
    // It is woken once more, and wakes no more by itself.
    expect(home.alarmMs("0")).not.toBeNull();
    await home.ring("0");
    expect(home.alarmMs("0")).toBeNull();
    expect(await home.getByName("1").append([intent()])).toMatchObject([{ index: 2 }]);
  });
});

describe("co-signed checkpoints", () => {
  it("are kept, counted from 0 and shown, once for each size", async () => {
    const world = await logWorld();
    const { home, tiles } = world;
    const log = home.getByName("0");
    await log.append(many(2));
    const first = await cosign(await log.publish(), world);
    expect(await log.cosigned(first)).toBe("kept");
    expect(await log.cosigned(first)).toBe("kept");
    expect(await shownCheckpoint(tiles)).toBe(first);
    expect(await log.publish()).toBe(first);
    await log.append(many(2));
    const second = await log.publish();
    await log.append(many(2));
    const third = await log.publish();
    expect(await log.cosigned(await cosign(second, world))).toBe("kept");
    expect(await shownCheckpoint(tiles)).toBe(third);
    expect(await log.cosigned(first)).toBe("refused");
    expect(await log.status()).toMatchObject({ witnessed: 4, notes: 2, published: 6 });
    const kept = [...tiles.objects.keys()].filter((key) => key.startsWith("0/witnessed/"));
    expect(kept).toEqual(["0/witnessed/000", "0/witnessed/001"]);
    home.crash();
    expect(await log.append(many(1))).toHaveLength(1);
  });

  it("are found again when the log died before it had counted them", async () => {
    const world = await logWorld();
    const { home } = world;
    const log = home.getByName("0");
    await log.append(many(2));
    const first = await cosign(await log.publish(), world);
    const before = home.snapshot("0");
    await log.cosigned(first);
    home.restore("0", before);
    await log.append(many(1));
    expect(await log.cosigned(await cosign(await log.publish(), world))).toBe("kept");
    expect(await log.status()).toMatchObject({ witnessed: 3, notes: 2 });
  });

  it("are refused unless a witness that we know signed what we did", async () => {
    const world = await logWorld();
    const { home, tiles, witness } = world;
    const log = home.getByName("0");
    await log.append(many(2));
    const note = await log.publish();
    const text = textOf(note);
    const stranger = await cosigner("witness.example.com", new Uint8Array(32).fill(8));
    const signer = await noteSigner(`${origin}/0`, new Uint8Array(32).fill(7));
    const forged = text.replace(/\n[^\n]+\n$/, `\n${treeOf([]).toString("base64")}\n`);
    const larger = text.replace("\n2\n", "\n3\n");
    const refused = [
      "",
      "nonsense",
      note,
      note + (await stranger.cosign(text, 5)),
      `${text}\n${await witness.cosign(text, 5)}`,
      note + (await witness.cosign(forged, 5)),
      (await signNote(forged, signer)) + (await witness.cosign(forged, 5)),
      (await signNote(larger, signer)) + (await witness.cosign(larger, 5)),
    ];
    for (const one of refused) expect(await log.cosigned(one), one).toBe("refused");
    expect([...tiles.objects.keys()].filter((key) => key.includes("witnessed"))).toEqual([]);
    expect(await log.publish()).toBe(note);
    const both = note + (await stranger.cosign(text, 5)) + (await witness.cosign(text, 5));
    expect(await log.cosigned(both)).toBe("kept");
    expect(await shownCheckpoint(tiles)).toBe(note + (await witness.cosign(text, 5)));
  });
});

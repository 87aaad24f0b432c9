/** What a log reads of its own tiles, how they lie in the bucket, and what it is when one is not. */
import { describe, expect, it } from "vitest";
import { memoryR2, type R2Call } from "../fakes/memory-r2.ts";
import {
  checkpointOf,
  intent,
  leafOf,
  logWorld,
  shownCheckpoint,
  textsOf,
  treeOf,
} from "./log-world.ts";

const many = (n: number) => Array.from({ length: n }, (_, i) => intent({ purpose: `${i}` }));

/** A log whose bucket says what is read of its tiles, and fails when it is told to. */
async function world() {
  const read: string[] = [];
  const failing: { put: string | null } = { put: null };
  const fail = (call: R2Call, [key = ""]: readonly string[]) => {
    if (call === "get" && key.includes("/tile/")) read.push(key);
    return call === "put" && key === failing.put ? "before" : null;
  };
  const tiles = memoryR2({ fail });
  const { home } = await logWorld({ tiles });
  const isWhole = async () =>
    checkpointOf(await shownCheckpoint(tiles)).root ===
    treeOf(textsOf(home).map(leafOf)).toString("base64");
  return { home, log: home.getByName("0"), tiles, read: () => read.splice(0), failing, isWhole };
}

describe("a log that grows", () => {
  it("reads none of its tiles while it lives, and its right edge once after a restart", async () => {
    const { home, log, read, isWhole } = await world();
    for (const n of [300, 5, 300]) {
      await log.append(many(n));
      await log.publish();
    }
    expect(read()).toEqual([]);
    home.crash();
    await log.append(many(1));
    await log.publish();
    expect(read().sort()).toEqual(["0/tile/0/002.p/93", "0/tile/1/000.p/2"]);
    await log.append(many(1));
    await log.publish();
    expect(read()).toEqual([]);
    expect(await isWhole()).toBe(true);
  });

  it("goes on from what it had shown when its tiles are written and its checkpoint is not", async () => {
    const { log, failing, isWhole } = await world();
    await log.append(many(10));
    await log.publish();
    await log.append(many(10));
    failing.put = "0/checkpoint";
    await expect(log.publish()).rejects.toThrow("put");
    failing.put = null;
    await log.append(many(10));
    expect(checkpointOf(await log.publish()).size).toBe(30);
    expect(await isWhole()).toBe(true);
  });

  it("writes every tile as bytes that never change, and may be kept for ever", async () => {
    const { log, tiles } = await world();
    await log.append(many(300));
    await log.publish();
    const written = [...tiles.objects].filter(([key]) => key.includes("/tile/"));
    expect(written.map(([key]) => key).sort()).toEqual([
      "0/tile/0/000",
      "0/tile/0/001.p/44",
      "0/tile/1/000.p/1",
    ]);
    for (const [, { httpMetadata }] of written)
      expect(httpMetadata).toEqual({
        contentType: "application/octet-stream",
        cacheControl: "public, max-age=31536000, immutable",
      });
  });

  it.each([
    ["gone", null],
    ["cut short", 31],
  ])("names the tile that is %s and shows nothing over it, until it is back", async (_, length) => {
    const { home, log, tiles, isWhole } = await world();
    await log.append(many(300));
    const note = await log.publish();
    const [key, before] = ["0/tile/0/001.p/44", tiles.snapshot()];
    const tile = before.get(key);
    if (tile === undefined) throw new Error("no such tile");
    if (length === null) tiles.objects.delete(key);
    else tiles.objects.set(key, { ...tile, bytes: tile.bytes.slice(0, length) });
    home.crash();
    await log.append(many(1));
    await expect(log.publish()).rejects.toThrow(`${key} is not in the bucket`);
    expect(await shownCheckpoint(tiles)).toBe(note);
    tiles.objects.set(key, tile);
    await log.publish();
    expect(await isWhole()).toBe(true);
  });
});

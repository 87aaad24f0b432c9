/** What proves an entry, wherever its text is kept by now; and what of a log everybody may read. */
import { beforeEach, describe, expect, it } from "vitest";
import { parseCheckpoint } from "../../kernel/tlog/checkpoint.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "../../kernel/tlog/merkle.ts";
import { noteSigner, openNote, parseVerifierKey, type Verifier } from "../../kernel/tlog/note.ts";
import { entriesIn } from "../../kernel/tlog/tile.ts";
import { addCheckpoint } from "../../kernel/tlog/witness.ts";
import {
  bundleAt,
  entryAt,
  growthSince,
  proofOf,
  publicFile,
} from "../../workers/vault/log-proof.ts";
import type { Logs } from "../../workers/vault/logs.ts";
import {
  checkpointOf,
  closing,
  dayMs,
  intent,
  type LogWorld,
  leafOf,
  logWorld,
  member,
  origin,
  otherMember,
  textsOf,
  treeOf,
} from "./log-world.ts";

let world: LogWorld;
let logs: Logs;
let texts: string[];
beforeEach(async () => {
  world = await logWorld();
  const { home, tiles, entries } = world;
  const port = (log: number) => home.getByName(String(log));
  logs = { numbers: [0], tiles, archive: entries, port } as unknown as Logs;
});

/** Deeds of two members and their closings: two days that go to the archive, and today. */
async function fill(perDay: number): Promise<void> {
  const port = logs.port(0);
  for (const day of [0, 1, 9]) {
    world.clock.nowMs += day * dayMs;
    for (let n = 0; n < perDay / 2; n++) {
      const deed = intent({ member: n % 3 === 0 ? otherMember : member, rows: n });
      const [placed] = (await port.append([deed])) as readonly { index: number }[];
      await port.append([closing(placed?.index ?? -1)]);
    }
  }
  texts = textsOf(world.home);
  await port.publish();
  while ((await port.keepHouse(world.clock.nowMs)) > 0);
}

/** As the witness's round goes; the size that was co-signed. */
async function witnessed(): Promise<number> {
  const note = await logs.port(0).publish();
  const text = note.slice(0, note.indexOf("\n\n") + 1);
  const line = await world.witness.cosign(text, Math.floor(world.clock.nowMs / 1_000));
  expect(await logs.port(0).cosigned(note + line)).toBe("kept");
  return checkpointOf(note).size;
}

async function verifiers(): Promise<Verifier[]> {
  const { verifierKey } = await noteSigner(`${origin}/0`, new Uint8Array(32).fill(7));
  const keys = await Promise.all([verifierKey, world.witness.verifierKey].map(parseVerifierKey));
  return keys as Verifier[];
}

/** What the proof proves: the text, if everything in it is right. */
async function proved(proof: string): Promise<string | null> {
  const split = proof.indexOf("\n\n");
  const [header, extra = "", index = "", ...hashes] = proof.slice(0, split).split("\n");
  expect(header).toBe("c2sp.org/tlog-proof@v1");
  const opened = await openNote(proof.slice(split + 2), await verifiers());
  expect(opened?.verified).toHaveLength(2);
  const { size, root } = parseCheckpoint(opened?.text ?? "") ?? { size: 0, root: new Uint8Array() };
  const text = Buffer.from(extra.slice("extra ".length), "base64");
  const path = hashes.map((hash) => new Uint8Array(Buffer.from(hash, "base64")));
  const place = BigInt(index.slice("index ".length));
  const leaf = await leafHash(text);
  const isIn = await verifyInclusion(place, BigInt(size), leaf, path, new Uint8Array(root));
  return isIn ? text.toString() : null;
}

async function proofAt(index: number): Promise<string> {
  const found = await entryAt(logs, { log: 0, index });
  const answer = await proofOf(logs, { log: 0, index }, found?.text ?? "");
  if ("refused" in answer) throw new Error(answer.refused);
  return answer.proof;
}

describe("a proof", () => {
  it("holds for deeds and closings, recent and archived, under the newest co-signed tree", async () => {
    await fill(200);
    const size = await witnessed();
    const { firstRecent } = await logs.port(0).status();
    expect([size, firstRecent]).toEqual([600, 400]);
    for (const index of [0, 1, 199, 200, 255, 256, 399, 400, 401, 599])
      expect(await proved(await proofAt(index))).toBe(texts[index]);
  });

  it("of another text, index or hash holds nothing", async () => {
    await fill(20);
    await witnessed();
    const proof = await proofAt(17);
    const lines = proof.split("\n");
    const [other] = Buffer.from(`${texts[17]} `).toString("base64").split("\n");
    expect(await proved(proof.replace(/^extra .*$/m, `extra ${other}`))).toBeNull();
    expect(await proved(proof.replace(/^index 17$/m, "index 16"))).toBeNull();
    expect(await proved(proof.replace(`${lines[3]}\n`, ""))).toBeNull();
  });

  it("waits for the witness, who has to have seen the entry", async () => {
    await fill(4);
    const notYet = { refused: "not-witnessed" };
    expect(await proofOf(logs, { log: 0, index: 3 }, texts[3] ?? "")).toEqual(notYet);
    await witnessed();
    await logs.port(0).append([intent()]);
    const found = await entryAt(logs, { log: 0, index: 12 });
    expect(await proofOf(logs, { log: 0, index: 12 }, found?.text ?? "")).toEqual(notYet);
    await witnessed();
    expect(await proved(await proofAt(12))).toBe(textsOf(world.home).at(-1));
  });
});

describe("an entry", () => {
  it("is its member's, and a closing is whose deed it closes", async () => {
    await fill(8);
    const whose = async (index: number) => (await entryAt(logs, { log: 0, index }))?.member;
    const places = [0, 1, 2, 3, 6, 7, 16, 17, 18];
    expect(await Promise.all(places.map(whose))).toEqual([
      ...[otherMember, otherMember, member, member, otherMember, otherMember],
      ...[otherMember, otherMember, member],
    ]);
  });

  it.each([
    { log: 0, index: 24 },
    { log: 0, index: -1 },
    { log: 0, index: 0.5 },
    { log: 1, index: 0 },
  ])("is not at $log/$index", async (place) => {
    await fill(8);
    expect(await entryAt(logs, place)).toBeNull();
  });
});

describe("an entry bundle", () => {
  it("has every text in order, out of archive and object alike, as far as is published", async () => {
    await fill(200);
    await logs.port(0).append([intent()]);
    const read = async (n: number) => {
      const entries = entriesIn((await bundleAt(logs, 0, n)) ?? new Uint8Array()) ?? [];
      return entries.map((bytes) => Buffer.from(bytes).toString());
    };
    expect(await read(0)).toEqual(texts.slice(0, 256));
    expect(await read(1)).toEqual(texts.slice(256, 512));
    expect(await read(2)).toEqual(texts.slice(512, 600));
    expect([await bundleAt(logs, 0, 3), await bundleAt(logs, 0, -1)]).toEqual([null, null]);
    expect(await bundleAt(logs, 1, 0)).toBeNull();
  });
});

describe("what everybody may read", () => {
  it("is checkpoints and hashes, and of a narrow tile that is gone the full one's beginning", async () => {
    await fill(200);
    await witnessed();
    const size = async (path: string) => (await publicFile(logs, 0, path))?.length ?? null;
    expect(await size("tile/0/000")).toBe(8_192);
    expect(await size("tile/0/002.p/88")).toBe(88 * 32);
    const full = await publicFile(logs, 0, "tile/0/001");
    expect(await publicFile(logs, 0, "tile/0/001.p/3")).toEqual(full?.slice(0, 96));
    const shown = Buffer.from((await publicFile(logs, 0, "checkpoint")) ?? []).toString();
    const note = Buffer.from((await publicFile(logs, 0, "witnessed/000")) ?? []).toString();
    const root = treeOf(texts.map(leafOf)).toString("base64");
    expect([checkpointOf(shown), checkpointOf(note)]).toEqual(
      [1, 2].map(() => ({ origin: `${origin}/0`, size: 600, root })),
    );
  });

  it.each([
    ...["tile/entries/000", "tile/0/003", "tile/0/002.p/89", "tile/0/0", "tile/00/000", "", "/"],
    ...[
      "witnessed/1",
      "witnessed/001",
      "witnessed/../checkpoint",
      "../0/checkpoint",
      "checkpoint/",
    ],
  ])("is not %j", async (path) => {
    await fill(200);
    await witnessed();
    expect(await publicFile(logs, 0, path)).toBeNull();
    expect(await publicFile(logs, 1, "checkpoint")).toBeNull();
  });
});

describe("a tile that is no longer what was signed", () => {
  /** One bit of it, wherever it lies. */
  function flip(path: string, at: number): void {
    const kept = world.tiles.objects.get(`0/${path}`);
    if (kept === undefined) throw new Error(`${path} is not there`);
    const bytes = Uint8Array.from(kept.bytes);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    world.tiles.objects.set(`0/${path}`, { ...kept, bytes });
  }
  const all = ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"];
  const shown = (): Promise<readonly string[]> =>
    Promise.all(
      all.map((path) =>
        publicFile(logs, 0, path).then(
          () => "shown",
          () => "refused",
        ),
      ),
    );

  it.each([
    ["tile/0/000", 0, ["refused", "shown", "shown", "shown"]],
    ["tile/0/001", 8_191, ["shown", "refused", "shown", "shown"]],
    // What the root is made of: with it nothing is known any more.
    ["tile/0/002.p/88", 40, ["refused", "refused", "refused", "refused"]],
    ["tile/1/000.p/2", 63, ["refused", "refused", "refused", "refused"]],
  ])("is shown to nobody: %s", async (path, at, outcome) => {
    await fill(200);
    await witnessed();
    expect(await shown()).toEqual(all.map(() => "shown"));
    flip(path, at);
    expect(await shown()).toEqual(outcome);
  });

  it("is shown to nobody as its own beginning, nor while it is not signed", async () => {
    await fill(20);
    await witnessed();
    const path = "tile/0/000.p/60";
    const earlier = Uint8Array.from((await publicFile(logs, 0, path)) ?? []);
    expect(earlier).toHaveLength(60 * 32);
    await logs.port(0).append([intent()]);
    await logs.port(0).publish();
    expect(await publicFile(logs, 0, path)).toEqual(earlier);
    flip(path, 100);
    await expect(publicFile(logs, 0, path)).rejects.toThrow("no longer what was published");
    const kept = world.tiles.objects.get(`0/${path}`);
    if (kept !== undefined) world.tiles.objects.set("0/tile/0/000.p/62", kept);
    expect(await publicFile(logs, 0, "tile/0/000.p/62")).toBeNull();
  });

  it("is in no proof", async () => {
    await fill(20);
    await witnessed();
    const found = await entryAt(logs, { log: 0, index: 3 });
    flip("tile/0/000.p/60", 32 * 17);
    const proof = proofOf(logs, { log: 0, index: 3 }, found?.text ?? "");
    await expect(proof).rejects.toThrow("no longer what was published");
  });
});

describe("what the witness is told", () => {
  it("is the growth since what it knows, proved; nothing of an empty log or one it knows", async () => {
    expect(await growthSince(logs, 0, 0)).toBeNull();
    await fill(100);
    const [own] = (await verifiers()) as [Verifier];
    const known = new Map([[`${origin}/0`, own]]);
    const root = new Uint8Array(treeOf(texts.slice(0, 77).map(leafOf)));
    for (const seen of [null, { size: 77, root }]) {
      const body = (await growthSince(logs, 0, seen?.size ?? 0)) ?? "";
      const judged = await addCheckpoint(body, known, () => seen);
      expect(judged).toMatchObject({ status: 200, checkpoint: { size: 300 } });
    }
    expect(await growthSince(logs, 0, 300)).toBeNull();
    expect(await growthSince(logs, 1, 0)).toBeNull();
  });

  it("is not hidden from it when the log is smaller than what it knows", async () => {
    await fill(100);
    const [own] = (await verifiers()) as [Verifier];
    const root = new Uint8Array(32);
    const body = (await growthSince(logs, 0, 301)) ?? "";
    const known = new Map([[`${origin}/0`, own]]);
    const judged = await addCheckpoint(body, known, () => ({ size: 301, root }));
    expect(judged.status).toBe(400);
    expect(await verifyConsistency(301n, 300n, [], root, root)).toBe(false);
  });
});

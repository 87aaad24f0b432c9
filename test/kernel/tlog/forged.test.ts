/**
 * What a stranger can make that adds up, or is well signed, and still proves nothing: only its form
 * tells it. Each is wrong in that one thing, so no other guard refuses it too.
 */
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Hash,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from "../../../kernel/tlog/merkle.ts";
import {
  base64Of,
  cosigner,
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
  type Verifier,
  verifierKey,
} from "../../../kernel/tlog/note.ts";
import { tilesBetween } from "../../../kernel/tlog/tile.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const seed = (n: number) => new Uint8Array(32).fill(n);
const text = "log.example/0\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

describe("hashes that come to the root", () => {
  let [a, b, c, d, ab, cd]: Hash[] = [];
  beforeAll(async () => {
    [a, b, c, d] = await Promise.all(["a", "b", "c", "d"].map((entry) => leafHash(utf8(entry))));
    [ab, cd] = [await nodeHash(a as Hash, b as Hash), await nodeHash(c as Hash, d as Hash)];
  });
  /** The same 64 bytes, cut one byte sooner. */
  const cutSooner = (left: Hash, right: Hash): [Hash, Hash] => [
    left.slice(0, -1),
    Uint8Array.of(...left.slice(-1), ...right),
  ];

  test("but are cut elsewhere prove neither an entry nor growth", async () => {
    const [left, right] = cutSooner(a as Hash, b as Hash);
    expect(await nodeHash(left, right)).toEqual(ab);
    expect(await verifyInclusion(0n, 2n, left, [right], ab as Hash)).toBe(false);
    expect(await verifyInclusion(1n, 2n, right, [left], ab as Hash)).toBe(false);
    expect(await verifyConsistency(1n, 2n, [b as Hash], a as Hash, ab as Hash)).toBe(true);
    expect(await verifyConsistency(1n, 2n, [right], left, ab as Hash)).toBe(false);
  });

  test("of an inner node are no entry's", async () => {
    const root = await nodeHash(ab as Hash, cd as Hash);
    expect(await verifyInclusion(0n, 4n, a as Hash, [b as Hash, cd as Hash], root)).toBe(true);
    expect(await verifyInclusion(0n, 4n, ab as Hash, [cd as Hash], root)).toBe(false);
    expect(await verifyInclusion(0n, 4n, root, [], root)).toBe(false);
  });

  test("prove an entry at its own place and size, and at no other", async () => {
    expect(await verifyInclusion(0n, 2n, a as Hash, [b as Hash], ab as Hash)).toBe(true);
    for (const [index, size] of [
      [1n, 2n],
      [2n, 2n],
      [4n, 2n],
      [0n, 1n],
      [0n, 4n],
    ] as const)
      expect(await verifyInclusion(index, size, a as Hash, [b as Hash], ab as Hash)).toBe(false);
    expect(await verifyInclusion(0n, 1n, b as Hash, [a as Hash], ab as Hash)).toBe(false);
  });
});

describe("a key that spells its own number", () => {
  test("is none without 32 bytes, a known type and a name", async () => {
    expect(await parseVerifierKey(await verifierKey("log", seed(1), 4))).not.toBeNull();
    for (const wrong of [
      await verifierKey("log", seed(1).slice(1), 1),
      await verifierKey("log", Uint8Array.of(...seed(1), 1), 1),
      await verifierKey("log", seed(1), 2 as 1),
      await verifierKey("a log", seed(1), 1),
      await verifierKey("log\u00a0", seed(1), 1),
    ])
      expect(await parseVerifierKey(wrong), wrong).toBeNull();
  });
});

describe("a note that is well signed", () => {
  const keyOf = async (spelled: string) => (await parseVerifierKey(spelled)) as Verifier;
  let log: Awaited<ReturnType<typeof noteSigner>>;
  let own: Verifier;
  let note = "";
  beforeAll(async () => {
    log = await noteSigner("log.example/0", seed(1));
    own = await keyOf(log.verifierKey);
    note = await signNote(text, log);
  });
  const lineOf = async (of: string) => {
    const signed = await signNote(of, log);
    return signed.slice(signed.lastIndexOf("\n\n") + 2);
  };

  test("is none with a control character, or half of one, in its text", async () => {
    for (const wrong of ["\t", "\r", "\u0000", "\u001f", "\ud800"])
      expect(await openNote(await signNote(`${text}${wrong}\n`, log), [own])).toBeNull();
    expect(await openNote(await signNote(`${text} \u007f\n`, log), [own])).not.toBeNull();
  });

  test("is none as bytes that are no text, though what they are read as be signed", async () => {
    const signed = utf8(await signNote(`${text}\ufffd\n`, log));
    expect(await openNote(signed, [own])).not.toBeNull();
    const at = signed.indexOf(0xef);
    const broken = Uint8Array.of(...signed.slice(0, at), 0xff, ...signed.slice(at + 3));
    expect(await openNote(broken, [own])).toBeNull();
  });

  test("is none without the empty line, though it be signed for no text at all", async () => {
    const line = await lineOf("");
    expect(await openNote(`x${line}`, [own])).toBeNull();
    expect(await openNote(`\n${line}`, [own])).toBeNull();
    expect((await openNote(`\n\n${await lineOf("\n")}`, [own]))?.text).toBe("\n");
  });

  test("is none with a line among its signatures that is none, whoever the others are of", async () => {
    const known = base64Of(Uint8Array.of(0, 0, 0, 1, 2));
    expect((await openNote(`${note}— other ${known}\n`, [own]))?.unverified).toHaveLength(1);
    for (const wrong of [
      `— other ${known}A`,
      `— other ${known}\u2028— more ${known}\n`,
      `— an\u00a0other ${known}\n`,
      `— an+other ${known}\n`,
      "— other %%%%\n",
      `— other ${base64Of(seed(1).slice(0, 3))}\n`,
      `— other ${base64Of(seed(1).slice(0, 4))}\n`,
      ` — other ${known}\n`,
    ])
      expect(await openNote(`${note}${wrong}`, [own]), JSON.stringify(wrong)).toBeNull();
  });

  test("at a time that no signed number of 64 bits holds is none", async () => {
    const witness = await cosigner("witness.example", seed(2));
    const key = await keyOf(witness.verifierKey);
    const at = async (timeS: number) => openNote(note + (await witness.cosign(text, timeS)), [key]);
    expect(await at(2 ** 63 - 1024)).not.toBeNull();
    expect(await at(2 ** 63)).toBeNull();
  });
});

describe("tiles of a log that ends where one does", () => {
  test("have none that is empty behind it", () => {
    const full = (level: number, n: number) => ({ level, n, width: 256 });
    expect(tilesBetween(0, 256)).toEqual([full(0, 0), { level: 1, n: 0, width: 1 }]);
    expect(tilesBetween(256, 512)).toEqual([full(0, 1), { level: 1, n: 0, width: 2 }]);
    expect(tilesBetween(65_280, 65_536)).toEqual([
      full(0, 255),
      full(1, 0),
      { level: 2, n: 0, width: 1 },
    ]);
  });
});

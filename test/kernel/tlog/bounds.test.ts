/** Where sizes, places and spellings of the log's formats end. */
import { describe, expect, test } from "vitest";
import { parseCheckpoint } from "../../../kernel/tlog/checkpoint.ts";
import {
  consistencyProof,
  inclusionProof,
  isSameHash,
  leafHash,
  rootAt,
} from "../../../kernel/tlog/merkle.ts";
import {
  noteSigner,
  parseVerifierKey,
  signNote,
  type Verifier,
  verifierKey,
} from "../../../kernel/tlog/note.ts";
import { addCheckpoint, addCheckpointBody } from "../../../kernel/tlog/witness.ts";

const key = new Uint8Array(32).fill(1);
const read = async (level: number, n: number) => leafHash(Uint8Array.of(level, n));
const why = "no such place in a log of this size";

describe("a size", () => {
  const odd = [-1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];

  test("is whole and counts exactly, for roots and for proofs, or it is said", async () => {
    for (const size of odd) {
      await expect(async () => rootAt(size, read)).rejects.toThrow(why);
      await expect(inclusionProof(0, size, read)).rejects.toThrow(why);
      await expect(consistencyProof(0, size, read)).rejects.toThrow(why);
    }
    for (const [from, to] of [
      [-1, 3],
      [4, 3],
    ] as const)
      await expect(consistencyProof(from, to, read)).rejects.toThrow(why);
    for (const [index, size] of [
      [-1, 3],
      [3, 3],
      [0, 0],
    ] as const)
      await expect(inclusionProof(index, size, read)).rejects.toThrow(why);
    expect(await inclusionProof(0, 1, read)).toEqual([]);
    expect(await consistencyProof(0, 3, read)).toEqual([]);
    expect(await consistencyProof(3, 3, read)).toEqual([]);
  });

  test("of two hashes is a part of whether they are the same", () => {
    expect(isSameHash(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
    expect(isSameHash(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(isSameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  });
});

describe("a spelling", () => {
  test("of a key is whole, with its number in eight digits", async () => {
    const good = await verifierKey("log", key, 1);
    for (const wrong of [`x+${good}`, `+${good}`, `${good}\n`, `${good}\nx`, good.slice(1)])
      expect(await parseVerifierKey(wrong), wrong).toBeNull();
    const names = Array.from({ length: 400 }, (_, n) => `log-${n}`);
    const keys = await Promise.all(names.map((name) => verifierKey(name, key, 1)));
    const short = keys.filter((one) => /\+0[0-9a-f]{7}\+/.test(one));
    expect(short.length).toBeGreaterThan(0);
    for (const one of keys) expect(one).toMatch(/^log-\d+\+[0-9a-f]{8}\+/);
    for (const one of short) expect(await parseVerifierKey(one)).not.toBeNull();
  });

  test("of a checkpoint is whole lines", () => {
    const text = "log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    expect(parseCheckpoint(text)).not.toBeNull();
    for (const wrong of [`${text}more`, `${text} `]) expect(parseCheckpoint(wrong)).toBeNull();
  });
});

describe("what a witness is handed", () => {
  const hash = new Uint8Array(32).fill(5);
  const asked = async (size: number, proof: readonly Uint8Array[], oldSize = size) => {
    const signer = await noteSigner("log", key);
    const logs = new Map([["log", (await parseVerifierKey(signer.verifierKey)) as Verifier]]);
    const text = `log\n${size}\n${btoa(String.fromCharCode(...hash))}\n`;
    const body = addCheckpointBody(oldSize, proof, await signNote(text, signer));
    const known = () => ({ size: oldSize, root: hash });
    return {
      judged: (await addCheckpoint(body, logs, known)).status,
      of: async (other: string) => (await addCheckpoint(other, logs, known)).status,
      body,
    };
  };

  test("of the size it knows has no proof, and the root it knows", async () => {
    expect((await asked(3, [])).judged).toBe(200);
    expect((await asked(3, [hash])).judged).toBe(422);
  });

  test("has 63 hashes at most, each a line, behind the size in its words", async () => {
    expect((await asked(3, new Array(63).fill(hash))).judged).toBe(422);
    expect((await asked(3, new Array(64).fill(hash))).judged).toBe(400);
    const { body, of } = await asked(3, []);
    expect(await of(body)).toBe(200);
    for (const wrong of [
      "",
      "old 3",
      `\n\n${body}`,
      body.replace("old 3", "3"),
      body.replace("old 3", "new 3"),
      body.replace("old 3", "old  3"),
      body.replace("\n\n", "\nx\n\n"),
    ])
      expect(await of(wrong), wrong.slice(0, 12)).toBe(400);
  });
});

/** What a stranger may send in place of a proof, a key or a note, each one step from a good one. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  checkpointText,
  parseCheckpoint,
  parseHash,
  parseSize,
} from "../../../kernel/tlog/checkpoint.ts";
import {
  emptyRoot,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from "../../../kernel/tlog/merkle.ts";
import {
  base64Of,
  bytesOf,
  cosigner,
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
  type Verifier,
  verifierKey,
} from "../../../kernel/tlog/note.ts";
import {
  bundleOf,
  entriesIn,
  numberPath,
  parseTilePath,
  tilePath,
} from "../../../kernel/tlog/tile.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const seed = (n: number) => new Uint8Array(32).fill(n);
const text = "log.example/0\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

describe("a proof", () => {
  const leaves = () => Promise.all(["a", "b", "c"].map((entry) => leafHash(utf8(entry))));

  test("of growth needs its hashes, and each of 32 bytes", async () => {
    const [a, b, c] = (await leaves()) as [Uint8Array, Uint8Array, Uint8Array];
    const two = await nodeHash(a, b);
    const three = await nodeHash(two, c);
    expect(await verifyConsistency(2n, 3n, [c], two, three)).toBe(true);
    for (const proof of [[], [c, c], [c.slice(1)], [new Uint8Array()], [two, c]])
      expect(await verifyConsistency(2n, 3n, proof, two, three)).toBe(false);
    expect(await verifyConsistency(2n, 3n, [c], two.slice(1), three)).toBe(false);
    expect(await verifyConsistency(2n, 3n, [c], two, three.slice(1))).toBe(false);
    // From three, no whole subtree: the proof has to bring the first hash too.
    expect(await verifyConsistency(3n, 4n, [], three, three)).toBe(false);
    expect(await verifyConsistency(3n, 3n, [], three, three)).toBe(true);
    expect(await verifyConsistency(3n, 3n, [c], three, three)).toBe(false);
    expect(await verifyConsistency(3n, 2n, [c], three, two)).toBe(false);
    expect(await verifyConsistency(0n, 3n, [], await emptyRoot(), three)).toBe(false);
    expect(await verifyConsistency(-1n, 3n, [], three, three)).toBe(false);
  });

  test("of an entry needs its hashes, each of 32 bytes, and a place within the size", async () => {
    const [a, b] = (await leaves()) as [Uint8Array, Uint8Array];
    const root = await nodeHash(a, b);
    expect(await verifyInclusion(1n, 2n, b, [a], root)).toBe(true);
    expect(await verifyInclusion(0n, 1n, a, [], a)).toBe(true);
    for (const [index, size] of [
      [-1n, 2n],
      [2n, 2n],
      [0n, 0n],
      [0n, 2n],
    ] as const)
      expect(await verifyInclusion(index, size, b, [a], root)).toBe(false);
    for (const proof of [[], [a, a], [a.slice(1)]])
      expect(await verifyInclusion(1n, 2n, b, proof, root)).toBe(false);
    expect(await verifyInclusion(0n, 1n, a.slice(1), [], a.slice(1))).toBe(false);
  });
});

describe("a checkpoint", () => {
  const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

  test("says a size in its one spelling, as far as a number counts", () => {
    for (const [said, size] of [
      ["0", 0],
      ["7", 7],
      ["10", 10],
      ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ] as const)
      expect(parseSize(said)).toBe(size);
    for (const said of ["", "00", "07", "-1", "+1", "1.0", "1e3", " 1", "1 ", "9007199254740992"])
      expect(parseSize(said), said).toBeNull();
    expect(parseSize("99999999999999999")).toBeNull();
  });

  test("says a root in its one spelling, of 32 bytes", () => {
    expect(parseHash(root)?.length).toBe(32);
    for (const said of ["", root.slice(4), `${root}AAAA`, root.replace("I=", "J="), `${root} `])
      expect(parseHash(said), said).toBeNull();
  });

  test("ends with a newline and has no empty line; what stands behind its third is its log's", () => {
    expect(parseCheckpoint(`${text}more\n`)).toMatchObject({ origin: "log.example/0", size: 3 });
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint && checkpointText(checkpoint)).toBe(text);
    const bad = ["", "\n", text.slice(0, -1), `${text}\n`, `\n${text}`, `o\n3\n`, `o\n\n${root}\n`];
    for (const wrong of [...bad, `o\n${root}\n3\n`])
      expect(parseCheckpoint(wrong), wrong).toBeNull();
  });
});

describe("a key", () => {
  test("is named without spaces or plus, and is of 32 bytes of a type known here", async () => {
    const good = await verifierKey("log.example/0", seed(1), 1);
    expect(await parseVerifierKey(good)).toMatchObject({ name: "log.example/0", type: 1 });
    const [name = "", id = "", key = ""] = good.split("+");
    const spelled = bytesOf(key) ?? new Uint8Array();
    const of = (type: number, length: number) =>
      base64Of(Uint8Array.of(type, ...seed(1)).slice(0, length + 1));
    expect(of(1, 32)).toBe(base64Of(spelled));
    for (const wrong of [
      `${name}+${id}`,
      `${name}+${id}+`,
      `${name}+${id}+A`,
      `${name}+${id}+%%%%`,
      `${name}+${id}+${of(1, 31)}`,
      `${name}+${id}+${of(2, 32)}`,
      `${name}+${id.toUpperCase()}x+${key}`,
      `${name}+00000000+${key}`,
      `a b+${id}+${key}`,
      `x${good}`,
    ])
      expect(await parseVerifierKey(wrong), wrong).toBeNull();
  });

  test("is not made of a name or a seed that is none, and that is said", async () => {
    const why = "a key needs a name without spaces or plus, and 32 bytes";
    for (const [name, bytes] of [
      ["", seed(1)],
      ["a b", seed(1)],
      ["a+b", seed(1)],
      ["\ud800", seed(1)],
      ["a", seed(1).slice(1)],
    ] as const) {
      await expect(noteSigner(name, bytes)).rejects.toThrow(why);
      await expect(cosigner(name, bytes)).rejects.toThrow(why);
    }
  });

  test("of RFC 8032's first test is that key", async () => {
    const secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const made = await noteSigner("a", Uint8Array.from(Buffer.from(secret, "hex")));
    const { publicKey } = (await parseVerifierKey(made.verifierKey)) as Verifier;
    expect(Buffer.from(publicKey).toString("hex")).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    expect(Buffer.from(await made.sign("")).toString("hex")).toMatch(/^e5564300c360ac72/);
  });
});

describe("a note", () => {
  let note = "";
  let logKey: Verifier;
  let witnessKey: Verifier;
  beforeAll(async () => {
    const log = await noteSigner("log.example/0", seed(1));
    const witness = await cosigner("witness.example", seed(2));
    note = (await signNote(text, log)) + (await witness.cosign(text, 1_700_000_000));
    logKey = (await parseVerifierKey(log.verifierKey)) as Verifier;
    witnessKey = (await parseVerifierKey(witness.verifierKey)) as Verifier;
  });
  const lineOf = ({ name, keyId }: Verifier, ...bytes: readonly number[]) => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, keyId);
    return `— ${name} ${base64Of(Uint8Array.of(...head, ...bytes))}\n`;
  };
  const signedBy = (line: string) => `${text}\n${line}`;

  test("opens from bytes as from text; bytes that are no text, or have a mark before them, are none", async () => {
    expect((await openNote(utf8(note), [logKey]))?.text).toBe(text);
    expect(await openNote(utf8(`\ufeff${note}`), [logKey])).toBeNull();
    const broken = utf8(note);
    broken[0] = 0xff;
    expect(await openNote(broken, [logKey])).toBeNull();
  });

  test("with a co-signature that has no time, no signature, or a time beyond all is refused", async () => {
    for (const bytes of [
      [0],
      new Array<number>(8).fill(0),
      new Array<number>(9).fill(0),
      [0x80, ...new Array<number>(71).fill(0)],
      new Array<number>(72).fill(0xff),
    ])
      expect(await openNote(signedBy(lineOf(witnessKey, ...bytes)), [witnessKey])).toBeNull();
    expect(await openNote(note, [witnessKey])).not.toBeNull();
  });

  test("under a key of another length is not signed; under what is no key at all, something is wrong", async () => {
    const short = { ...logKey, publicKey: logKey.publicKey.slice(1) };
    expect(await openNote(note, [short])).toBeNull();
    const odd = { ...logKey, publicKey: "key" as unknown as Verifier["publicKey"] };
    await expect(openNote(note, [odd])).rejects.toThrow();
  });

  test("may be signed a hundred times, and by one key once however often it is said", async () => {
    const unknown = (n: number) => lineOf({ ...logKey, name: `k${n}` }, 1, 2, 3);
    const lines = Array.from({ length: 98 }, (_, n) => unknown(n)).join("");
    const opened = await openNote(note + lines, [logKey]);
    expect([opened?.verified.length, opened?.unverified.length]).toEqual([1, 99]);
    expect(await openNote(note + lines + unknown(99), [logKey])).toBeNull();
    const twice = await openNote(note + unknown(1) + unknown(1) + unknown(2), [logKey]);
    expect(twice?.unverified).toHaveLength(3);
    const line = note.slice(note.indexOf("— log"), note.indexOf("— witness"));
    expect((await openNote(note + line, [logKey]))?.verified).toHaveLength(1);
  });

  test("has no control characters but newlines, an empty line before its signatures, and one after", async () => {
    for (const wrong of [
      "",
      text,
      `${text}\n`,
      note.slice(0, -1),
      `${note}\n`,
      note.replace("3", "3\t"),
      note.replace("3", "3\u0000"),
      note.replace("3", "3\r"),
      note.replace("3", "3\u001f"),
      note.replace("\n\n", "\n"),
      note.replace("— log", "- log"),
      note.replace("— log", " — log"),
      signedBy(lineOf(logKey)),
    ])
      expect(await openNote(wrong, [logKey]), JSON.stringify(wrong)).toBeNull();
  });

  test("whose signature may be of two keys that are known is refused", async () => {
    expect(await openNote(note, [logKey, { ...logKey }])).toBeNull();
    expect(await openNote(note, [logKey, { ...logKey, name: "another" }])).not.toBeNull();
    expect(await openNote(note, [logKey, { ...logKey, keyId: 1 }])).not.toBeNull();
  });
});

describe("a tile's path", () => {
  test("has three digits an element, all but the last marked", () => {
    for (const [n, path] of [
      [0, "000"],
      [7, "007"],
      [999, "999"],
      [1000, "x001/000"],
      [1_234_067, "x001/x234/067"],
    ] as const)
      expect(numberPath(n)).toBe(path);
  });

  test("ends at level 63 and width 256, and is itself spelled one way", () => {
    expect(parseTilePath("tile/63/000")).toEqual({ level: 63, n: 0, width: 256 });
    expect(parseTilePath("tile/0/001.p/255")).toEqual({ level: 0, n: 1, width: 255 });
    expect(parseTilePath("tile/0/001.p/1")).toEqual({ level: 0, n: 1, width: 1 });
    expect(parseTilePath("tile/entries/x001/000")).toEqual({
      level: "entries",
      n: 1000,
      width: 256,
    });
    expect(tilePath(0, 1, 255)).toBe("tile/0/001.p/255");
    for (const wrong of [
      "tile/64/000",
      "tile/00/000",
      "tile/0/001.p/0",
      "tile/0/001.p/256",
      "tile/0/001.p/257",
      "tile/0/001.p/01",
      "tile/0/x000/001",
      "tile/0/001/002",
      "tile/0/x001/x002",
      "xtile/0/000",
      "tile/0/000x",
      `tile/0/${"x999/".repeat(6)}999`,
    ])
      expect(parseTilePath(wrong), wrong).toBeNull();
  });
});

describe("a bundle", () => {
  test("has entries of up to 65,535 bytes, the empty one too", () => {
    const entries = [new Uint8Array(), new Uint8Array(65_535).fill(9), utf8("x")];
    expect(entriesIn(bundleOf(entries))).toEqual(entries);
    expect(() => bundleOf([new Uint8Array(65_536)])).toThrow(RangeError);
    expect(entriesIn(new Uint8Array())).toEqual([]);
    for (const cut of [[0], [0, 1], [0, 2, 7], [0, 0, 0]])
      expect(entriesIn(Uint8Array.from(cut)), cut.join()).toBeNull();
    const within = new Uint8Array([9, 9, ...bundleOf([utf8("x")])]).subarray(2);
    expect(entriesIn(within)).toEqual([utf8("x")]);
  });
});

/** Where the form of a Tink signature, and of a published key, ends: a byte more, less or other. */
import { createECDH } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Keyset } from "../../../providers/recipe.ts";
import { derToP1363, parseTinkKeyset, provenByTink } from "../../../providers/signature/tink.ts";
import {
  bytes,
  entryOf,
  field,
  framed,
  newKeys,
  params,
  pointOf,
  sign,
  tinkEntry,
} from "./tink-signed.ts";

const id = 7;
const body = bytes("{}");
const refused = { is: "refused" };

describe("a signature's numbers", () => {
  const inDer = (...given: readonly number[]) => derToP1363(Uint8Array.from(given));

  it("are two integers of one sequence, told by their tags and exact lengths", () => {
    const [r, s] = [new Uint8Array(64), new Uint8Array(64)];
    r[31] = 5;
    r[63] = 6;
    s[63] = 1;
    expect(inDer(0x30, 6, 2, 1, 5, 2, 1, 6)).toEqual(r);
    expect(inDer(0x30, 6, 2, 1, 0, 2, 1, 1)).toEqual(s);
    for (const wrong of [
      [0x31, 6, 2, 1, 5, 2, 1, 6],
      [0x30, 5, 2, 1, 5, 2, 1, 6],
      [0x30, 7, 2, 1, 5, 2, 1, 6],
      [0x30, 6, 3, 1, 5, 2, 1, 6],
      [0x30, 6, 2, 1, 5, 3, 1, 6],
      [0x30, 6, 2, 1, 5, 2, 2, 6],
      [0x30, 6, 2, 9, 5, 2, 1, 6],
      [0x30, 7, 2, 1, 5, 2, 1, 6, 0],
    ])
      expect(inDer(...wrong), wrong.join()).toBeNull();
  });

  it("have 32 bytes at most, and a zero before them where they would be negative", () => {
    const most = [0x7f, ...new Array<number>(31).fill(9)];
    const high = [0x80, ...new Array<number>(31).fill(9)];
    const pair = (of: readonly number[]) =>
      inDer(0x30, of.length + 5, 2, of.length, ...of, 2, 1, 1)?.slice(0, 32);
    expect(pair(most)).toEqual(Uint8Array.from(most));
    expect(pair([0, ...high])).toEqual(Uint8Array.from(high));
    for (const wrong of [high, [0, ...most], [1, ...most], [0, 0, ...high], [1, 0, ...most]])
      expect(pair(wrong), wrong.join()).toBeUndefined();
  });
});

describe("a header", () => {
  it("that is shorter than any signature asks for no key; the shortest one does", async () => {
    let asked = 0;
    const counting: Keyset = async () => {
      asked++;
      return new Map();
    };
    const shortest = [0x30, 6, 2, 1, 5, 2, 1, 6];
    for (let length = 0; length < shortest.length; length++) {
      const header = framed(id, Uint8Array.from(shortest.slice(0, length)));
      expect(await provenByTink([header], body, counting)).toEqual(refused);
    }
    for (const header of ["AQ==", "AQA=", "AQAA"])
      expect(await provenByTink([header], body, counting)).toEqual(refused);
    expect(asked).toBe(0);
    const header = framed(id, Uint8Array.from(shortest));
    expect(await provenByTink([header], body, counting)).toEqual(refused);
    expect(asked).toBe(2);
  });

  it("whose key cannot be had leaves it open, whatever another one says", async () => {
    const header = await sign(await newKeys(), body, id);
    for (const headers of [
      [header, "AA=="],
      ["AA==", header],
      [header, ""],
    ])
      expect(await provenByTink(headers, body, async () => "unavailable")).toEqual({
        is: "unavailable",
      });
  });
});

describe("a published key", () => {
  let keys: CryptoKeyPair;
  let [x, y]: readonly [Uint8Array, Uint8Array] = [new Uint8Array(), new Uint8Array()];
  beforeAll(async () => {
    keys = await newKeys();
    [x, y] = await pointOf(keys);
  });
  const parsed = (...key: readonly object[]) => parseTinkKeyset(JSON.stringify({ key }));
  const idsOf = async (message: readonly number[]) => [
    ...(await parsed(entryOf(message, id), await tinkEntry(keys, 1))).keys(),
  ];

  it("is asked for once where it is known, verifies, and cannot be read out", async () => {
    const held = await parsed(await tinkEntry(keys, id));
    const refreshed: boolean[] = [];
    const keyset: Keyset = async (refresh) => {
      refreshed.push(refresh);
      return held;
    };
    const header = await sign(keys, body, id);
    expect(await provenByTink([header], body, keyset)).toEqual({ is: "genuine", kid: "7" });
    expect(refreshed).toEqual([false]);
    expect(held.get(id)).toMatchObject({ extractable: false, usages: ["verify"] });
  });

  it("is read with its version and with fields that nobody knows, in whichever order", async () => {
    const unknown = field(9, new Array(127).fill(3));
    for (const message of [
      [8, 0, ...params, ...field(3, x), ...field(4, y)],
      [...unknown, ...field(4, [0, ...y]), ...params, 8, 0, ...field(3, [0, ...x])],
    ]) {
      const held = await parsed(entryOf(message, id));
      const header = await sign(keys, body, id);
      expect(await provenByTink([header], body, async () => held)).toMatchObject({ is: "genuine" });
    }
  });

  it("is read where a number of it is written in fewer bytes", async () => {
    const pair = createECDH("prime256v1");
    const withShortX = (n: number): Buffer => {
      pair.setPrivateKey(Buffer.from(n.toString(16).padStart(64, "0"), "hex"));
      const point = pair.getPublicKey();
      return point[1] === 0 ? point : withShortX(n + 1);
    };
    const point = withShortX(1);
    const text = (of: Buffer) => of.toString("base64url");
    const [px, py] = [point.subarray(1, 33), point.subarray(33)];
    const jwk = { kty: "EC", crv: "P-256", x: text(px), y: text(py), d: "" };
    const d = text(Buffer.from(pair.getPrivateKey("hex").padStart(64, "0"), "hex"));
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const privateKey = await crypto.subtle.importKey("jwk", { ...jwk, d }, algorithm, true, [
      "sign",
    ]);
    const held = await parsed(
      entryOf([...params, ...field(3, px.subarray(1)), ...field(4, py)], id),
    );
    const header = await sign({ privateKey } as CryptoKeyPair, body, id);
    expect(await provenByTink([header], body, async () => held)).toMatchObject({ is: "genuine" });
  });

  it("that is malformed is left out, and the others still count", async () => {
    const whole = [...params, ...field(3, x), ...field(4, y)];
    expect(await idsOf(whole)).toEqual([id, 1]);
    for (const message of [
      [],
      [...params, ...field(3, x)],
      [...whole, ...field(4, y)],
      [...params, ...field(3, x), ...field(4, x)],
      [...whole, 0x4d, 1, 2, 3, 4],
      [...whole, 0x4a, 0x80, 1, ...new Array<number>(128).fill(0x4a)],
    ])
      expect(await idsOf(message), message.join()).toEqual([1]);
    const odd = { ...entryOf(whole, id), keyData: { ...entryOf(whole, id).keyData, value: "?" } };
    expect([...(await parsed(odd, await tinkEntry(keys, 1))).keys()]).toEqual([1]);
  });
});

/**
 * What a refusal costs is not the sender's to say: the calls of the platform's cryptography are counted,
 * each of which reads the whole body.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SignatureRecipe } from "../../../providers/recipe.ts";
import { secretsMax } from "../../../providers/signature.ts";
import {
  type Asked,
  ask,
  hexed,
  hmac,
  now,
  nowMs,
  stamped,
  standard,
  standardBytes,
  standardHeaders,
  standardSecret,
  v1,
  whsec,
} from "./signed.ts";

const body = '{"type":"workout"}';
afterEach(() => void vi.restoreAllMocks());

/** The verdict, and how often the message was read: for a MAC, and for a key pair's signature. */
async function costOf(recipe: SignatureRecipe, asked: Asked) {
  // A key that is made once is no cost of a delivery: it is there before.
  await ask(recipe, asked);
  const signs = vi.spyOn(crypto.subtle, "sign");
  const verifies = vi.spyOn(crypto.subtle, "verify");
  const { is } = await ask(recipe, asked);
  const by = (calls: readonly unknown[][], name: string) =>
    calls.filter(([algorithm]) => algorithm === name).length;
  const macs = by(signs.mock.calls, "HMAC") + by(verifies.mock.calls, "HMAC");
  const cost = { is, macs, pairs: by(verifies.mock.calls, "Ed25519") };
  vi.restoreAllMocks();
  return cost;
}

const forgedV1 = () => `v1,${randomBytes(32).toString("base64")}`;
const forgedV1a = () => `v1a,${randomBytes(64).toString("base64")}`;
const list = (n: number, forged: () => string) => Array.from({ length: n }, forged);
const svixOf = (signature: string, id = "msg_1", time = now) => ({
  "svix-id": id,
  "svix-timestamp": time,
  "svix-signature": signature,
});
const secretsOf = (n: number) =>
  Array.from({ length: n }, (_, i) => whsec(Buffer.alloc(32, i + 10)));

describe("a forged delivery", () => {
  it("costs one MAC a secret, however many signatures it carries, in both sets of headers", async () => {
    for (const n of [1, 2, 4])
      for (const count of [1, 2, 15, 16]) {
        const headers = {
          ...standardHeaders(list(count, forgedV1).join(" ")),
          ...svixOf(list(count, forgedV1).join(" ")),
        };
        const cost = await costOf(standard, { headers, body, secrets: secretsOf(n) });
        expect(cost).toEqual({ is: "refused", macs: n, pairs: 0 });
      }
  });

  it("costs one MAC a secret more when its other set of headers says another message", async () => {
    const many = list(16, forgedV1).join(" ");
    for (const other of [svixOf(many, "msg_2"), svixOf(many, "msg_1", String(Number(now) + 1))]) {
      const headers = { ...standardHeaders(many), ...other };
      const cost = await costOf(standard, { headers, body, secrets: secretsOf(2) });
      expect(cost).toEqual({ is: "refused", macs: 4, pairs: 0 });
    }
  });

  it("costs no more secrets than are tried", async () => {
    const headers = standardHeaders(forgedV1());
    const cost = await costOf(standard, { headers, body, secrets: secretsOf(9) });
    expect(cost).toEqual({ is: "refused", macs: secretsMax, pairs: 0 });
    const twice = [...secretsOf(1), ...secretsOf(1), ...secretsOf(1)];
    expect((await costOf(standard, { headers, body, secrets: twice })).macs).toBe(1);
  });

  it("costs one MAC where time and signatures stand in one header, under both its names", async () => {
    const many = list(15, () => `v1=${randomBytes(32).toString("hex")}`).join(",");
    const headers = { "x-stamped": `t=${now},${many}`, "x-stamped-too": `t=${now},${many}` };
    const cost = await costOf(stamped, { headers, body, secrets: ["s"] });
    expect(cost).toEqual({ is: "refused", macs: 1, pairs: 0 });
  });

  it("costs nothing when no header has its form, or only versions that nobody here has", async () => {
    for (const signature of ["", "v1,AAAA", "v2,AAAA", list(17, forgedV1).join(" ")])
      expect(
        await costOf(standard, {
          headers: standardHeaders(signature),
          body,
          secrets: secretsOf(2),
        }),
      ).toEqual({ is: "refused", macs: 0, pairs: 0 });
    const late = standardHeaders(forgedV1(), "msg_1", String(Number(now) - 301));
    expect((await costOf(standard, { headers: late, body, secrets: secretsOf(2) })).macs).toBe(0);
    const pairOnly = standardHeaders(forgedV1a());
    const cost = await costOf(standard, { headers: pairOnly, body, secrets: secretsOf(2) });
    expect(cost).toEqual({ is: "refused", macs: 0, pairs: 0 });
  });
});

describe("a genuine delivery", () => {
  it("costs as much wherever its signature stands, whichever secret it is by", async () => {
    const good = v1("msg_1", now, body);
    const others = secretsOf(2);
    for (const secrets of [
      [standardSecret, ...others],
      [...others, standardSecret],
    ])
      for (const at of [0, 7, 15]) {
        const signature = list(15, forgedV1).toSpliced(at, 0, good).join(" ");
        const cost = await costOf(standard, { headers: standardHeaders(signature), body, secrets });
        expect(cost).toEqual({ is: "genuine", macs: 3, pairs: 0 });
      }
    const hex = { headers: { "x-signature": hmac("b", body) }, body, secrets: ["b", "a"] };
    expect(await costOf(hexed, hex)).toEqual({ is: "genuine", macs: 2, pairs: 0 });
  });

  it("is refused with the last byte of its signature changed, or any other", async () => {
    const mac = Buffer.from(v1("msg_1", now, body).slice(3), "base64");
    for (let at = 0; at < mac.length; at++)
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(mac);
        changed[at] = (changed[at] ?? 0) ^ bit;
        const headers = standardHeaders(`v1,${changed.toString("base64")}`);
        const secrets = [whsec(standardBytes)];
        expect((await ask(standard, { headers, body, secrets, nowMs })).is).toBe("refused");
      }
  });
});

describe("signatures of a key pair", () => {
  const pairsOf = (n: number) => Array.from({ length: n }, () => generateKeyPairSync("ed25519"));
  const textOf = ({ publicKey }: ReturnType<typeof pairsOf>[number]) =>
    `whpk_${publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64")}`;
  const message = Buffer.from(`msg_1.${now}.${body}`);
  const signedBy = ({ privateKey }: ReturnType<typeof pairsOf>[number]) =>
    `v1a,${sign(null, message, privateKey).toString("base64")}`;
  const attemptsMax = 8;

  it("are tried a few times and no more, in both sets of headers together", async () => {
    for (const n of [1, 2, 4]) {
      const many = () => list(16, forgedV1a).join(" ");
      const headers = { ...standardHeaders(many()), ...svixOf(many(), "msg_2") };
      const cost = await costOf(standard, { headers, body, secrets: pairsOf(n).map(textOf) });
      expect(cost).toEqual({ is: "refused", macs: 0, pairs: attemptsMax });
    }
  });

  it("count once when they are the same", async () => {
    const one = forgedV1a();
    const many = list(16, () => one).join(" ");
    const headers = { ...standardHeaders(many), ...svixOf(many) };
    const secrets = pairsOf(2).map(textOf);
    expect(await costOf(standard, { headers, body, secrets })).toEqual({
      is: "refused",
      macs: 0,
      pairs: 2,
    });
    const [pair] = pairsOf(1);
    if (pair === undefined) throw new Error("no pair");
    const good = standardHeaders(`${list(15, () => one).join(" ")} ${signedBy(pair)}`);
    const asked = { headers: good, body, secrets: [textOf(pair)] };
    expect(await costOf(standard, asked)).toEqual({ is: "genuine", macs: 0, pairs: 2 });
  });

  it("are found for every key that counts when a sender signs with its old one and its new one", async () => {
    const pairs = pairsOf(secretsMax);
    const secrets = pairs.map((pair, i) => ({ kid: `pair-${i}`, secret: textOf(pair) }));
    for (const [i, pair] of pairs.entries())
      for (const signature of [
        `${signedBy(pair)} ${forgedV1a()}`,
        `${forgedV1a()} ${signedBy(pair)}`,
        `${forgedV1()} ${forgedV1a()} ${signedBy(pair)}`,
      ])
        expect(await ask(standard, { headers: standardHeaders(signature), body, secrets })).toEqual(
          {
            is: "genuine",
            kid: `pair-${i}`,
          },
        );
    const [newer, older] = pairs.map(signedBy);
    const headers = standardHeaders(`${older} ${newer}`);
    expect(await ask(standard, { headers, body, secrets })).toMatchObject({ kid: "pair-0" });
  });
});

/** Where each form of a header, a secret, a setting or a signed item ends: one less, one more. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Greeting, HmacRecipe, ItemsRecipe } from "../../../providers/recipe.ts";
import { fromBase64, fromHex } from "../../../providers/signature/encoding.ts";
import { provenByItems } from "../../../providers/signature/items.ts";
import { signingKeyOf } from "../../../providers/signature/keys.ts";
import { isSame, secretThatIs } from "../../../providers/signature/secrets.ts";
import { kidOf } from "../../../providers/signature.ts";
import {
  ask,
  hexed,
  hmac,
  isGenuine,
  now,
  nowMs,
  stamped,
  standard,
  standardHeaders,
  standardSecret,
  timed,
  v1,
  whsec,
} from "./signed.ts";

const secrets = ["secret"];
const body = "{}";

describe("a time", () => {
  const at = (recipe: HmacRecipe, time: string, said = body) =>
    isGenuine(recipe, {
      headers: { "x-time": time, "x-signature": hmac("secret", time + said, "base64") },
      body: said,
      secrets,
    });
  const ms = String(nowMs);

  it("has its digits and nothing else around them, though it would be the same number", async () => {
    for (const recipe of [timed("milliseconds"), timed("either")]) {
      expect(await at(recipe, ms)).toBe(true);
      for (const other of [`0${ms}`, `+${ms}`, ` ${ms}`, `${ms} `, `${ms}.`, `${ms}.0`])
        expect(await at(recipe, other), other).toBe(false);
    }
    expect(await at(timed("either"), now)).toBe(true);
    for (const other of [`0${now}`, `${now}.`, `${now}e0`])
      expect(await at(timed("either"), other), other).toBe(false);
  });

  it("of either length is unclear before a digit, and before nothing else", async () => {
    for (const digit of "0123456789")
      expect(await at(timed("either"), now, `${digit}a`), digit).toBe(false);
    for (const other of ["/", ":", " ", "{", ""])
      expect(await at(timed("either"), now, other), other).toBe(true);
    for (const unit of ["seconds", "milliseconds"] as const)
      expect(await at(timed(unit), unit === "seconds" ? now : ms, "1")).toBe(true);
  });

  it("of either length is clear where something parts it from the body", async () => {
    const parted: HmacRecipe = { ...timed("either"), signed: ["time", ".", "body"] };
    const signature = hmac("secret", `${now}.1`, "base64");
    const headers = { "x-time": now, "x-signature": signature };
    expect(await isGenuine(parted, { headers, body: "1", secrets })).toBe(true);
    const before: HmacRecipe = { ...timed("either"), signed: ["body", ".", "time"] };
    const other = { ...headers, "x-signature": hmac("secret", `1.${now}`, "base64") };
    expect(await isGenuine(before, { headers: other, body: "1", secrets })).toBe(true);
  });
});

describe("a header of several signatures", () => {
  it("by a time and its versions ends with an entry, and with nothing that is none", async () => {
    const mac = hmac("secret", `${now}.${body}`);
    const said = (header: string) =>
      isGenuine(stamped, { headers: { "x-stamped": header }, body, secrets });
    expect(await said(`t=${now},v1=${mac}`)).toBe(true);
    for (const tail of ["é", " ", "\t", ",", ",v1"])
      expect(await said(`t=${now},v1=${mac}${tail}`), tail).toBe(false);
    expect(await said(`v1=${mac}`)).toBe(false);
  });

  it("by Standard Webhooks passes over versions of one to three digits, and over no others", async () => {
    const good = v1("msg_1", now, body);
    const said = (header: string) =>
      isGenuine(standard, { headers: standardHeaders(header), body, secrets: [standardSecret] });
    for (const before of ["", "v2,AA== ", "v12,AA== ", "v123b,AA== "])
      expect(await said(before + good), before).toBe(true);
    for (const before of ["v1234,AA== ", "v,AA== ", "v2bb,AA== ", "x"])
      expect(await said(before + good), before).toBe(false);
  });

  it("may be of 4 KiB to the byte", async () => {
    const good = v1("msg_1", now, body);
    const said = (chars: number) =>
      isGenuine(standard, {
        headers: standardHeaders(`${good} v2,${"A".repeat(chars - good.length - 4)}`),
        body,
        secrets: [standardSecret],
      });
    expect(await said(4096)).toBe(true);
    expect(await said(4097)).toBe(false);
  });
});

describe("bytes written as text", () => {
  it("are read in whole pairs of digits, or groups of four letters", () => {
    expect(fromHex("0aff")).toEqual(Uint8Array.of(10, 255));
    for (const odd of ["", "a", "abc", "0aFf", "0x", "zz"]) expect(fromHex(odd), odd).toBeNull();
    expect(fromBase64("AAH/")).toEqual(Uint8Array.of(0, 1, 255));
    for (const odd of ["", "A", "AA", "AA=", "AB==", "AAA", "AAH/=", "A A="])
      expect(fromBase64(odd), odd).toBeNull();
  });
});

describe("a signing key", () => {
  const text = { key: "text", hash: "SHA-256" } as const;

  it("is made of no empty secret, whatever is put behind it", async () => {
    for (const key of ["text", "text-and-ampersand", "hex", "standard-webhooks"] as const)
      expect(await signingKeyOf({ ...text, key }, "")).toBeNull();
  });

  it("cannot be read out", async () => {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    const { publicKey } = pair as CryptoKeyPair;
    const raw = Buffer.from((await crypto.subtle.exportKey("raw", publicKey)) as ArrayBuffer);
    const form = { ...text, key: "standard-webhooks" } as const;
    for (const [secret, usage] of [
      [whsec(Buffer.alloc(32, 77)), "sign"],
      [`whpk_${raw.toString("base64")}`, "verify"],
    ] as const)
      expect((await signingKeyOf(form, secret))?.key).toMatchObject({
        extractable: false,
        usages: [usage],
      });
  });

  it("is kept while 127 others are made after it, and made anew after one more", async () => {
    const made = await signingKeyOf(text, "kept");
    for (let n = 1; n <= 127; n++) await signingKeyOf(text, `other-${n}`);
    expect(await signingKeyOf(text, "kept")).toBe(made);
    await signingKeyOf(text, "other-128");
    const again = await signingKeyOf(text, "kept");
    expect(again).not.toBe(made);
    expect(await signingKeyOf(text, "kept")).toBe(again);
  });

  it("is another for another hash or reading of the same secret", async () => {
    const made = await signingKeyOf(text, "0a");
    for (const other of [
      { ...text, hash: "SHA-1" },
      { ...text, key: "hex" },
    ] as const)
      expect(await signingKeyOf(other, "0a")).not.toBe(made);
  });
});

describe("a secret of a setting", () => {
  it("counts at the one moment that it begins and ends at", async () => {
    const atOnce = new Date(nowMs).toISOString();
    const one = { kid: "moment", secret: "secret", notBefore: atOnce, notAfter: atOnce };
    const named = async (atMs: number) => (await secretThatIs("secret", [one], atMs))?.kid ?? null;
    expect([await named(nowMs - 1), await named(nowMs), await named(nowMs + 1)]).toEqual([
      null,
      "moment",
      null,
    ]);
  });

  it("has no beginning and no end where they are null", async () => {
    const one = { kid: "k", secret: "secret", notBefore: null, notAfter: null };
    expect((await secretThatIs("secret", [one], nowMs))?.kid).toBe("k");
  });

  it("is none that nobody gave, by whichever word nothing is written", async () => {
    for (const word of ["null", "undefined", ""])
      expect(await secretThatIs(null, [word], nowMs)).toBeNull();
  });

  it("is called by the first eight digits of its SHA-256, zeros included", async () => {
    for (let n = 0; n < 64; n++) {
      const digest = createHash("sha256").update(`secret ${n}`).digest("hex");
      expect(await kidOf(`secret ${n}`)).toBe(digest.slice(0, 8));
    }
  });

  it("is the same as bytes of its own length alone", () => {
    expect(isSame(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    for (const other of [[], [1], [1, 2, 0], [1, 3], [2, 2]])
      expect(isSame(Uint8Array.of(1, 2), Uint8Array.from(other))).toBe(false);
  });
});

describe("a shared secret", () => {
  it("of several headers is there when each of them says something", async () => {
    const recipe = { kind: "shared", headers: ["a", "b"] } as const;
    const said = (headers: Record<string, string>, secret: string) =>
      isGenuine(recipe, { headers, body, secrets: [secret] });
    expect(await said({ a: "x", b: "y" }, "x:y")).toBe(true);
    expect(await said({ a: "x" }, "x:")).toBe(false);
    expect(await said({ b: "y" }, ":y")).toBe(false);
  });

  it("stands in its field though the field's name is a value beside it", async () => {
    const recipe = { kind: "shared", field: "token" } as const;
    for (const more of [{ said: "token" }, { said: ["token", "token"] }, { "": "token" }])
      for (const text of [
        { ...more, token: "secret" },
        { token: "secret", ...more, z: 1 },
      ])
        expect(await isGenuine(recipe, { body: JSON.stringify(text), secrets })).toBe(true);
  });
});

it("a ping says each of its fields, not one of them", async () => {
  const fields = { type: "ping", version: "1" };
  const greeting: Greeting = { kind: "ping", fields, status: 204 };
  const asked = (said: object) =>
    ask(hexed, { body: JSON.stringify(said), secrets: ["s"], greeting });
  expect(await asked(fields)).toEqual({ is: "greeting", status: 204 });
  for (const said of [{ ...fields, version: "2" }, { ...fields, type: "x" }, { type: "ping" }])
    expect(await asked(said)).toEqual({ is: "refused" });
});

describe("a signed item", () => {
  const secret = "0f".repeat(32);
  const recipe: ItemsRecipe = {
    kind: "items",
    hash: "SHA-256",
    key: "hex",
    items: "list.*",
    signature: "macs.*",
    signed: ["id", "of.name"],
  };
  const mac = (message: string) => hmac(Buffer.from(secret, "hex"), message, "base64");
  const verdict = (text: string | Buffer) =>
    provenByItems(
      recipe,
      { headers: new Headers(), pathKey: null, body: Uint8Array.from(Buffer.from(text)) },
      [{ kid: "of-items", secret }],
      nowMs,
    );
  const one = (item: object) => verdict(JSON.stringify({ list: [item] }));
  const genuine = { is: "genuine", kid: "of-items" };

  it("names the key that proved it", async () => {
    expect(await one({ id: "a", of: { name: "b" }, macs: [mac("a:b")] })).toEqual(genuine);
  });

  it("is empty where a value is not there, or on no way there", async () => {
    expect(await one({ of: {}, macs: [mac(":")] })).toEqual(genuine);
    expect(await one({ id: "a", of: 7, macs: [mac("a:")] })).toEqual(genuine);
  });

  it("carries one signature", async () => {
    const good = mac("a:");
    expect(await one({ id: "a", macs: [good] })).toEqual(genuine);
    expect(await one({ id: "a", macs: [good, good] })).toEqual({ is: "refused" });
    expect(await one({ id: "a", macs: [] })).toEqual({ is: "refused" });
  });

  it("is not believed in bytes that are no text, though a reader would replace them", async () => {
    const said = JSON.stringify({ list: [{ id: "\ufffd", macs: [mac("\ufffd:")] }] });
    expect(await verdict(said)).toEqual(genuine);
    const broken = Buffer.from(said.replace("\ufffd", "\u0001"));
    broken[broken.indexOf(1)] = 0xff;
    expect(await verdict(broken)).toEqual({ is: "refused" });
  });
});

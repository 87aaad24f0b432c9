import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  ask,
  isGenuine,
  now,
  standard,
  standardBytes,
  standardHeaders,
  standardSecret,
  v1,
  whsec,
} from "./signed.ts";

const body = '{"type":"workout"}';
const secrets = [standardSecret];
const good = v1("msg_1", now, body);
const other = v1("msg_1", now, body, Buffer.alloc(32, 1));
const sent = (signature: string, more: object = {}) =>
  isGenuine(standard, { headers: standardHeaders(signature), body, secrets, ...more });

describe("Standard Webhooks", () => {
  it("is genuine under its own headers and under Svix', but not under a mixture", async () => {
    const [id, time] = ["msg_1", now];
    const svix = { "svix-id": id, "svix-timestamp": time, "svix-signature": good };
    expect(await sent(good)).toBe(true);
    expect(await isGenuine(standard, { headers: svix, body, secrets })).toBe(true);
    const mixed = { "webhook-id": id, "svix-timestamp": time, "webhook-signature": good };
    expect(await isGenuine(standard, { headers: mixed, body, secrets })).toBe(false);
    const both = { ...standardHeaders(other), ...svix };
    expect(await isGenuine(standard, { headers: both, body, secrets })).toBe(true);
  });

  it("takes one good signature among others, and passes over versions it does not know", async () => {
    for (const list of [
      `${other} ${good}`,
      `${good} ${other}`,
      `v2,AAAA ${good}`,
      `${good} v9z,x`,
      [...Array.from({ length: 15 }, () => other), good].join(" "),
    ])
      expect(await sent(list)).toBe(true);
  });

  it("refuses lists that are too long, malformed, doubled or of other versions alone", async () => {
    const text = good.slice(3);
    for (const list of [
      [...Array.from({ length: 16 }, () => other), good].join(" "),
      `${"v1,AAAA ".repeat(10_001)}${good}`,
      `${good} v2,${"A".repeat(4096)}`,
      `${good}, ${good}`,
      `${good}  ${good}`,
      ` ${good}`,
      `${good} `,
      `${good} v1,`,
      `${good} v1,AAAA`,
      `${good} ${text}`,
      `v2,${text}`,
      `v1a,${text}`,
      `V1,${text}`,
      text,
      "v1,",
      "",
    ])
      expect(await sent(list)).toBe(false);
  });

  it("refuses an id that could hold a boundary, and every id of another form", async () => {
    const evil = '{"evil":1}';
    // Signed: id.time.(time.evil); claimed: an id "id.time", the time, and evil.
    const shifted = v1("msg_1", now, `${now}.${evil}`);
    const headers = standardHeaders(shifted, `msg_1.${now}`);
    expect(await isGenuine(standard, { headers, body: evil, secrets })).toBe(false);
    for (const id of ["", " ", "a.b", "a b", "ä", "m\u0001", "m".repeat(257), "a, a"])
      expect(
        await isGenuine(standard, {
          headers: standardHeaders(v1(id, now, body), id),
          body,
          secrets,
        }),
      ).toBe(false);
    for (const id of ["-", "_", "m".repeat(256)])
      expect(
        await isGenuine(standard, {
          headers: standardHeaders(v1(id, now, body), id),
          body,
          secrets,
        }),
      ).toBe(true);
  });

  it("needs each of its three headers", async () => {
    for (const name of Object.keys(standardHeaders(good))) {
      const { [name as "webhook-id"]: _, ...headers } = standardHeaders(good);
      expect(await isGenuine(standard, { headers, body, secrets })).toBe(false);
    }
  });

  it("takes a secret of 24 to 64 bytes, with its prefix or without", async () => {
    for (const [length, isTaken] of [
      [0, false],
      [16, false],
      [23, false],
      [24, true],
      [64, true],
      [65, false],
    ] as const) {
      const key = Buffer.alloc(length, 5);
      const signed = v1("msg_1", now, body, key);
      for (const text of [whsec(key), key.toString("base64")])
        expect(await sent(signed, { secrets: [text] })).toBe(isTaken);
    }
    const padded = standardBytes.toString("base64");
    for (const text of [padded.replace("=", ""), ` ${padded}`, `whsk_${padded}`, `WHSEC_${padded}`])
      expect(await sent(good, { secrets: [text] })).toBe(false);
    // The secret's text is not its key.
    expect(await sent(v1("msg_1", now, body, Buffer.from(standardSecret)))).toBe(false);
  });
});

describe("a key pair", () => {
  const pair = generateKeyPairSync("ed25519");
  const spki = pair.publicKey.export({ format: "der", type: "spki" });
  const publicText = spki.subarray(-32).toString("base64");
  const message = Buffer.from(`msg_1.${now}.${body}`);
  const v1a = `v1a,${sign(null, message, pair.privateKey).toString("base64")}`;
  const pairs = [`whpk_${publicText}`];

  it("signs as v1a, alone or beside a shared secret", async () => {
    expect(await sent(v1a, { secrets: pairs })).toBe(true);
    expect(await sent(`${other} ${v1a}`, { secrets: pairs })).toBe(true);
    expect(await sent(`${v1a} ${other}`, { secrets: [standardSecret, ...pairs] })).toBe(true);
    expect(await sent(good, { secrets: [...pairs, standardSecret] })).toBe(true);
  });

  it("proves nothing by another version, another key, or the public key as a shared secret", async () => {
    expect(await sent(v1a)).toBe(false);
    expect(await sent(v1a.replace("v1a", "v1"), { secrets: pairs })).toBe(false);
    expect(await sent(v1a.replace("v1a", "v1b"), { secrets: pairs })).toBe(false);
    const stranger = generateKeyPairSync("ed25519").privateKey;
    const forged = `v1a,${sign(null, message, stranger).toString("base64")}`;
    expect(await sent(forged, { secrets: pairs })).toBe(false);
    // Whoever knows the public key may not sign with it as if it were shared.
    const confused = v1("msg_1", now, body, Buffer.from(publicText, "base64"));
    expect(await sent(confused, { secrets: pairs })).toBe(false);
    expect(
      await sent(v1("msg_1", now, body, Buffer.from(pairs[0] ?? "")), { secrets: pairs }),
    ).toBe(false);
  });

  it("is refused once a byte of what it signed changes", async () => {
    const headers = standardHeaders(v1a);
    const asked = { headers, body, secrets: pairs };
    expect(await ask(standard, { ...asked, body: `${body} ` })).toEqual({ is: "refused" });
    for (const [name, value] of [
      ["webhook-id", "msg_2"],
      ["webhook-timestamp", String(Number(now) + 1)],
    ] as const)
      expect(await ask(standard, { ...asked, headers: { ...headers, [name]: value } })).toEqual({
        is: "refused",
      });
  });

  it("that is malformed proves nothing and costs the others nothing", async () => {
    for (const broken of ["whpk_", "whpk_AAAA", `whpk_${publicText}AAAA`, "whpk_!"])
      expect(await sent(good, { secrets: [broken, broken, standardSecret] })).toBe(true);
  });
});

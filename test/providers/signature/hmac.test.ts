import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HmacRecipe } from "../../../providers/recipe.ts";
import { ask, hexed, hmac, isGenuine, now, nowMs, stamped, timed } from "./signed.ts";

const secret = "s3cret";
const secrets = [secret];
const body = '{"id":1}';
const bytes = fc.uint8Array({ maxLength: 300 }).map((any) => Buffer.from(any));

describe("one signature in a header", () => {
  const right = hmac(secret, body);
  const withHeader = (value: string, recipe: HmacRecipe = hexed, of: string | Buffer = body) =>
    isGenuine(recipe, { headers: { "x-signature": value }, body: of, secrets });

  it("is genuine over any bytes, empty ones and such as are no text too", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (any) => {
        expect(await withHeader(hmac(secret, any), hexed, any)).toBe(true);
      }),
    );
    expect(await withHeader(hmac(secret, ""), hexed, "")).toBe(true);
  });

  it("is genuine over bodies that mean something to text replacement", async () => {
    for (const odd of ["cost $$ end", "$&", "$'", "$`", "$1", "{timestamp}", "{body}", "\ufeff{}"])
      expect(await withHeader(hmac(secret, odd), hexed, odd)).toBe(true);
  });

  it("is refused after any one changed bit", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.nat(7), async (any, at, bit) => {
        fc.pre(any.length > 0);
        const changed = Buffer.from(any);
        const i = at % any.length;
        changed[i] = (changed[i] ?? 0) ^ (1 << bit);
        expect(await withHeader(hmac(secret, any), hexed, changed)).toBe(false);
      }),
    );
  });

  it("is over bytes, not over what they read as", async () => {
    const replacement = Buffer.from('{"name":"\ufffd"}');
    const invalid = Buffer.from('{"name":"\xff"}', "latin1");
    expect(await withHeader(hmac(secret, replacement), hexed, invalid)).toBe(false);
    expect(await withHeader(hmac(secret, invalid), hexed, invalid)).toBe(true);
  });

  it("may be in capitals, but not in both", async () => {
    expect(await withHeader(right.toUpperCase())).toBe(true);
    expect(await withHeader(right.slice(0, 32).toUpperCase() + right.slice(32))).toBe(false);
  });

  it("is refused in every other spelling", async () => {
    const base64 = hmac(secret, body, "base64");
    const others = ["", ` ${right}`, `${right} `, `0x${right}`, `${right}, ${right}`, base64];
    for (const text of [...others, right.slice(2), `${right}00`, `sha256=${right}`, right + right])
      expect(await withHeader(text)).toBe(false);
    expect(await isGenuine(hexed, { headers: {}, body, secrets })).toBe(false);
  });

  it("carries the recipe's prefix exactly once", async () => {
    const prefixed: HmacRecipe = { ...hexed, prefix: "sha256=" };
    expect(await withHeader(`sha256=${right}`, prefixed)).toBe(true);
    for (const text of [right, `sha1=${right}`, `SHA256=${right}`, `sha256=sha256=${right}`])
      expect(await withHeader(text, prefixed)).toBe(false);
  });

  it("in base64 is refused without padding, in the other alphabet, and with bits left over", async () => {
    const recipe: HmacRecipe = { ...hexed, form: "base64" };
    // Found so that its base64 has a plus and a slash.
    const of = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"]
      .map((text) => [text, hmac(secret, text, "base64")] as const)
      .find(([, text]) => /\+/.test(text) && /\//.test(text));
    const [said, base64] = of ?? ["", ""];
    expect(base64).not.toBe("");
    const url = base64.replaceAll("+", "-").replaceAll("/", "_");
    expect(await withHeader(base64, recipe, said)).toBe(true);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const last = alphabet.indexOf(base64[42] ?? "");
    const leftOver = `${base64.slice(0, 42)}${alphabet[last + 1]}=`;
    for (const text of [
      url,
      base64.slice(0, -1),
      `${base64}=`,
      leftOver,
      `${base64.slice(0, 4)}\n${base64.slice(4)}`,
    ])
      expect(await withHeader(text, recipe, said)).toBe(false);
    expect(Buffer.from(leftOver, "base64").equals(Buffer.from(base64, "base64"))).toBe(true);
  });

  it("by SHA-1 is 20 bytes, its key with an ampersand where the recipe has one", async () => {
    const recipe: HmacRecipe = {
      ...hexed,
      hash: "SHA-1",
      key: "text-and-ampersand",
      form: "base64",
    };
    expect(await withHeader(hmac(`${secret}&`, body, "base64", "sha1"), recipe)).toBe(true);
    expect(await withHeader(hmac(secret, body, "base64", "sha1"), recipe)).toBe(false);
    expect(await withHeader(hmac(`${secret}&`, body, "base64"), recipe)).toBe(false);
    expect(await withHeader(hmac(secret, body, "hex", "sha1"))).toBe(false);
  });
});

describe("a time in a header of its own", () => {
  const sent = (unit: "seconds" | "milliseconds" | "either", time: string, of = body) =>
    isGenuine(timed(unit), {
      headers: { "x-signature": hmac(secret, time + of, "base64"), "x-time": time },
      body: of,
      secrets,
    });

  it("counts for 300 s both ways, both edges included", async () => {
    for (const awayMs of [0, 1, 299_999, 300_000, 300_001, 301_000, 31_536_000_000])
      for (const sign of [1, -1]) {
        const isIn = awayMs <= 300_000;
        expect(await sent("milliseconds", String(nowMs + sign * awayMs))).toBe(isIn);
        if (awayMs % 1000 !== 0) continue;
        expect(await sent("seconds", String((nowMs + sign * awayMs) / 1000))).toBe(isIn);
      }
  });

  it("is digits, as many as its unit has", async () => {
    const ms = `${now}000`;
    expect([await sent("seconds", now), await sent("milliseconds", ms)]).toEqual([true, true]);
    expect([await sent("either", now), await sent("either", ms)]).toEqual([true, true]);
    expect([await sent("seconds", ms), await sent("milliseconds", now)]).toEqual([false, false]);
    const odd = [`${now}junk`, `${now}.9`, ` +${now}`, `+${now}`, `${now} `, `0${now}`, "", "NaN"];
    for (const time of [...odd, `${now}, ${now}`, "1e9", `${now}e0`])
      for (const unit of ["seconds", "milliseconds", "either"] as const)
        expect(await sent(unit, time)).toBe(false);
  });

  it("has to be there", async () => {
    const headers = { "x-signature": hmac(secret, `${now}${body}`, "base64") };
    expect(await isGenuine(timed("seconds"), { headers, body, secrets })).toBe(false);
  });

  it("of either unit gives no digit to the body, and takes none", async () => {
    const ms = `${now}123`;
    const headers = { "x-signature": hmac(secret, ms + body, "base64"), "x-time": now };
    expect(await isGenuine(timed("either"), { headers, body: `123${body}`, secrets })).toBe(false);
    expect(await sent("either", now, `123${body}`)).toBe(false);
    expect(await sent("seconds", now, `123${body}`)).toBe(true);
  });
});

describe("time and signatures in one header", () => {
  const mac = (time = now, key = secret, of: string = body) => hmac(key, `${time}.${of}`);
  const sent = (header: string, more: { secrets?: unknown; nowMs?: number } = {}) =>
    isGenuine(stamped, { headers: { "x-stamped": header }, body, secrets, ...more });

  it("is genuine under either name, whatever stands under the other", async () => {
    const good = `t=${now},v1=${mac()}`;
    for (const beside of ["", "junk", `t=${now},v1=${mac(now, "other")}`])
      for (const [first, second] of [
        [good, beside],
        [beside, good],
      ] as const) {
        const headers = { "x-stamped": first, "x-stamped-too": second };
        expect(await isGenuine(stamped, { headers, body, secrets })).toBe(true);
      }
  });

  it("is genuine when one of several is, in any order: a rotation loses nothing", async () => {
    const [good, other] = [`v1=${mac()}`, `v1=${mac(now, "old")}`];
    for (const list of [`${good},${other}`, `${other},${good}`]) {
      expect(await sent(`t=${now},${list}`)).toBe(true);
      expect(await sent(`t=${now},${list}`, { secrets: ["old"] })).toBe(true);
      expect(await sent(`t=${now},${list}`, { secrets: ["neither"] })).toBe(false);
    }
  });

  it("passes over other versions, and believes none of them", async () => {
    expect(await sent(`t=${now},v1=${mac()},v0=${mac()},s=x`)).toBe(true);
    for (const version of ["v0", "v2", "V1", "v10", "v"])
      expect(await sent(`t=${now},${version}=${mac()}`)).toBe(false);
  });

  it("is refused with two times, none, or one that is not signed", async () => {
    const v1 = `v1=${mac()}`;
    const odd = [
      `t=${now},t=${now},${v1}`,
      `t=${now},${v1},t=1`,
      v1,
      `t=,${v1}`,
      `t=${now}1,${v1}`,
    ];
    for (const header of odd) expect(await sent(header)).toBe(false);
    expect(await sent(`t=${Number(now) + 1},${v1}`)).toBe(false);
    const junk = `${now}junk`;
    expect(await sent(`t=${junk},v1=${mac(junk)}`)).toBe(false);
  });

  it("is refused a year ahead as well as behind", async () => {
    for (const awayMs of [31_536_000_000, -31_536_000_000, 301_000, -301_000])
      expect(await sent(`t=${now},v1=${mac()}`, { nowMs: nowMs + awayMs })).toBe(false);
    for (const awayMs of [300_000, -300_000])
      expect(await sent(`t=${now},v1=${mac()}`, { nowMs: nowMs + awayMs })).toBe(true);
  });

  it("is refused beyond 16 entries or 4 KiB, and when an entry is malformed", async () => {
    const others = (n: number) => Array.from({ length: n }, (_, i) => `v1=${mac(now, `k${i}`)}`);
    expect(await sent([`t=${now}`, ...others(14), `v1=${mac()}`].join(","))).toBe(true);
    expect(await sent([`t=${now}`, ...others(15), `v1=${mac()}`].join(","))).toBe(false);
    expect(await sent([`t=${now}`, `v1=${mac()}`, ...others(10_001)].join(","))).toBe(false);
    expect(await sent(`t=${now},v1=${mac()},v2=${"a".repeat(4096)}`)).toBe(false);
    for (const odd of ["", "v1=", "v1=zz", `v1=${mac().slice(2)}`, " v2=a", "x", "v2=ä"])
      expect(await sent(`t=${now},v1=${mac()},${odd}`)).toBe(false);
  });

  it("a doubled header is refused", async () => {
    const good = `t=${now},v1=${mac()}`;
    expect(await sent(`${good}, ${good}`)).toBe(false);
    expect(await sent(`${good},${good}`)).toBe(false);
  });
});

it("the verdict names the newest secret that fits", async () => {
  const two = [
    { kid: "new", secret: "b" },
    { kid: "old", secret: "a" },
  ];
  for (const [secretText, kid] of [
    ["a", "old"],
    ["b", "new"],
  ] as const) {
    const headers = { "x-signature": hmac(secretText, body) };
    expect(await ask(hexed, { headers, body, secrets: two })).toEqual({ is: "genuine", kid });
  }
  const both = `v1=${hmac("a", `${now}.${body}`)},v1=${hmac("b", `${now}.${body}`)}`;
  const headers = { "x-stamped": `t=${now},${both}` };
  expect(await ask(stamped, { headers, body, secrets: two })).toEqual({
    is: "genuine",
    kid: "new",
  });
});

it("a recipe that signs a time without saying its unit proves nothing", async () => {
  const { time: _, ...broken } = timed("seconds");
  const headers = { "x-signature": hmac(secret, now + body, "base64"), "x-time": now };
  expect(await isGenuine(broken, { headers, body, secrets })).toBe(false);
});

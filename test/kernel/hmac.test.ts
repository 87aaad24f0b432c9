import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { base64Url, hmacDigest } from "../../kernel/hmac.ts";

const secret = Buffer.alloc(32, 7);
const parts = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.integer()), { maxLength: 6 });

describe("the keyed digest", () => {
  test("is HMAC-SHA-256 of the JSON array, in base64url", async () => {
    const digest = hmacDigest(secret.toString("base64"));
    await fc.assert(
      fc.asyncProperty(parts, async (identity) => {
        const expected = createHmac("sha256", secret).update(JSON.stringify(identity));
        expect(await digest(identity)).toBe(expected.digest("base64url"));
      }),
    );
  });

  test("differs under another key", async () => {
    const other = hmacDigest(Buffer.alloc(32, 8).toString("base64"));
    expect(await other(["a"])).not.toBe(await hmacDigest(secret.toString("base64"))(["a"]));
  });

  test("refuses a key shorter than its own output, and says how long it has to be", () => {
    const why = "the key is shorter than 32 bytes";
    expect(() => hmacDigest(Buffer.alloc(31).toString("base64"))).toThrow(why);
    expect(() => hmacDigest("")).toThrow(why);
    expect(() => hmacDigest(Buffer.alloc(32).toString("base64"))).not.toThrow();
  });

  test("is safe in a URL and a path", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
  });
});

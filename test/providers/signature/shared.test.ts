/** A secret that stands in each delivery: found where it belongs and nowhere else, read strictly. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SignatureRecipe } from "../../../providers/recipe.ts";
import { sharedBodyBytesMax } from "../../../providers/signature/shared.ts";
import { ask, nowMs } from "./signed.ts";

const inBody: SignatureRecipe = { kind: "shared", field: "webhook_token" };
const inHeaders: SignatureRecipe = { kind: "shared", headers: ["client", "secret"] };
const token = "s3cret";
const day = 86_400_000;

const askBody = async (body: string | Buffer, secrets: unknown = [token]) =>
  (await ask(inBody, { body, secrets })).is;
const askHeaders = async (headers: Record<string, string>, secrets: unknown = ["id-7:s3cret"]) =>
  (await ask(inHeaders, { headers, body: "{}", secrets })).is;

describe("in a field of the body", () => {
  it("is found wherever it stands at the top", async () => {
    for (const body of [
      `{"webhook_token":"${token}"}`,
      ` {"event":"x" , "webhook_token" \n:\t"${token}" }\n`,
      `{"webhook\\u005ftoken":"${token}"}`,
      `{"webhook_token":"\\u0073${token.slice(1)}"}`,
      `{"user":{"webhook_token":"theirs"},"webhook_token":"${token}","list":[{"webhook_token":1}]}`,
      `{"note":"\\"webhook_token\\":","webhook_token":"${token}","n":"webhook_token"}`,
      `{"__proto__":{"webhook_token":"theirs"},"webhook_token":"${token}"}`,
    ])
      expect(await askBody(body), body).toBe("genuine");
  });

  it("is refused when it is another, no text, deeper, or nowhere", async () => {
    for (const body of [
      '{"webhook_token":"S3CRET"}',
      '{"webhook_token":"s3cret "}',
      '{"webhook_token":""}',
      '{"webhook_token":null}',
      '{"webhook_token":["s3cret"]}',
      '{"Webhook_token":"s3cret"}',
      '{"data":{"webhook_token":"s3cret"}}',
      '[{"webhook_token":"s3cret"}]',
      '{"__proto__":{"webhook_token":"s3cret"}}',
      '"s3cret"',
      "s3cret",
      "{}",
      "null",
      "",
    ])
      expect(await askBody(body), body).toBe("refused");
  });

  it("is not looked for in a body that is too large for a notice", async () => {
    const of = (bytes: number) => {
      const bare = `{"webhook_token":"${token}","fill":""}`;
      return bare.replace('""', `"${"x".repeat(bytes - bare.length)}"`);
    };
    expect(await askBody(of(sharedBodyBytesMax))).toBe("genuine");
    expect(await askBody(of(sharedBodyBytesMax + 1))).toBe("refused");
  });

  it("that is said twice is refused, whichever of the two is right, in whatever spelling", async () => {
    const right = `"${token}"`;
    for (const [first, second] of [
      [right, right],
      [right, '"other"'],
      ['"other"', right],
      [right, "null"],
      ["{}", right],
    ])
      for (const name of ["webhook_token", "webhook\\u005Ftoken"]) {
        const body = `{"webhook_token":${first},"x":{},"${name}":${second}}`;
        expect(await askBody(body), body).toBe("refused");
      }
  });

  it("of what is no JSON, or no UTF-8, is refused", async () => {
    const right = `{"webhook_token":"${token}"}`;
    for (const body of [`${right}x`, right.slice(0, -1), `\ufeff${right}`, `${right}${right}`])
      expect(await askBody(body), body).toBe("refused");
    const latin = Buffer.from(`{"webhook_token":"${token}","name":"\u00fc"}`, "latin1");
    expect(await askBody(latin)).toBe("refused");
  });

  it("is found in whatever else a body says, as often as anybody names it deeper", async () => {
    const field = "webhook_token";
    const name = fc.oneof(fc.string({ unit: "binary" }), fc.constant(field));
    const inner = fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.constantFrom(token, "other")));
    const others = fc.dictionary(
      fc.string({ unit: "binary" }).filter((key) => key !== field),
      inner,
    );
    await fc.assert(
      fc.asyncProperty(others, fc.nat(), fc.boolean(), async (said, at, isThere) => {
        const entries = Object.entries(said);
        if (isThere) entries.splice(at % (entries.length + 1), 0, [field, token]);
        const inside = entries.map(([key, v]) => `${JSON.stringify(key)}:${JSON.stringify(v)}`);
        expect(await askBody(`{${inside.join()}}`)).toBe(isThere ? "genuine" : "refused");
      }),
    );
  });

  it("is found among however many texts, and beside whatever depth, a body holds", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `"${i}${"\\\\".repeat(20)}": ""`);
    expect(await askBody(`{${many.join()},"webhook_token":"${token}"}`)).toBe("genuine");
    const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
    expect(await askBody(`{"deep":${deep},"webhook_token":"${token}"}`)).toBe("genuine");
  });
});

describe("in headers", () => {
  it("is all of them together", async () => {
    expect(await askHeaders({ client: "id-7", secret: token })).toBe("genuine");
    for (const headers of [
      {},
      { client: "id-7" },
      { secret: token },
      { client: "id-7", secret: "" },
      { client: "", secret: `id-7:${token}` },
      { client: `id-7:${token}`, secret: "" },
      { client: "id-8", secret: token },
      { client: token, secret: "id-7" },
      { client: "id-7", secret: `${token}, ${token}` },
      { client: "id-7, id-7", secret: token },
    ])
      expect(await askHeaders(headers as Record<string, string>)).toBe("refused");
  });

  it("cannot be parted elsewhere: only the last may hold what parts them", async () => {
    const secrets = ["a:b:c"];
    expect(await askHeaders({ client: "a", secret: "b:c" }, secrets)).toBe("genuine");
    expect(await askHeaders({ client: "a:b", secret: "c" }, secrets)).toBe("refused");
  });
});

describe("whichever it is", () => {
  const body = `{"webhook_token":"${token}"}`;
  const at = (offsetMs: number) => new Date(nowMs + offsetMs).toISOString();

  it("both of a rotation count, and each is named", async () => {
    const secrets = [
      { kid: "new", secret: "newer", notBefore: at(-day) },
      { kid: "old", secret: token, notAfter: at(-1) },
    ];
    expect(await ask(inBody, { body, secrets })).toEqual({ is: "genuine", kid: "old" });
    const newer = '{"webhook_token":"newer"}';
    expect(await ask(inBody, { body: newer, secrets })).toEqual({ is: "genuine", kid: "new" });
    const over = [{ secret: "newer", notBefore: at(-4 * day) }, secrets[1]];
    expect(await askBody(body, over)).toBe("refused");
  });

  it("is none without a secret, and none of another kind", async () => {
    for (const secrets of [null, [], [""], [null], "s3cret", {}])
      expect(await askBody(body, secrets)).toBe("refused");
    const also = { shared: ["other"], signing: [token], authorization: [token] };
    expect(await ask(inBody, { body, secrets: [token], also })).toEqual({ is: "refused" });
  });

  it("is never longer than a secret is", async () => {
    const long = "x".repeat(513);
    expect(await askBody(`{"webhook_token":"${long}"}`, [long])).toBe("refused");
    const most = long.slice(1);
    expect(await askBody(`{"webhook_token":"${most}"}`, [most])).toBe("genuine");
  });
});

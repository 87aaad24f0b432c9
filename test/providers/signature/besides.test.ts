/** What is signed besides a key of the member's own: over the address, and item by item. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ItemsRecipe, SignatureRecipe } from "../../../providers/recipe.ts";
import { itemsMax } from "../../../providers/signature/items.ts";
import { verify } from "../../../providers/signature.ts";
import { hexed, hmac, never, nowMs } from "./signed.ts";

const besides = (recipe: Extract<SignatureRecipe, { kind: "member-key" }>["besides"]) =>
  ({ kind: "member-key", ...(recipe && { besides: recipe }) }) as const;

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly body: string;
  readonly signing?: unknown;
  readonly pathKeys?: readonly string[];
}

async function verdictOn(recipe: SignatureRecipe, { headers = {}, body, ...asked }: Asked) {
  const input = {
    headers: { get: (name: string) => headers[name] ?? null },
    pathKey: "wk_key",
    ...(asked.address === undefined ? {} : { address: asked.address }),
    body: Uint8Array.from(Buffer.from(body)),
  };
  const secrets = { signing: asked.signing as readonly string[], pathKeys: asked.pathKeys ?? [] };
  return (await verify(recipe, undefined, input, secrets, never, nowMs)).is;
}

describe("over the address and the body", () => {
  const recipe = besides({ ...hexed, signed: ["address", "body"], form: "base64" });
  const address = "https://singlet.example/webhooks/square/wk_key";
  const signing = ["secret"];
  const body = '{"a":1}';
  const headers = { "x-signature": hmac("secret", address + body, "base64") };

  it("it is genuine at the address that was told, under the secret, over these bytes", async () => {
    expect(await verdictOn(recipe, { headers, address, body, signing })).toBe("genuine");
    const old = ["new", "secret"];
    expect(await verdictOn(recipe, { headers, address, body, signing: old })).toBe("genuine");
  });

  it("it is not at any other, nor where nobody knows the address", async () => {
    const others = [
      address.replace("https", "http"),
      `${address}/`,
      address.slice(0, -1),
      `${address}?a=1`,
      address.toUpperCase(),
      "",
    ];
    for (const other of others)
      expect(await verdictOn(recipe, { headers, address: other, body, signing })).toBe("refused");
    expect(await verdictOn(recipe, { headers, body, signing })).toBe("refused");
    const bare = { "x-signature": hmac("secret", body, "base64") };
    expect(await verdictOn(recipe, { headers: bare, body, signing })).toBe("refused");
    expect(await verdictOn(recipe, { headers: bare, address, body, signing })).toBe("refused");
  });

  it("it is not with another secret or body, without its header, or without any secret", async () => {
    const asked = { headers, address, body, signing };
    expect(await verdictOn(recipe, { ...asked, signing: ["another"] })).toBe("refused");
    expect(await verdictOn(recipe, { ...asked, body: '{"a":2}' })).toBe("refused");
    expect(await verdictOn(recipe, { ...asked, headers: {} })).toBe("refused");
    for (const none of [undefined, null, [], [""], {}])
      expect(await verdictOn(recipe, { ...asked, signing: none })).toBe("refused");
  });

  it("a part of the path that the deployment states is not asked for: the path is a member's", async () => {
    const asked = { headers, address, body, signing, pathKeys: ["ours"] };
    expect(await verdictOn(recipe, asked)).toBe("genuine");
  });
});

describe("each item by itself", () => {
  const items: ItemsRecipe = {
    kind: "items",
    hash: "SHA-256",
    key: "hex",
    items: "list.*.item",
    signature: "more.mac",
    signed: ["id", "of.name", "of.value", "isDone"],
  };
  const recipe = besides(items);
  const secret = "0f".repeat(32);
  const key = Buffer.from(secret, "hex");
  const signing = [secret];
  interface Item {
    readonly id?: unknown;
    readonly of?: { readonly name?: unknown; readonly value?: unknown };
    readonly isDone?: unknown;
  }
  const escaped = (v: unknown) =>
    String(v ?? "")
      .replaceAll("\\", "\\\\")
      .replaceAll(":", "\\:");
  const messageOf = ({ id, of, isDone }: Item) =>
    [id, of?.name, of?.value, isDone].map(escaped).join(":");
  const signed = (item: Item, by = key) => ({
    item: { ...item, more: { mac: hmac(by, messageOf(item), "base64") } },
  });
  const bodyOf = (...list: readonly unknown[]) => JSON.stringify({ list });
  const one = { id: "a", of: { name: "b:c\\", value: 7 }, isDone: "true" };

  it("it is genuine when all of them are, whatever stands in them", async () => {
    expect(await verdictOn(recipe, { body: bodyOf(signed(one)), signing })).toBe("genuine");
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const item = fc.record({ id: value, of: fc.record({ name: value, value }), isDone: value });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 5 }), async (list) => {
        const body = bodyOf(...list.map((each) => signed(each)));
        expect(await verdictOn(recipe, { body, signing: ["aa".repeat(32), secret] })).toBe(
          "genuine",
        );
      }),
      { numRuns: 60 },
    );
  });

  it("one that is not, among any number of good ones, refuses all of it", async () => {
    const bad = [
      signed(one, Buffer.from("11".repeat(32), "hex")),
      { item: { ...signed(one).item, id: "b" } },
      { item: { ...signed(one).item, isDone: true, of: { name: "b:c\\", value: 8 } } },
      { item: { ...one, more: {} } },
      { item: one },
      { item: { ...one, more: { mac: 7 } } },
      { item: { ...one, more: { mac: `${hmac(key, messageOf(one), "base64")} ` } } },
      { item: { ...one, more: { mac: hmac(key, messageOf(one), "hex") } } },
      { item: { ...signed(one).item, id: ["a"] } },
      { item: { ...signed(one).item, id: { a: 1 } } },
      { item: null },
      { item: "text" },
    ];
    for (const wrong of bad)
      for (const list of [[wrong], [signed(one), wrong], [wrong, signed(one), signed(one)]])
        expect(await verdictOn(recipe, { body: bodyOf(...list), signing })).toBe("refused");
  });

  it("values that run into each other are told apart", async () => {
    const item = { id: "a", of: { name: "b", value: "c" }, isDone: "d" };
    const mac = hmac(key, messageOf(item), "base64");
    const moved = [
      { id: "a:b", of: { name: "c", value: "d" }, isDone: "" },
      { id: "a\\", of: { name: "b", value: "c" }, isDone: "d" },
      { id: "", of: { name: "a", value: "b" }, isDone: "c:d" },
    ];
    for (const other of moved) {
      const body = bodyOf({ item: { ...other, more: { mac } } });
      expect(await verdictOn(recipe, { body, signing })).toBe("refused");
    }
  });

  it("a body without items, with too many, or of another form is refused", async () => {
    const many = new Array(itemsMax + 1).fill(signed(one));
    const bodies = ["", "[]", "{}", "null", '{"list":{}}', '{"list":[]}', '{"list":[{}]}', "{"];
    for (const body of [...bodies, bodyOf(...many), `\ufeff${bodyOf(signed(one))}`])
      expect(await verdictOn(recipe, { body, signing }), body.slice(0, 20)).toBe("refused");
    const most = bodyOf(...many.slice(1));
    expect(await verdictOn(recipe, { body: most, signing })).toBe("genuine");
  });

  it("a key that is no hex makes nothing genuine", async () => {
    const body = bodyOf(signed(one));
    for (const odd of ["0F".repeat(31).concat("0f"), "zz", "0", ` ${secret}`])
      expect(await verdictOn(recipe, { body, signing: [odd] })).toBe("refused");
    const upper = secret.toUpperCase();
    expect(await verdictOn(recipe, { body, signing: [upper] })).toBe("genuine");
  });
});

it("where nothing is signed besides, nothing is genuine by itself", async () => {
  expect(await verdictOn(besides(undefined), { body: "{}", signing: ["s"] })).toBe("refused");
});

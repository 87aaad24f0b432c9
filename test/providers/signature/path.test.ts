/** An unguessable part of the path: beside a signature that is only observed, and beside other proof. */
import { describe, expect, it, vi } from "vitest";
import type { ProviderSecrets, SignatureRecipe } from "../../../providers/recipe.ts";
import { isAddressed } from "../../../providers/signature.ts";
import { ask, hexed, hmac, now, nowMs, stamped } from "./signed.ts";

const body = '{"object_type":"activity"}';
const signed = (secret = "app", time = now) => `t=${time},v1=${hmac(secret, `${time}.${body}`)}`;
const path: SignatureRecipe = { kind: "path-secret", observed: stamped };
const header = stamped.headers[0]?.signature ?? "";

const observing = (
  said: string | null,
  also: ProviderSecrets = { signing: ["app"] },
  pathKey = "key",
) =>
  ask(path, {
    ...(said === null ? {} : { headers: { [header]: said } }),
    pathKey,
    body,
    secrets: [{ kid: "path", secret: "key" }],
    also,
  });

describe("a signature that is only observed", () => {
  const genuine = (observed: string) => ({ is: "genuine", kid: "path", observed });

  it("changes nothing, and what came of it is said beside the path's key", async () => {
    expect(await observing(signed())).toEqual(genuine("matches"));
    expect(await observing(null)).toEqual(genuine("absent"));
    for (const wrong of [signed("other"), "junk", "", signed("app", String(Number(now) - 301))])
      expect(await observing(wrong)).toEqual(genuine("differs"));
  });

  it("that there is nothing to check with says so, and not that it differs", async () => {
    for (const signing of [undefined, [], [""]])
      expect(await observing(signed(), { signing: signing as never })).toEqual(genuine("unkeyed"));
    expect(await observing(null, { signing: [] })).toEqual(genuine("absent"));
  });

  it("does not stand in for the path", async () => {
    for (const key of ["", "other", "KEY"])
      expect(await observing(signed(), { signing: ["app"] }, key)).toEqual({ is: "refused" });
  });

  it("is a condition where the deployment says so", async () => {
    const demanding = { signing: ["app"], signatureDemanded: true };
    expect(await observing(signed(), demanding)).toEqual(genuine("matches"));
    for (const wrong of [null, signed("other"), "junk"])
      expect(await observing(wrong, demanding)).toEqual({ is: "refused" });
    expect(await observing(signed(), { signing: [], signatureDemanded: true })).toEqual({
      is: "refused",
    });
    expect(await observing(signed(), demanding, "other")).toEqual({ is: "refused" });
    expect(await observing(null, { ...demanding, signatureDemanded: false })).toEqual(
      genuine("absent"),
    );
  });

  it("that nobody has seen of a provider, and is demanded, lets nothing in", async () => {
    const asked = { pathKey: "key", body, secrets: ["key"], also: { signatureDemanded: true } };
    expect(await ask({ kind: "path-secret" }, asked)).toEqual({ is: "refused" });
  });
});

it("a demand that is neither yes nor no lets nothing in, whatever proves it", async () => {
  const odd = ["false", "true", "", 0, 1, [], {}] as never[];
  const headers = { "x-signature": hmac("s", body) };
  for (const signatureDemanded of odd) {
    const also = { signing: ["app"], signatureDemanded };
    expect(await observing(signed(), also)).toEqual({ is: "refused" });
    const asked = { headers, body, secrets: ["s"], also: { signatureDemanded } };
    expect(await ask(hexed, asked)).toEqual({ is: "refused" });
  }
  const asked = { headers, body, secrets: [{ kid: "mac", secret: "s" }] };
  for (const signatureDemanded of [true, false, undefined])
    expect(await ask(hexed, { ...asked, also: { signatureDemanded } as never })).toEqual({
      is: "genuine",
      kid: "mac",
    });
});

describe("beside other proof", () => {
  const headers = { "x-signature": hmac("s", body) };
  const asking = (pathKeys: unknown, pathKey: string | null, over: object = {}) =>
    ask(hexed, {
      headers,
      pathKey,
      body,
      secrets: [{ kid: "mac", secret: "s" }],
      also: { pathKeys } as ProviderSecrets,
      ...over,
    });

  it("is demanded where the deployment has one, and the signature's key is the one that is named", async () => {
    for (const key of ["new", "old"])
      expect(await asking(["new", "old"], key)).toEqual({ is: "genuine", kid: "mac" });
    for (const key of [null, "", "other", "NEW"])
      expect(await asking(["new", "old"], key)).toEqual({ is: "refused" });
    expect(await asking(["new"], "new", { headers: {} })).toEqual({ is: "refused" });
  });

  it("is not, where it has none; and a setting that says nothing readable is one", async () => {
    for (const none of [undefined, null, []])
      for (const key of [null, "any"])
        expect(await asking(none, key)).toEqual({ is: "genuine", kid: "mac" });
    for (const odd of [[""], [null], "key", {}, 7, [{ secret: "key", notBefore: "soon" }]])
      expect(await asking(odd, "key"), JSON.stringify(odd)).toEqual({ is: "refused" });
  });

  it("of a shared value too", async () => {
    const recipe: SignatureRecipe = { kind: "shared", field: "token" };
    const shared = (pathKey: string | null) =>
      ask(recipe, { pathKey, body: '{"token":"s"}', secrets: ["s"], also: { pathKeys: ["k"] } });
    expect((await shared("k")).is).toBe("genuine");
    expect((await shared("s")).is).toBe("refused");
    expect((await shared(null)).is).toBe("refused");
  });

  it("at another address nothing of a body is read", async () => {
    const recipe: SignatureRecipe = { kind: "shared", field: "token" };
    const read = vi.spyOn(JSON, "parse");
    const at = (pathKey: string) =>
      ask(recipe, { pathKey, body: '{"token":"s"}', secrets: ["s"], also: { pathKeys: ["k"] } });
    await at("other");
    expect(read).not.toHaveBeenCalled();
    await at("k");
    expect(read).toHaveBeenCalled();
    read.mockRestore();
  });
});

it("an address is ours with any part where none is set, and with one of ours where some are", async () => {
  expect(await isAddressed(null, {}, nowMs)).toBe(true);
  expect(await isAddressed("any", { pathKeys: [] }, nowMs)).toBe(true);
  expect(await isAddressed("k", { pathKeys: ["k"] }, nowMs)).toBe(true);
  for (const key of [null, "", "K"])
    expect(await isAddressed(key, { pathKeys: ["k"] }, nowMs)).toBe(false);
  const over = { kid: "over", secret: "k", notAfter: new Date(nowMs - 1).toISOString() };
  expect(await isAddressed("k", { pathKeys: [over] }, nowMs)).toBe(false);
});

it("a member's key is the route's to look up: nothing is genuine by itself", async () => {
  const asked = { headers: { authorization: "Bearer k" }, pathKey: "k", body, secrets: ["k"] };
  expect(await ask({ kind: "member-key" }, asked)).toEqual({ is: "refused" });
});

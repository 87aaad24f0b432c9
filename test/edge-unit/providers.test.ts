/** What everybody is told of each provider is what stands in its own object, and no secret. */
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { streams } from "../../domain/streams.ts";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ProviderCases } from "../providers/cases/form.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const [route] = (await load("routes/providers.ts")).providerRoutes;
const { shownProvider } = await load("provider-shape.ts");
const answer: Response = await route.handle({});
// biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
const body = (await answer.json()) as any;
// biome-ignore lint/suspicious/noExplicitAny: as above.
const shown = (name: string): any =>
  body.items.find((item: { name: string }) => item.name === name);
const casesOf = (name: string): Promise<{ readonly cases: ProviderCases }> =>
  import(/* @vite-ignore */ new URL(`../providers/cases/${name}.ts`, import.meta.url).href);
const all = Object.values<Provider>(providers);

it("lists all of them in the form that is described, and says nothing else", () => {
  expect(route.access).toBe("public");
  expect(route.answers[200].schema.parse(body)).toEqual(body);
  expect(body.items.map(({ name }: { name: string }) => name)).toEqual(all.map(({ name }) => name));
});

describe.each(all.map((provider) => [provider.name, provider] as const))("%s", (name, provider) => {
  const item = shown(name);

  it("has its facts at the top, as they stand", () => {
    expect(item).toMatchObject(JSON.parse(JSON.stringify(provider.facts)));
    expect([item.name, item.stream]).toEqual([name, provider.stream]);
  });

  it("says for every open field who may be shown it, and which are restricted", () => {
    const { schema, seal } = streams[provider.stream];
    const fields = Object.keys((schema as unknown as z.ZodObject).shape);
    const open = fields.filter((field) => !Object.hasOwn(seal, field));
    expect(Object.keys(item.display).sort()).toEqual(open.sort());
    expect(item.restricted.sort()).toEqual(Object.keys(seal).sort());
  });

  it("can what its object can", () => {
    const can = (ability: string) => item.can.includes(ability);
    expect(can("fetch")).toBe(provider.pull !== undefined);
    expect(can("history")).toBe(provider.backfill !== undefined);
    expect(item.history === null).toBe(provider.backfill === undefined);
    expect(can("greets")).toBe(item.greeting !== null);
    expect(item.greeting).toBe(provider.greeting?.kind ?? null);
    expect(can("device")).toBe(provider.facts.delivery === "device");
    expect(can("samples")).toBe(item.feeds.samples.length > 0);
    const ways = { oauth: provider.link, reference: provider.reference, key: provider.memberKey };
    const [way = "device"] = Object.entries(ways).flatMap(([name, by]) => (by ? [name] : []));
    expect(item.linking).toBe(way);
    expect(item.scopes).toHaveLength(provider.link?.scopes.length ?? 0);
    expect(new Set(item.can).size).toBe(item.can.length);
  });

  it("can tell what its cases show that it tells, in a file of its own", async () => {
    const { cases } = await casesOf(name);
    for (const [ability, shows] of [
      ["deletions", cases.deletions],
      ["deauthorisations", cases.deauthorisations],
      ["greets", cases.greetings],
      ["signs", cases.signatures],
    ] as const)
      if (item.can.includes(ability)) expect(shows, ability).not.toHaveProperty("none");
  });

  it("says how it signs", () => {
    expect(item.signature.kind).toBe(provider.signature.kind);
    const isTimed = provider.signature.kind === "hmac" && provider.signature.time !== undefined;
    expect(item.signature.toleranceMs).toBe(isTimed ? 300_000 : null);
  });

  it("says what stands under its answer, and whether its word alone counts", () => {
    expect(item.receivedJson).toEqual(provider.facts.receivedJson ?? null);
    expect(item.hearsay).toBe(provider.facts.hearsay === true);
  });
});

it("tells how signatures are made, by kind", () => {
  expect(shown("terra").signature).toEqual({
    kind: "hmac",
    hash: "SHA-256",
    headers: ["terra-signature", "x-terra-signature"],
    signed: ["time", ".", "body"],
    form: "stamped",
    time: "seconds",
    toleranceMs: 300_000,
    field: null,
    observed: null,
    besides: null,
  });
  expect(shown("polar").signature).toMatchObject({ form: "hex", time: null, toleranceMs: null });
  expect(shown("google-health").signature).toMatchObject({
    kind: "authorization-and-tink",
    headers: expect.arrayContaining(["authorization", "google-health-api-signature"]),
  });
  expect(shown("garmin").signature).toMatchObject({ kind: "path-secret", headers: [] });
  expect(shown("files").signature).toMatchObject({ kind: "member-token" });
});

it("tells what proves one that signs nothing, and what of it is only observed", () => {
  const by = (signature: Provider["signature"]) =>
    shownProvider({ ...providers.garmin, signature }).signature;
  const none = { hash: null, headers: [], field: null, signed: [], form: null, time: null };
  const bare = { ...none, toleranceMs: null, observed: null, besides: null };
  expect(by({ kind: "shared", field: "token" })).toEqual({
    ...bare,
    kind: "shared",
    field: "token",
  });
  expect(by({ kind: "shared", headers: ["client", "secret"] })).toEqual({
    ...bare,
    kind: "shared",
    headers: ["client", "secret"],
  });
  expect(by({ kind: "member-key" })).toEqual({
    ...bare,
    kind: "member-key",
    headers: ["authorization"],
  });
  const { observed: _, besides: __, ...stamped } = shown("terra").signature;
  expect(by({ kind: "path-secret", observed: providers.terra.signature })).toEqual({
    ...bare,
    kind: "path-secret",
    observed: stamped,
  });
});

it("tells what is signed besides a key of the member's own", () => {
  expect(shown("square").signature).toMatchObject({
    kind: "member-key",
    besides: {
      ...{ kind: "hmac", signed: ["address", "body"], form: "base64" },
      headers: ["x-square-hmacsha256-signature"],
    },
  });
  expect(shown("adyen").signature.besides).toMatchObject({ kind: "items", headers: [] });
  expect(shown("adyen").receivedText).toBe("[accepted]");
  for (const name of ["shopify", "square", "adyen"] as const)
    expect(shown(name).can).toContain("signs");
  expect(shown("poslog").can).not.toContain("signs");
});

it("tells how a member's own app is linked", () => {
  const memberKey = { how: "Put the key into the app's settings." };
  const { reference: _, ...other } = providers.terra;
  expect(shownProvider({ ...other, memberKey }).linking).toBe("key");
});

it("tells apart what others may be shown", () => {
  const like = (othersMaySee: Provider["facts"]["othersMaySee"]) =>
    shownProvider({ ...providers.garmin, facts: { ...providers.garmin.facts, othersMaySee } });
  expect(new Set(Object.values(like(true).display))).toEqual(new Set(["others"]));
  expect(new Set(Object.values(like(false).display))).toEqual(new Set(["owner"]));
  const some = like({ allBut: ["energyMcal"] });
  expect(some.othersMaySee).toEqual({ allBut: ["energyMcal"] });
  expect(some.display).toMatchObject({ energyMcal: "owner", distanceMm: "others" });
});

it("tells what each does, of some that differ", () => {
  const garmin = ["push", "history", "samples", "deauthorisations", "revokes"];
  expect(shown("garmin").can).toEqual(garmin);
  expect(shown("polar").can).toEqual(
    expect.arrayContaining(["notices", "fetch", "signs", "greets"]),
  );
  expect(shown("polar").can).not.toContain("deletions");
  expect(shown("apple-health").can).toEqual(["device", "deletions"]);
  expect(shown("files").can).toEqual(["device"]);
  expect(shown("google-health").can).toEqual(expect.arrayContaining(["deletions", "fetch"]));
  expect(shown("apple-health")).toMatchObject({ linking: "device", budget: null, history: null });
  expect(shown("garmin").budget.app).toContainEqual({
    name: "day",
    calls: 5_000,
    windowMs: 86_400_000,
  });
});

/** Local secrets: made once, filled in where a folder is older than a provider, and never the same. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepSecrets, loadSecrets, varsOf } from "../../local/settings.ts";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "settings-"));
});
afterEach(() => rm(state, { recursive: true, force: true }));

const all = Object.values<Provider>(providers);
const namesOf = (isOne: (provider: Provider) => boolean) =>
  all.filter(isOne).map(({ name }) => name);
const signed = namesOf(({ signature }) => signature.kind === "hmac" || "besides" in signature);
const sharing = namesOf(({ signature }) => signature.kind === "shared");
const byPath = [...namesOf(({ signature }) => signature.kind === "path-secret"), ...sharing];
const greeted = namesOf(({ greeting: of }) => of?.kind === "word" || of?.kind === "challenge");
const provider = { url: "http://127.0.0.1:5", keysetUrl: "http://127.0.0.1:5/keys" };

type Said = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
const secretsIn = async (): Promise<Said> => {
  const { edge } = varsOf(await loadSecrets(state), "http://127.0.0.1:4/jwks", provider);
  return JSON.parse(edge.PROVIDER_SECRETS ?? "{}");
};

test("each provider has a secret of its own for all that it is proven by, and no other", async () => {
  const said = await secretsIn();
  expect(signed.length).toBeGreaterThan(7);
  expect(greeted).toEqual(expect.arrayContaining(["fitbit", "oura"]));
  const kindsOf = (name: string) => [
    ...(byPath.includes(name) ? ["pathKeys"] : []),
    ...(sharing.includes(name) ? ["shared"] : []),
    ...(signed.includes(name) ? ["signing"] : []),
    ...(greeted.includes(name) ? ["verification"] : []),
    ...(name === "google-health" ? ["authorization"] : []),
  ];
  const expected = all.map(({ name }) => [name, kindsOf(name)] as const);
  expect(Object.entries(said).map(([name, of]) => [name, Object.keys(of)])).toEqual(
    expected.filter(([, kinds]) => kinds.length > 0),
  );
  const secrets = Object.values(said).flatMap((of) => Object.values(of).flat());
  expect(new Set(secrets).size).toBe(secrets.length);
  for (const secret of secrets) expect(secret.length).toBeGreaterThanOrEqual(32);
});

test("what stands in several headers has a part for each", async () => {
  const said = await secretsIn();
  for (const { name, signature } of all) {
    if (signature.kind !== "shared") continue;
    const parts = (said[name]?.shared?.[0] ?? "").split(":");
    expect(parts, name).toHaveLength("field" in signature ? 1 : signature.headers.length);
    for (const part of parts) expect(part.length, name).toBeGreaterThanOrEqual(32);
  }
});

test("keys of the Standard Webhooks form are 32 bytes of it", async () => {
  const said = await secretsIn();
  for (const name of ["junction", "standard-webhooks"]) {
    const [, key = ""] = (said[name]?.signing?.[0] ?? "").split(/^whsec_/);
    expect(Buffer.from(key, "base64"), name).toHaveLength(32);
    expect(Buffer.from(key, "base64").toString("base64")).toBe(key);
  }
});

test("a key that is written in hex is 32 bytes of it", async () => {
  const said = await secretsIn();
  expect(said.adyen?.signing?.[0]).toMatch(/^[0-9a-f]{64}$/);
});

test("a folder from before gets what it lacks, keeps what it has, and then stays as it is", async () => {
  const made = await loadSecrets(state);
  const { signing: _, verification: __, pathKeys: ___, shared: ____, ...old } = made;
  const file = join(state, "secrets.json");
  await writeFile(file, JSON.stringify({ ...old, signing: { polar: "from before" } }));
  const filled = await loadSecrets(state);
  expect(filled).toMatchObject(old);
  expect(filled.signing.polar).toBe("from before");
  expect(Object.keys(filled.signing)).toEqual(Object.keys(made.signing));
  expect(Object.keys(filled.pathKeys)).toEqual(Object.keys(made.pathKeys));
  expect(filled.pathKeys.garmin).toBe(made.garminPathKey);
  await keepSecrets(state, filled);
  expect(await loadSecrets(state)).toEqual(filled);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(filled);
});

test("whoever is called has a host, credentials and a page here, and nobody has ours", async () => {
  const { vault } = varsOf(await loadSecrets(state), "http://127.0.0.1:4/jwks", provider);
  const [hosts, credentials] = [vault.PROVIDER_HOSTS, vault.PROVIDER_CREDENTIALS].map((text) =>
    JSON.parse(text ?? "{}"),
  );
  const called = namesOf(({ link, reference }) => (link ?? reference?.session) !== undefined);
  expect(called).toEqual(expect.arrayContaining(["garmin", "polar", "terra"]));
  expect(Object.keys(hosts).sort()).toEqual(called.sort());
  expect(Object.keys(credentials)).toEqual(Object.keys(hosts));
  const { url } = provider;
  for (const [name, host] of Object.entries(hosts)) {
    expect(host).toMatchObject({ api: url, token: url });
    expect((host as { readonly pages: readonly string[] }).pages).toContain(url);
    expect(credentials[name]).toMatchObject({ clientId: `local-${name}` });
    expect(new Set(Object.values(credentials[name])).size, name).toBe(3);
  }
});

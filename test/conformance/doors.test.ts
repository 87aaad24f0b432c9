/** Providers' doors as a stranger finds them: greetings, what is not proven, what everybody is told. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "../system/support.ts";
import { ask, marker, refusedBody, uniform } from "./support.ts";

const all = Object.values<Provider>(providers);
const doors = all.filter(({ facts }) => facts.delivery !== "device").map(({ name }) => name);
const isGreeted = ({ greeting }: Provider) =>
  greeting?.kind === "word" || greeting?.kind === "challenge";
const greeted = all.filter(isGreeted).map(({ name }) => name);
const hailed = all.filter(({ greeting }) => greeting?.kind === "hello").map(({ name }) => name);
const apps = all.filter(({ memberKey }) => memberKey !== undefined).map(({ name }) => name);

const isKeyed = (name: string) => {
  const { kind } = (providers[name as keyof typeof providers] as Provider).signature;
  return kind === "path-secret" || kind === "shared";
};

let own: OwnSystem;
let who: Athlete;
beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "doors");
});
afterAll(() => own?.end());

/** The address that the provider was told. */
const addressOf = (name: string): string => {
  const keys: Readonly<Record<string, string>> = own.system.secrets.pathKeys;
  return `/webhooks/${name}${keys[name] === undefined ? "" : `/${keys[name]}`}`;
};

describe.each(doors)("/webhooks/%s", (name) => {
  it("says by HEAD that it is there", async () => {
    const { status, text } = await ask(own.system, "HEAD", `/webhooks/${name}/${marker}`);
    expect([status, text]).toEqual([200, ""]);
  });

  it("refuses what proves nothing, in one body", async () => {
    const headers = {
      authorization: marker,
      "webhook-id": marker,
      "webhook-timestamp": marker,
      "webhook-signature": `v1,${marker}`,
      "terra-signature": `t=${marker},v1=${marker}`,
    };
    const carried = { ...headers, client: marker, secret: marker };
    for (const asked of [
      { body: "{}" },
      { body: marker, headers },
      { body: JSON.stringify({ webhook_token: marker }), headers: carried },
    ])
      for (const path of [`/webhooks/${name}`, `/webhooks/${name}/${marker}`])
        expect(uniform(await ask(own.system, "POST", path, asked))).toBe(refusedBody);
  });
});

describe("a greeting by GET", () => {
  it.each(greeted)("of %s that does not know our word is refused as it says", async (name) => {
    const { greeting } = providers[name as keyof typeof providers] as Provider;
    const wrong = greeting && "wrong" in greeting ? greeting.wrong : 0;
    for (const query of [
      "",
      `?verify=${marker}`,
      `?verification_token=${marker}&challenge=${marker}`,
      `?verify=%00&verify=${marker.repeat(50)}`,
    ]) {
      const { status } = await ask(own.system, "GET", `${addressOf(name)}${query}`);
      expect(status, query).toBe(wrong);
    }
  });

  it.each([...greeted, ...hailed].filter(isKeyed))(
    "of %s elsewhere than at the address that it was told finds nothing: 404",
    async (name) => {
      for (const path of [`/webhooks/${name}`, `/webhooks/${name}/${marker}`])
        expect((await ask(own.system, "GET", path)).body.type).toBe(
          "urn:singlet:problem:not-found",
        );
    },
  );

  it.each(hailed)("of %s is answered to anybody at that address", async (name) => {
    const { greeting } = providers[name as keyof typeof providers] as Provider;
    const said = await ask(own.system, "GET", `${addressOf(name)}?any=${marker}`);
    expect([said.status, said.body]).toEqual([
      200,
      greeting?.kind === "hello" ? greeting.json : null,
    ]);
  });

  const others = doors.filter((name) => ![...greeted, ...hailed].includes(name));
  it.each(others)("is no way of %s: 405", async (name) => {
    const path = `/webhooks/${name}?verify=${marker}&challenge=${marker}`;
    const { status, headers } = await ask(own.system, "GET", path);
    expect([status, headers.get("allow")]).toEqual([405, "HEAD, POST"]);
  });
});

describe("a word for the provider to say back", () => {
  const post = (body: object, name = "terra") =>
    ask(own.system, "POST", `/v1/connections/${name}`, {
      token: who.token,
      body: JSON.stringify(body),
    });

  it("is given, another one by each, and by the same one no second within a minute", async () => {
    const [one, other] = [await post({}), await post({}, "standard-webhooks")];
    expect([one.status, other.status]).toEqual([201, 201]);
    const soon = await post({});
    expect([soon.status, soon.body.type]).toEqual([429, "urn:singlet:problem:too-many"]);
    expect(Number(soon.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(soon.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(Object.keys(one.body).sort()).toEqual(["authorise", "expires", "how", "reference"]);
    expect(one.body.reference).toMatch(/^[\w-]{43}$/);
    expect(other.body.reference).not.toBe(one.body.reference);
  });

  it.each([
    [{ code: marker, state: marker }, ["body.code", "body.state"]],
    [{ returnTo: `https://${marker}.example/` }, ["body.returnTo"]],
    [{ returnTo: `javascript:${marker}` }, ["body.returnTo"]],
    [{ code: marker }, ["body.state"]],
  ])("is not given for %j: 400 and where", async (body, fields) => {
    const { status, body: said } = await post(body);
    expect(status).toBe(400);
    expect(said.fields.map(({ field }: { field: string }) => field)).toEqual(fields);
  });
});

describe.each(apps)("the key of a member's own app: %s", (name) => {
  const give = (body: object = {}) =>
    ask(own.system, "POST", `/v1/connections/${name}`, {
      token: who.token,
      body: JSON.stringify(body),
    });
  const path = `/webhooks/${name}`;
  const provider = providers[name as keyof typeof providers] as Provider;
  /** Where its source signs too, the key alone is not enough. */
  const isSigned = "besides" in provider.signature;
  /** Of what is nothing in any provider's form. */
  function refusalOf(body: string): string {
    if (isSigned) return "unauthenticated";
    const parsed = provider.parse(body);
    return parsed.ok ? "nothing" : parsed.error;
  }

  it("is given with its address, and a second one not within a minute", async () => {
    const said = await give();
    expect(said.status).toBe(201);
    expect(Object.keys(said.body).sort()).toEqual(["how", "id", "key", "provider", "url"]);
    const { key, url } = said.body;
    expect(key).toMatch(/^wk_[\w-]{43}$/);
    expect(url).toBe(`${own.system.url}${path}/${key}`);
    const soon = await give();
    expect([soon.status, soon.body.type]).toEqual([429, "urn:singlet:problem:too-many"]);
    expect(Number(soon.headers.get("retry-after"))).toBeLessThanOrEqual(60);

    const bearer = { authorization: `Bearer ${key}` };
    for (const [at, headers] of [
      [`${path}/${key}`, {}],
      [path, bearer],
    ] as const) {
      const asked = (body: string | Uint8Array) => ask(own.system, "POST", at, { headers, body });
      for (const body of ["", "{", marker, `"${marker}"`, "7", "null"])
        expect((await asked(body)).body.type).toBe(`urn:singlet:problem:${refusalOf(body)}`);
      const noText = isSigned ? "unauthenticated" : "not-json";
      const bytes = new Uint8Array([0x22, 0xff, 0x22]);
      expect((await asked(bytes)).body.type).toBe(`urn:singlet:problem:${noText}`);
    }
    const both = { headers: bearer, body: `"${marker}"` };
    expect((await ask(own.system, "POST", `${path}/${key}`, both)).status).toBe(
      isSigned ? 401 : 422,
    );
    const other = { headers: { authorization: `Bearer ${key}x` }, body: `"${marker}"` };
    expect(uniform(await ask(own.system, "POST", `${path}/${key}`, other))).toBe(refusedBody);
    const listed = await ask(own.system, "GET", "/v1/connections", { token: who.token });
    expect(listed.text).toContain(name);
    expect(listed.text).not.toContain(key);
  });

  it.each([{ code: marker, state: marker }, { returnTo: "https://app.example/" }])(
    "is not given for %j: 400",
    async (body) => {
      const { status, body: said } = await give(body);
      expect(status).toBe(400);
      expect(said.fields.map(({ field }: { field: string }) => field)).toEqual(
        Object.keys(body).map((field) => `body.${field}`),
      );
    },
  );

  it("is not a member's token, nor the token a key", async () => {
    const headers = { authorization: `Bearer ${who.token}` };
    expect(uniform(await ask(own.system, "POST", path, { headers, body: "{}" }))).toBe(refusedBody);
    const key = `wk_${"A".repeat(43)}`;
    expect((await ask(own.system, "GET", "/v1/me", { token: key })).status).toBe(401);
  });
});

it("/v1/providers is as /openapi.json describes it", async () => {
  const { body } = await ask(own.system, "GET", "/v1/providers");
  const { components } = (await ask(own.system, "GET", "/openapi.json")).body;
  const schema = z.fromJSONSchema(components.schemas.Provider);
  for (const item of body.items) expect(schema.safeParse(item).error?.issues ?? []).toEqual([]);
  expect(body.items.map(({ name }: { name: string }) => name)).toEqual(all.map(({ name }) => name));
});

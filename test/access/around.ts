/**
 * Ways around a door: credentials that a browser sends by itself, other pages, other methods, other
 * spellings of a path, headers that proxies believe. Tokens count in one place.
 */
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { ask, refusedBody, uniform } from "../conformance/support.ts";
import { as } from "../system/support.ts";
import { told } from "./asking.ts";
import type { Cast } from "./cast.ts";
import { isGuarded, names, placeOf, reads } from "./inventory.ts";
import { policy, verdict } from "./policy.ts";
import type { Way } from "./ways.ts";

interface Now {
  readonly cast: Cast;
  readonly ways: Readonly<Record<string, Way>>;
}
const guarded = names.filter(isGuarded);
const methodOf = (name: string): string => name.split(" ")[0] ?? "";
const elsewhere = "https://elsewhere.example";
/** What is handed out, and how its names begin: any other `_` in one is of what chance gave. */
const prefixes = {
  ...{ workout: "w_", listen: "l_", decision: "", record: "", card: "card_" },
  ...{ export: "x_", share: "", consent: "", receipt: "r_", team: "t_", challenge: "ch_" },
  ...{ run: "run_", garmin: "c_", listening: "wk_", till: "wk_", session: "c_" },
  ...{ code: "", state: "" },
};

/** As it is written: fetch would put a path in order first. */
function raw(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() }),
      );
    });
    asked.on("error", reject).end();
  });
}

export function aroundSuite(now: () => Now): void {
  const pathOf = (name: string): string => {
    const way = now().ways[name];
    return way?.path(way.own ?? "") ?? "";
  };
  const urlNow = () => now().cast.system.url;

  describe("a token counts nowhere but in its header", () => {
    it.each(guarded)("nor does a cookie, a query, a form or a password: %s", async (name) => {
      const { system, people } = now().cast;
      const { token } = verdict(name, "owner") === "allowed" ? people.owner : people.operator;
      const path = pathOf(name);
      const query = new URLSearchParams({ access_token: token, token, authorization: token });
      const basic = Buffer.from(`owner:${token}`).toString("base64");
      const answer = await ask(
        system,
        methodOf(name),
        `${path}${path.includes("?") ? "&" : "?"}${query}`,
        {
          headers: {
            cookie: `token=${token}; access_token=${token}; __Host-link=${token}; session=${token}`,
            authorization: `Basic ${basic}`,
            "proxy-authorization": `Bearer ${token}`,
            "x-authorization": `Bearer ${token}`,
            "x-api-key": token,
            "content-type": "application/x-www-form-urlencoded",
            origin: elsewhere,
          },
          ...(methodOf(name) === "GET" ? {} : { body: query.toString() }),
        },
      );
      expect(uniform(answer)).toBe(refusedBody);
    });

    it.each([
      "Bearer a, Bearer TOKEN",
      "Bearer TOKEN, Bearer a",
      "bearer  TOKEN",
      "Bearer TOKEN a",
    ])("nor in a header that says something else too: %s", async (form) => {
      const { system, people } = now().cast;
      const authorization = form.replace("TOKEN", people.owner.token);
      const answer = await ask(system, "GET", "/v1/me", { headers: { authorization } });
      expect(uniform(answer)).toBe(refusedBody);
    });

    it("nor do headers that a proxy may set say who calls or what is asked", async () => {
      const { people } = now().cast;
      const claims = {
        ...{ "x-forwarded-user": people.owner.id, "x-remote-user": people.owner.id },
        ...{ "cf-access-authenticated-user-email": "owner@example", "x-real-ip": "127.0.0.1" },
        ...{ "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost", via: "1.1 us" },
        ...{
          "x-original-url": "/healthz",
          "x-rewrite-url": "/healthz",
          forwarded: "for=127.0.0.1",
        },
      };
      expect((await raw(urlNow(), "GET", "/v1/me", claims)).status).toBe(401);
      const led = { ...claims, "x-original-url": "/v1/ops/readers", "x-rewrite-url": "/v1/me" };
      const healthy = await raw(urlNow(), "GET", "/healthz", led);
      expect([healthy.status, healthy.text]).toEqual([
        200,
        (await raw(urlNow(), "GET", "/healthz")).text,
      ]);
    });
  });

  describe("another page", () => {
    const paths = [...new Set(names.map((name) => name.split(" ")[1] ?? ""))];
    it.each(paths)("is let do nothing by its browser: %s", async (path) => {
      const name = names.find((one) => one.endsWith(` ${path}`)) ?? "";
      const answer = await fetch(`${urlNow()}${pathOf(name)}`, {
        method: "OPTIONS",
        headers: {
          ...{ origin: elsewhere, "access-control-request-method": methodOf(name) },
          "access-control-request-headers": "authorization,content-type",
        },
      });
      await answer.text();
      expect(answer.status).toBe(405);
      const said = [...answer.headers.keys()].filter((one) => /^access-control-/.test(one));
      expect(said).toEqual([]);
    });

    it.each(reads.filter((name) => policy[name]?.may === "everybody"))(
      "reads nothing, not even what is everybody's: %s",
      async (name) => {
        for (const origin of [elsewhere, "null"]) {
          const answer = await fetch(`${urlNow()}${pathOf(name)}`, { headers: { origin } });
          await answer.text();
          const said = [...answer.headers.keys()].filter((one) => /^access-control-/.test(one));
          expect(said).toEqual([]);
        }
      },
    );
  });

  describe("a method", () => {
    it.each(reads.filter(isGuarded))(
      "HEAD lets in whom GET does, and says less: %s",
      async (name) => {
        for (const caller of ["nobody", "another", "owner"] as const) {
          const get = told.find((one) => one.name === name && one.caller === caller);
          const { token } = caller === "nobody" ? { token: "" } : now().cast.people[caller];
          const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
          const asked = { method: "HEAD", headers, redirect: "manual" } as const;
          const head = await fetch(`${urlNow()}${pathOf(name)}`, asked);
          expect([caller, head.status, await head.text()]).toEqual([caller, get?.status, ""]);
          expect(head.headers.get("cache-control")).toBe(get?.headers.get("cache-control"));
        }
      },
    );

    it("is the one of the request, whatever a header, a query or a form says", async () => {
      const { system, people, things } = now().cast;
      const path = `/v1/workouts/${things.workout}`;
      const headers = {
        authorization: `Bearer ${people.owner.token}`,
        ...{ "x-http-method-override": "DELETE", "x-http-method": "DELETE" },
        "x-method-override": "DELETE",
      };
      for (const method of ["GET", "HEAD", "POST"])
        await raw(system.url, method, `${path}?_method=DELETE`, headers);
      expect((await as(system, people.owner).get(path)).status).toBe(200);
    });

    it.each(["TRACE", "PROPFIND", "get", "Options"])("%s is none here", async (method) => {
      const answer = await raw(urlNow(), method, "/v1/me").catch(() => ({ status: 0 }));
      expect([0, 400, 401, 404, 405, 501]).toContain(answer.status);
    });

    it("HEAD that wants a WebSocket is answered", async () => {
      const headers = {
        upgrade: "websocket",
        connection: "upgrade",
        "sec-websocket-version": "13",
      };
      const answer = await raw(urlNow(), "HEAD", "/v1/leaderboards/distance/live", {
        ...headers,
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      }).catch((error: Error) => ({ status: 0, text: error.message }));
      expect(answer.status).toBeLessThan(500);
    });
  });

  /** Spellings that some servers take for the same path, and that a guard may not. */
  const spellings: readonly (readonly [string, (path: string) => string])[] = [
    ["with a slash at its end", (path) => path.replace(/(?=\?|$)/, "/")],
    ["with two slashes", (path) => `/${path}`],
    ["in capitals", (path) => path.replace("/v1/", "/V1/")],
    ["with a letter in percents", (path) => path.replace("/v1/", "/%76%31/")],
    ["by another directory", (path) => `/healthz/..${path}`],
    ["by one in percents", (path) => `/healthz/%2e%2e${path}`],
    ["with a parameter", (path) => path.replace(/(?=\?|$)/, ";a=b")],
    ["with a NUL", (path) => path.replace(/(?=\?|$)/, "%00")],
    ["with a suffix", (path) => path.replace(/(?=\?|$)/, ".json")],
  ];
  /** Of so many each route is asked by one, in turn. */
  const spellingsEach = 3;
  describe("a path spelled otherwise", () => {
    it.each(reads.filter(isGuarded))("lets nobody in: %s", async (name) => {
      const path = pathOf(name);
      for (const [nth, [how, spelled]] of spellings.entries()) {
        if ((nth + placeOf(name)) % spellingsEach !== 0) continue;
        const { status } = await raw(urlNow(), "GET", spelled(path));
        expect([how, [400, 401, 404].includes(status)]).toEqual([how, true]);
      }
    });

    it("shows nobody another's", async () => {
      const { people, things } = now().cast;
      const headers = { authorization: `Bearer ${people.another.token}` };
      const { workout = "", export: taken = "", file = "" } = things;
      for (const path of [
        ...[`/v1/workouts/${workout}`, `/v1/workouts//${workout}`, `/v1/workouts/x%2f${workout}`],
        ...[`/v1/workouts/..%2fworkouts%2f${workout}`, `/v1/workouts/${workout}%20`],
        `/v1/workouts/${workout.toUpperCase()}`,
        `/v1/members/${people.another.id}%2f..%2f${people.owner.id}/workouts`,
        `/v1/members/${people.another.id}/../${people.owner.id}/workouts`,
        `/v1/exports/${taken}/files/..%2f${file}`,
        `/v1/exports/${taken}%2ffiles%2f${file}`,
        `/v1/me/../exports/${taken}`,
      ]) {
        const { status } = await raw(urlNow(), "GET", path, headers);
        expect([path, [400, 403, 404].includes(status)]).toEqual([path, true]);
      }
    });
  });

  it("a code is not guessed: after some wrong ones even a right one is not heard", async () => {
    const { system, things } = now().cast;
    const open = (code: string) =>
      ask(system, "POST", "/v1/shares/open", { body: JSON.stringify({ code }) });
    for (let n = 0; n < 12; n++) await open(`${"0".repeat(24)}${10 + n}`);
    const right = await open(things.code ?? "");
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "60"]);
  });

  it("whoever has not begun a link does not end it", async () => {
    const { system, people, things } = now().cast;
    const body = { code: "any", state: things.state };
    const { status } = await as(system, people.another).post("/v1/connections/polar", body);
    expect(status).toBe(422);
    const callback = `/oauth/polar/callback?code=any&state=${things.state}`;
    const foreign = { cookie: `__Host-link=${"A".repeat(43)}` };
    const page = await fetch(`${system.url}${callback}`, { headers: foreign, redirect: "manual" });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("app")]);
    const { body: held } = await as(system, people.owner).get("/v1/connections");
    expect(held.items.map((one: { provider: string }) => one.provider)).not.toContain("polar");
  });

  it("what is handed out to name something is guessed by nobody", () => {
    const { people, things } = now().cast;
    for (const [name, prefix] of Object.entries(prefixes))
      expect([name, bitsOf(things[name] ?? "", prefix) >= 128]).toEqual([name, true]);
    for (const { id } of Object.values(people)) if (id !== "") expect(bitsOf(id, "m_")).toBe(128);
    // Told to be read aloud: only to members, who also need the id.
    for (const name of ["teamCode", "invitation"]) expect(bitsOf(things[name] ?? "", "")).toBe(80);
  });
}

/** By its alphabet, what each of its characters after the prefix can say at most. */
function bitsOf(id: string, prefix: string): number {
  expect(id.startsWith(prefix)).toBe(true);
  const said = id.slice(prefix.length);
  const plain = said.replaceAll("-", "");
  if (/^[0-9a-f]+$/.test(plain)) return plain.length * 4;
  if (/^[0-9A-HJKMNP-TV-Z]+$/.test(plain)) return plain.length * 5;
  return said.length * 6;
}

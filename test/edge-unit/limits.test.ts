/** What a caller is counted as, what each route is paid from, and that a page says the same numbers. */
import { readFile } from "node:fs/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { hmacDigest } from "../../kernel/hmac.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const { budgets, isWithin, named, senderKey, standingOf } = await load("limits.ts");
const { bodyBytesHeldMax, handsOf, inHandMax, workMsMax } = await load("shed.ts");
const { Unavailable } = await load("ports.ts");
interface Declared {
  readonly method: string;
  readonly path: string;
  readonly access: unknown;
  readonly body?: unknown;
  readonly rawBody?: unknown;
}
const { routes } = (await load("app.ts")) as { routes: readonly Declared[] };
interface Budget {
  readonly binding: string;
  readonly times: number;
  readonly seconds: number;
  readonly by: string;
  readonly refused: string;
}
const all = Object.entries(budgets as Record<string, Budget>);

const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});

describe("each route", () => {
  const at = routes.map((route) => [`${route.method} ${route.path}`, route] as const);

  it("that is named is one that there is", () => {
    const names = new Set(at.map(([name]) => name));
    for (const name of Object.keys(named)) expect(names, name).toContain(name);
  });

  it.each(at)("%s is paid by who can be told apart there", (_, route) => {
    const { kind, budget } = standingOf(route);
    const { by } = budgets[budget];
    expect(by === "person").toBe(route.access !== "public");
    expect(kind === "delivery").toBe(by === "provider");
    if (route.method !== "get") expect(kind).not.toBe("read");
  });

  it("that is public and takes a body is a provider's, or one where guesses are few", () => {
    const open = routes.filter(({ access, method }) => access === "public" && method !== "get");
    for (const route of open)
      expect(["delivering", "knocking"], route.path).toContain(standingOf(route).budget);
  });
});

describe("a caller", () => {
  const digest = hmacDigest(btoa("i".repeat(32)));
  const from = (address: string, provider?: string): Promise<string> =>
    senderKey(digest, new Headers({ "cf-connecting-ip": address }), provider);

  it("is its network, as a digest", async () => {
    const one = await from("192.0.2.7");
    expect(one).not.toContain("192.0.2");
    expect(await from("192.0.2.7")).toBe(one);
    expect(await from("192.0.2.8")).not.toBe(one);
    expect(await from("2001:db8:0:1::5")).toBe(await from("2001:db8:0:1:ffff::1"));
  });

  it("is counted at each provider's door apart, and as one at doors that there are none of", async () => {
    const [garmin, polar] = [await from("192.0.2.7", "garmin"), await from("192.0.2.7", "polar")];
    expect(garmin).not.toBe(polar);
    expect(await from("192.0.2.7", "nobodys")).toBe(await from("192.0.2.7", "others"));
    expect(await from("192.0.2.7", "constructor")).toBe(await from("192.0.2.7", "others"));
  });

  it("may ask where nobody counts, and where the counter fails", async () => {
    expect(await isWithin({}, "own", () => "p")).toBe(true);
    const broken = { LIMIT_OWN: { limit: () => Promise.reject(new Error("p was here")) } };
    expect(await isWithin(broken, "own", () => "p")).toBe(true);
    expect(lines).toMatchObject([{ event: "limit", outcome: "failed" }]);
    expect(JSON.stringify(lines)).not.toContain("was here");
  });

  it.each(all)("is counted for %s by its own counter", async (name, { binding }) => {
    const asked: string[] = [];
    const counter = {
      limit: async ({ key }: { readonly key: string }) => ({ success: asked.push(key) < 2 }),
    };
    const ask = () => isWithin({ [binding]: counter }, name, () => "p");
    expect([await ask(), await ask()]).toEqual([true, false]);
    expect(asked).toEqual(["p", "p"]);
  });
});

describe("what is overloaded", () => {
  it("is told from what is only down", () => {
    const flagged = Object.assign(new Error("x"), { overloaded: true, remote: false });
    const said = new Error("D1 DB is overloaded. Requests queued for too long.");
    for (const cause of [flagged, said])
      expect(new Unavailable("p", cause).isOverloaded).toBe(true);
    for (const cause of [new Error("Network connection lost."), null, "overloaded", undefined])
      expect(new Unavailable("p", cause).isOverloaded).toBe(false);
  });
});

describe("the numbers", () => {
  it("are those that the platform is told", () => {
    const config = new URL("../../wrangler.toml", import.meta.url).pathname;
    const declared = readConfig({ config }, { hideWarnings: true });
    const ratelimits: readonly {
      readonly name: string;
      readonly namespace_id: string;
      readonly simple: { readonly limit: number; readonly period: number };
    }[] = declared.ratelimits;
    expect(ratelimits.map(({ name, simple }) => ({ name, ...simple }))).toEqual(
      all.map(([, { binding: name, times: limit, seconds: period }]) => ({ name, limit, period })),
    );
    expect(new Set(ratelimits.map(({ namespace_id }) => namespace_id)).size).toBe(all.length);
  });

  it("are those that docs/limits.md says", async () => {
    const page = await readFile(new URL("../../docs/limits.md", import.meta.url), "utf8");
    const text = (n: number) => n.toLocaleString("en-US");
    for (const [name, { times, seconds, refused }] of all)
      expect(page).toMatch(
        new RegExp(
          `\\| \`${name}\` \\|[^|]+\\| ${text(times)} in ${seconds} s \\|[^|]*\`${refused}\``,
        ),
      );
    const narrowed: Record<string, { least: number; slowMs: number } | undefined> = handsOf;
    for (const kind of Object.keys(workMsMax)) {
      const hands = narrowed[kind];
      const least = hands === undefined ? "no fewer" : `${hands.least}`;
      const row = `| ${inHandMax[kind]} | ${least} | ${workMsMax[kind] / 1_000} s |`;
      expect(page.split("\n").find((line) => line.startsWith(`| \`${kind}\` |`))).toContain(row);
    }
    expect(page).toContain(`${inHandMax.arriving} bodies`);
    expect(page).toContain(`${bodyBytesHeldMax / 1_024 / 1_024} MiB`);
  });
});

/**
 * The page that a link leads to, with its script run against a document of a few lines: what it asks
 * for, what it says when it is refused, and how what comes back reads. How it looks is not held here.
 */
import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { metricOf, metrics } from "../../domain/samples/metrics.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const address = new URL("../../workers/edge/routes/shares.ts", import.meta.url).href;
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const routes: any[] = (await import(/* @vite-ignore */ address)).shareRoutes;
const answer: Response = await routes.find((r) => r.path === "/shared").handle({});
const page = await answer.text();
const inside = (tag: string) =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(page)?.[1] ?? `no ${tag}`;
const script = inside("script");
const code = "0123456789ABCDEFGHJKMNPQRS";

/** An element that knows what stands in it; there is no other way to put something in. */
class Element {
  hidden = true;
  className = "";
  scope = "";
  #inside: (Element | string)[] = [];
  readonly heard = new Map<string, () => void>();
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  get textContent(): string {
    return this.#inside.map((e) => (typeof e === "string" ? e : e.textContent)).join("");
  }
  set textContent(text: string) {
    this.#inside = [text];
  }
  get children(): Element[] {
    return this.#inside.filter((e) => typeof e !== "string");
  }
  append(...more: (Element | string)[]) {
    this.#inside.push(...more);
  }
  replaceChildren(...all: Element[]) {
    this.#inside = all;
  }
  addEventListener(event: string, then: () => void) {
    this.heard.set(event, then);
  }
}

type Reply = Response | Error | Promise<Response>;
/** The page as it is when its script had its turn. */
function opened(hash: string, ...replies: Reply[]) {
  const byId = new Map<string, Element>();
  const asked: [string, RequestInit][] = [];
  const heard = new Map<string, () => void>();
  const location = { hash };
  const at = (id: string) => {
    const element = byId.get(id) ?? new Element(id);
    byId.set(id, element);
    return element;
  };
  runInNewContext(script, {
    document: { getElementById: at, createElement: (name: string) => new Element(name) },
    ...{ location, AbortSignal, Intl, Date },
    addEventListener: (event: string, then: () => void) => heard.set(event, then),
    fetch: async (url: string, init: RequestInit) => {
      asked.push([url, init]);
      const reply = replies.shift();
      if (reply === undefined || reply instanceof Error) throw reply ?? new Error("no more");
      return reply;
    },
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const table = () => [...at("head").children, ...at("body").children].map((row) => row.children);
  const texts = () => table().map((row) => row.map((cell) => cell.textContent));
  return { at, asked, heard, location, settled, texts };
}

const share = {
  ...{ recipient: "<b>Dr Vogel</b>", types: ["distance", "heart_rate", "weight", "sleep"] },
  ...{ start: "2026-11-01", end: "2026-11-03", expires: "2026-11-21T00:00:00.000Z" },
  days: [
    {
      date: "2026-11-01",
      metrics: {
        distance: { value: 12_345.6, unit: "m", min: 5, max: 900, count: 40 },
        heart_rate: { value: 71.6, unit: "/min", min: 48.2, max: 141, count: 900 },
        weight: { value: 80.44, unit: "kg", min: 80.4, max: 81, count: 2 },
        sleep: {
          ...{ value: 23_970, unit: "s", min: 60, max: 9000, count: 9 },
          stages: { rem: 3900, deep: 0, awake: 240 },
        },
      },
    },
    {
      date: "2026-11-03",
      metrics: { heart_rate: { value: 60, unit: "/min", min: 60, max: 60, count: 1 } },
    },
  ],
};

describe("the page", () => {
  it("is nobody's, is kept by nobody and found by nobody", () => {
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("x-robots-tag")).toBe("noindex");
  });

  it("runs its one script by hash, asks nobody but us, and stands in no frame", () => {
    const sourceOf = (text: string) =>
      `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const policy = answer.headers.get("content-security-policy")?.split("; ");
    expect(policy).toEqual([
      "default-src 'none'",
      `script-src ${sourceOf(script)}`,
      `style-src ${sourceOf(inside("style"))}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/ (src|href|style|on\w+)=|https?:|url\(|@import/);
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function/);
  });

  it("has every metric's title, and words for its unit", () => {
    const known = JSON.parse(/^const known = (.*);$/m.exec(script)?.[1] ?? "{}");
    expect(Object.keys(known)).toEqual([...metrics]);
    for (const metric of metrics) {
      expect(known[metric].title).toBe(metricOf(metric).title);
      expect(known[metric].unit, metric).not.toMatch(/^(1|Cel|s|\/min|mm\[Hg\])$/);
    }
  });
});

describe("its script", () => {
  it("posts the code that stands behind the #, and puts it into no address", async () => {
    const { asked, settled } = opened(`#${code}`, Response.json(share));
    await settled();
    expect(asked).toHaveLength(1);
    const [url, init] = asked[0] ?? ["", {}];
    expect(url).toBe("/v1/shares/open");
    expect(init).toMatchObject({ method: "POST", body: JSON.stringify({ code }) });
    expect(init).toMatchObject({ credentials: "omit", cache: "no-store", redirect: "error" });
  });

  it("shows days with what was chosen, rounded as people read it, the newest first", async () => {
    const { at, settled, texts } = opened(`#${code}`, Response.json(share));
    await settled();
    expect(at("shown").hidden).toBe(false);
    expect(at("title").textContent).toBe("Health data for <b>Dr Vogel</b>");
    expect(at("text").textContent).toMatch(
      /^1 Nov 2026 to 3 Nov 2026\. The link is good until \d+ November 2026/,
    );
    expect(at("days").textContent).toMatch(/^2 days have/);
    expect(texts()).toEqual([
      [
        "Day",
        ...["Distancetotal, km", "Heart rateaverage and range, per minute"],
        ...["Weightlast reading, kg", "Sleeptotal, hours and minutes"],
      ],
      ["3 Nov 2026Tuesday", "–", "60", "–", "–"],
      [
        "1 Nov 2026Sunday",
        ...["12.35", "7248–141", "80.4", "6 h 40 minREM\u00a01:05 awake\u00a00:04 "],
      ],
    ]);
  });

  it("says so when nothing was measured", async () => {
    const { at, settled } = opened(`#${code}`, Response.json({ ...share, days: [] }));
    await settled();
    expect(at("days").textContent).toBe("Nothing was measured on these days.");
    expect(at("scroll").hidden).toBe(true);
  });

  it.each([
    [404, "This link shows nothing", true],
    [400, "This link shows nothing", true],
    [429, "Too many tries", false],
    [503, "Not now", false],
  ])("a %i reads: %s", async (status, title, isFinal) => {
    const { at, settled } = opened(`#${code}`, Response.json({}, { status }));
    await settled();
    expect([at("title").textContent, at("again").hidden]).toEqual([title, isFinal]);
    expect(at("shown").hidden).toBe(true);
  });

  it("asks nobody without a code", () => {
    const { at, asked } = opened("");
    expect([at("title").textContent, asked]).toEqual(["This link is not complete", []]);
  });

  it("says that there is no connection, and tries again when it is told to", async () => {
    const { at, settled } = opened(`#${code}`, new TypeError("failed"), Response.json(share));
    await settled();
    expect([at("title").textContent, at("again").hidden]).toEqual(["No connection", false]);
    at("again").heard.get("click")?.();
    await settled();
    expect(at("shown").hidden).toBe(false);
  });

  it("shows what the address says last, whichever answer comes last", async () => {
    let late: (answer: Response) => void = () => {};
    const first = new Promise<Response>((resolve) => {
      late = resolve;
    });
    const second = Response.json({ ...share, recipient: "Dr Second" });
    const { at, heard, location, settled } = opened(`#${code}`, first, second);
    location.hash = "#OTHER";
    heard.get("hashchange")?.();
    await settled();
    late(Response.json(share));
    await settled();
    expect(at("title").textContent).toBe("Health data for Dr Second");
  });
});

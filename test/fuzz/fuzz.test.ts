/**
 * The command's short cut: requests of every route and every provider's door by a seed, held to the
 * promises; what sockets are abused with; and that what judges them would see what is wrong. The long
 * run is `npm run fuzz`.
 */
import { describe, expect, it } from "vitest";
import { answered, broken, documentFrom } from "../conformance/promises.ts";
import { noFixtures } from "./fixtures.ts";
import { slopeOf } from "./memory.ts";
import { unwell } from "./report.ts";
import { run } from "./run.ts";
import { shrunk } from "./shrink.ts";
import { abuse } from "./sockets.ts";

const requests = 200;

it("whatever is asked of any route, and of bare sockets: nothing of it breaks a promise", async () => {
  let sent = 0;
  const { violations, faults, statuses, afterwards } = await run({
    ...{ requests, seed: 14, keep: false, fixtures: noFixtures, recordEvery: requests },
    async afterwards(system) {
      const { wrong, rows } = await abuse(system, {
        seed: 14,
        noises: 5,
        crowd: 50,
        isQuick: true,
      });
      sent = rows.length;
      return wrong;
    },
  });
  expect(violations.map(({ curl: _, ...told }) => told)).toEqual([]);
  expect([...faults]).toEqual([]);
  expect(afterwards).toEqual([]);
  expect(unwell(statuses)).toEqual([]);
  expect(statuses.size).toBeGreaterThan(70);
  expect(sent).toBeGreaterThan(60);
});

describe("what judges answers", () => {
  const problem = { type: "object", properties: {}, additionalProperties: true };
  const shown = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const document = documentFrom({
    paths: {
      "/v1/thing": {
        get: {
          security: [],
          responses: { "200": { content: { "application/json": { schema: shown as never } } } },
        },
      },
    },
    components: { schemas: { Problem: problem as never } },
  });
  const marker = "Quastenflosser";
  const asked = { method: "GET", path: "/v1/thing", marker, mayShow: false };
  const judge = (status: number, text: string, more: Record<string, string> = {}) => {
    const headers = new Headers({
      "x-request-id": "00000000-0000-0000-0000-000000000000",
      ...{ "x-content-type-options": "nosniff", "content-type": "application/json" },
      ...{ "cache-control": "no-store", ...more },
    });
    return broken(document, asked, answered(status, headers, text));
  };

  it.each<[string, RegExp, () => string[]]>([
    ["a fault of ours", /a fault of ours/, () => judge(500, "{}")],
    ["its input", /said back/, () => judge(200, `{"n":1,"x":"${marker}"}`)],
    ["its input in a header", /in a header/, () => judge(200, '{"n":1}', { etag: marker })],
    ["a status that is not described", /not in/, () => judge(201, '{"n":1}')],
    ["a body that is not described", /does not describe/, () => judge(200, '{"n":"one"}')],
    [
      "a person's, to be kept",
      /be kept/,
      () => judge(200, '{"n":1}', { "cache-control": "public" }),
    ],
    ["how this is built", /is built/, () => judge(400, "TypeError: x\n    at a.ts:1")],
    ["an error of another form", /problem document/, () => judge(404, "gone")],
  ])("sees %s", (_, sentence, found) => {
    expect(found().join()).toMatch(sentence);
  });

  it("has nothing to say of what is as described", () => {
    expect(judge(200, '{"n":1}')).toEqual([]);
  });
});

it("a route that turns everybody away is seen, and so is a system that turns many away", () => {
  const quiet = new Map([["GET /a", new Map([[200, 5_000]])]]);
  expect(unwell(quiet)).toEqual([]);
  const of = (away: number) => new Map([...quiet, ["GET /b", new Map([[503, away]])]]);
  expect(unwell(of(5))).toEqual([]);
  expect(unwell(of(30))).toEqual(["GET /b: 503 too often"]);
  expect(unwell(of(100))).toEqual(["all: 503 too often", "GET /b: 503 too often"]);
});

it("a request that goes wrong is made as small as it still goes wrong", async () => {
  const ask = {
    ...{ route: "POST /x", mode: "wild", caller: null, method: "POST", path: "/x", marker: "m" },
    query: [
      ["a", "1"],
      ["b", "2"],
    ] as const,
    headers: { one: "1", two: "2" },
    body: JSON.stringify({ keep: { bad: 1, good: 2 }, more: [1, 2, 3] }),
  };
  const least = await shrunk(ask, async ({ body }) => String(body).includes('"bad":1'));
  expect(least).toMatchObject({ query: [], headers: {}, body: '{"keep":{"bad":1}}' });
});

it("memory that grows by a megabyte for a thousand requests is seen", () => {
  const samples = Array.from({ length: 40 }, (_, i) => ({
    requests: i * 100,
    kiB: 5_000 + i * 102.4,
  }));
  expect(slopeOf(samples)).toBeCloseTo(1_024);
  expect(slopeOf(samples.map(({ requests: n }) => ({ requests: n, kiB: 5_000 })))).toBe(0);
});

it("a heap that is tidied now and then, its beginning and one leap are no growth, a leak among them is", () => {
  const of = (leakKiB: number) =>
    Array.from({ length: 200 }, (_, i) => {
      const begun = Math.min(i, 20) * 4_000 + (i > 180 ? 30_000 : 0);
      return { requests: i * 500, kiB: begun + (i % 7) * 9_000 + i * leakKiB };
    });
  expect(slopeOf(of(0))).toBe(0);
  expect(slopeOf(of(2_000))).toBeGreaterThan(3_072);
});

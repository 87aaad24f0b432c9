import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { msPerDay } from "../../../domain/time.ts";
import { concept2 } from "../../../providers/concept2.ts";
import { replied } from "../replied.ts";
import { endMs, result, strokes } from "./said.ts";

const { pull, link } = concept2;

/** Of any code units, whole characters or not. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const page = (json: unknown) => pull.page(replied({ body: JSON.stringify(json) }));

describe("what is asked", () => {
  const path = "/api/users/me/results";
  const step = { collection: "results", fromMs: endMs, toMs: endMs + msPerDay };

  it("is the days of a window with more on each side, page by page", () => {
    const query = { from: "2026-11-13", to: "2026-11-17", number: "100" };
    expect(pull.list(step, null)).toEqual({ path, query });
    expect(pull.list(step, "3")).toEqual({ path, query: { ...query, page: "3" } });
  });

  it("is the strokes of a result that has any", () => {
    const of = { ...step, fromMs: endMs - 432_500, toMs: endMs, of: "91133774" };
    expect(pull.readings(result)).toEqual(of);
    expect(pull.list(of, null)).toEqual({ path: `${path}/91133774/strokes`, query: {} });
    for (const over of [
      { stroke_data: false },
      { stroke_data: "true" },
      { id: null },
      { date: null, date_utc: null },
      { time: 8 * 864_001 },
      { time: 0 },
    ])
      expect(pull.readings({ ...result, ...over }), JSON.stringify(over)).toBeNull();
    expect(pull.readings(null)).toBeNull();
  });

  it("for one result never leaves the path of results", () => {
    expect(pull.one("results", "91133774")).toEqual({ path: `${path}/91133774`, query: {} });
    fc.assert(
      fc.property(anyText, (name) => {
        const asked = pull.one("results", name).path;
        const url = new URL(asked, "https://log.concept2.com");
        return (
          url.pathname === asked && /^(\d+|~[A-Za-z0-9_~-]*)$/.test(asked.slice(path.length + 1))
        );
      }),
    );
  });

  it("is for what may be read, parted as it is documented, as its own kind of JSON", () => {
    expect(link.scopes.map(({ scope }) => scope)).toEqual(["user:read", "results:read"]);
    expect(link.scopesBy).toBe(",");
    expect(link.accept).toBe("application/vnd.c2logbook.v1+json");
  });
});

describe("an answer", () => {
  const meta = (current_page: unknown, total_pages: unknown) => ({
    pagination: { total: 3, count: 1, per_page: 100, current_page, total_pages, links: {} },
  });

  it("is a page with where to go on, one result, or strokes", () => {
    const items = [result];
    expect(page({ data: items, meta: meta(1, 3) })).toEqual({
      ok: true,
      value: { items, next: "2" },
    });
    for (const last of [
      { meta: meta(3, 3) },
      { meta: meta(1, 0) },
      { meta: null },
      { meta: {} },
      {},
    ])
      expect(page({ data: items, ...last })).toEqual({ ok: true, value: { items, next: null } });
    expect(page({ data: result })).toEqual({ ok: true, value: { items, next: null } });
    expect(page({ data: strokes })).toEqual({ ok: true, value: { items: strokes, next: null } });
  });

  it.each<[string, Partial<ProviderReply>, string]>([
    ["of another form", { body: '{"results":[]}' }, "broken"],
    ["of a list alone", { body: "[]" }, "broken"],
    ["of no body", { status: 204, body: "" }, "broken"],
    [
      "of pages that are no numbers",
      { body: JSON.stringify({ data: [], meta: meta("1", 2) }) },
      "broken",
    ],
    ["of a page of no pages", { body: '{"data":[],"meta":{"pagination":[]}}' }, "broken"],
    ["cut short", { complete: false, fault: "cut-short", body: "" }, "again"],
    ["429", { status: 429 }, "again"],
    ["502", { status: 502, body: "<html>" }, "again"],
    ["401", { status: 401, body: "" }, "reconnect"],
    ["403", { status: 403, body: "{}" }, "refused"],
    ["404", { status: 404, body: '{"message":"Stroke data not found"}' }, "gone"],
    ["404 of some machine on the way", { status: 404, body: "<html>" }, "broken"],
    ["400", { status: 400, body: "{}" }, "refused"],
  ])("%s is a fault", (_, over, error) => {
    expect(pull.page(replied(over))).toEqual({ ok: false, error });
  });

  it("says whose a result is, which strokes do not", () => {
    expect(pull.accountIn?.(result)).toBe("1553112");
    for (const item of [strokes[0], null, { user_id: "anna" }])
      expect(pull.accountIn?.(item)).toBeNull();
  });

  it("bears one mark in a list and alone, and another once what is read of it is another", () => {
    const mark = pull.mark?.(result);
    // Alone it has more to say of itself.
    const alone = { ...result, workout: { splits: [{ time: 1_081 }] }, wattminutes_total: 9 };
    expect(pull.mark?.(alone)).toBe(mark);
    expect(pull.mark?.(Object.fromEntries(Object.entries(alone).reverse()))).toBe(mark);
    const { comments, ...silent } = result;
    expect(comments).toBe("Felt good.");
    expect(pull.mark?.({ ...silent, comments: null })).toBe(pull.mark?.(silent));
    for (const over of [
      { id: 1 },
      { type: "bike" },
      { date: "2026-11-14 08:30:01" },
      { date_utc: "2026-11-14 07:30:01" },
      { timezone: "Europe/Paris" },
      { time: 4_326 },
      { rest_time: 60 },
      { distance: 2_001 },
      { calories_total: 122 },
      { workout_type: "JustRow" },
      { source: "Web" },
      { verified: false },
      { stroke_data: false },
      { comments: "Felt bad." },
      { heart_rate: { average: 163 } },
    ])
      expect(pull.mark?.({ ...result, ...over }), JSON.stringify(over)).not.toBe(mark);
  });

  it("that says it has strokes is unfinished until they came", () => {
    expect(pull.isUnfinished?.(result, [])).toBe(true);
    expect(pull.isUnfinished?.(result, strokes)).toBe(false);
    for (const over of [{ stroke_data: false }, { stroke_data: undefined }, { id: null }])
      expect(pull.isUnfinished?.({ ...result, ...over }, [])).toBe(false);
    expect(pull.isUnfinished?.(null, [])).toBe(false);
  });

  it("about the account names it as deliveries do", () => {
    expect(link.accountOf({ data: { id: 1_553_112, username: "x" } })).toBe("1553112");
    for (const said of [
      null,
      [],
      {},
      { id: 1_553_112 },
      { data: { id: 0 } },
      { data: { id: 1.5 } },
    ])
      expect(link.accountOf(said)).toBeNull();
  });
});

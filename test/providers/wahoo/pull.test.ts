/** Wahoo's list of everything, the newest first, and what its answers tell of its limits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import type { PullStep } from "../../../providers/provider.ts";
import { wahoo } from "../../../providers/wahoo.ts";
import { replied } from "../replied.ts";

const { pull, budget } = wahoo;
const day = 86_400_000;
const newestMs = Date.UTC(2026, 10, 20, 6);
const iso = (ms: number) => new Date(ms).toISOString();
/** One a day, the newest first; the number is how many days ago. */
const dayAgo = (n: number, over: object = {}) => ({
  id: 1_000 - n,
  user_id: 9_812_345,
  starts: iso(newestMs - n * day),
  updated_at: iso(newestMs - n * day),
  workout_summary: { duration_total_accum: "60.0", started_at: iso(newestMs - n * day) },
  ...over,
});
const days = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => dayAgo(from + i));
const step = (fromDay: number, toDay = -1): PullStep => ({
  collection: "workouts",
  fromMs: newestMs - fromDay * day,
  toMs: newestMs - toDay * day,
});
const page = (json: unknown, of: PullStep | null = null, over: Partial<ProviderReply> = {}) =>
  pull.page(replied({ body: JSON.stringify(json), ...over }), of);
const listed = (workouts: readonly unknown[], over: object = {}) => ({
  workouts,
  total: 500,
  page: 1,
  per_page: 50,
  order: "descending",
  sort: "starts",
  ...over,
});
const idsIn = (found: ReturnType<typeof page>) =>
  found.ok ? found.value.items.map((item) => (item as { id: number }).id) : found.error;
const nextOf = (found: ReturnType<typeof page>) => (found.ok ? found.value.next : found.error);

describe("what is asked", () => {
  it("is a page of all workouts", () => {
    const query = { page: "1", per_page: "50" };
    expect(pull.list(step(3), null)).toEqual({ path: "/v1/workouts", query });
    expect(pull.list(step(3), "7")).toEqual({
      path: "/v1/workouts",
      query: { ...query, page: "7" },
    });
    expect(pull.readings()).toBeNull();
  });

  it("for one never leaves the path of workouts", () => {
    expect(pull.one("workouts", "771234567")).toEqual({
      path: "/v1/workouts/771234567",
      query: {},
    });
    fc.assert(
      fc.property(fc.string(), (name) => {
        const asked = pull.one("workouts", name).path;
        const { pathname } = new URL(asked, "https://api.wahooligan.com");
        return pathname === asked && /^\/v1\/workouts\/(\d+|~[A-Za-z0-9_~-]*)$/.test(asked);
      }),
    );
    // Another name for 7, if it were one.
    expect(pull.one("workouts", "007").path).toBe("/v1/workouts/~007");
  });
});

describe("a page of the list", () => {
  it("is turned until one lies wholly before the window", () => {
    expect(nextOf(page(listed(days(0, 50)), step(60)))).toBe("2");
    expect(nextOf(page(listed(days(0, 50)), step(30)))).toBe("2");
    expect(nextOf(page(listed(days(50, 100), { page: 2 }), step(30)))).toBeNull();
    // In order to the second it need not be.
    const muddled = [...days(31, 50), dayAgo(29)];
    expect(nextOf(page(listed(muddled, { page: 2 }), step(30)))).toBe("3");
  });

  it("is the last one when there are no more", () => {
    expect(nextOf(page(listed(days(0, 50), { total: 50 }), step(60)))).toBeNull();
    expect(nextOf(page(listed(days(0, 50), { total: 51 }), step(60)))).toBe("2");
    expect(nextOf(page(listed(days(0, 30), { total: 60, per_page: 30 }), step(90)))).toBe("2");
    expect(nextOf(page(listed([], { total: 500 }), step(60)))).toBeNull();
    expect(nextOf(page(listed(days(0, 49), { total: null }), step(60)))).toBeNull();
    expect(nextOf(page(listed(days(0, 50), { total: null }), step(60)))).toBe("2");
  });

  it("is turned for a week more, since a workout stands by when it was planned", () => {
    const began = (n: number) => ({
      workout_summary: { duration_total_accum: "60.0", started_at: iso(newestMs - n * day) },
    });
    const planned = listed([dayAgo(34, began(29))], { page: 1, total: 200 });
    expect(nextOf(page(listed(days(31, 34)), step(30)))).toBe("2");
    expect(nextOf(page(listed(days(31, 37)), step(30)))).toBe("2");
    expect(nextOf(page(listed(days(38, 80)), step(30)))).toBeNull();
    expect(idsIn(page(planned, step(30)))).toEqual([966]);
  });

  it("counts in text as in numbers", () => {
    const inText = (over: object) => ({ ...listed(days(0, 50)), ...over });
    expect(nextOf(page(inText({ page: "1", per_page: "50", total: "51" }), step(60)))).toBe("2");
    expect(nextOf(page(inText({ page: "2", per_page: "50", total: "51" }), step(60)))).toBeNull();
    expect(page({ workouts: [], page: "1", per_page: "50", total: "0" }, step(60))).toEqual({
      ok: true,
      value: { items: [], next: null },
    });
    for (const odd of ["0", "", "1.5", "-1", "x", null, { toString: 1 }])
      expect(page(inText({ page: odd }), step(60))).toEqual({ ok: false, error: "broken" });
  });

  it("holds no address of a file, nor does what is had alone, or the mark of either", () => {
    const file = { url: "https://cdn.example/ride.fit?signature=x" };
    const bare = dayAgo(0, { updated_at: null });
    const filed = { ...bare, file, workout_summary: { ...bare.workout_summary, file } };
    for (const said of [listed([filed]), filed, { workout: filed }])
      expect(page(said)).toMatchObject({ ok: true, value: { items: [bare] } });
    expect(JSON.stringify(page(filed))).not.toContain("cdn.example");
    expect(pull.mark(filed)).toBe(pull.mark(bare));
  });

  it("is turned past what does not say when it was", () => {
    const unsaid = days(60, 110).map((item) => ({ ...item, starts: null, workout_summary: null }));
    expect(nextOf(page(listed(unsaid), step(30)))).toBe("2");
  });

  it("gives what began in the window, both ends included", () => {
    const found = page(listed(days(0, 10)), step(6, 3));
    expect(idsIn(found)).toEqual([997, 996, 995, 994]);
    expect(idsIn(page(listed(days(0, 3)), step(60)))).toEqual([1_000, 999, 998]);
  });

  it("leaves out what is only planned, or has an empty summary", () => {
    const planned = [
      dayAgo(0, { workout_summary: null }),
      dayAgo(1, { workout_summary: undefined }),
      dayAgo(2, { workout_summary: {} }),
      dayAgo(3, { workout_summary: { duration_total_accum: null, duration_active_accum: null } }),
      dayAgo(4, { workout_summary: { duration_total_accum: "0.0", duration_active_accum: 0 } }),
    ];
    expect(idsIn(page(listed([...planned, dayAgo(5)]), step(60)))).toEqual([995]);
  });

  it("hands on what cannot be read, so that somebody sees it", () => {
    const odd = [null, "x", dayAgo(1, { workout_summary: { duration_total_accum: "1e3" } })];
    expect(page(listed(odd), step(60))).toMatchObject({ value: { items: odd } });
  });

  it("brings all of a window over its pages, whatever lies before and after", () => {
    const far = fc.integer({ min: 0, max: 150 });
    fc.assert(
      fc.property(far, far, (a, b) => {
        const window = step(Math.max(a, b), Math.min(a, b));
        const all = days(0, 120);
        const found: unknown[] = [];
        let cursor: string | null = null;
        for (let turned = 0; turned < 10; turned++) {
          const number: number = Number(pull.list(window, cursor).query.page);
          const items = all.slice((number - 1) * 50, number * 50);
          const read = page(listed(items, { page: number, total: 120 }), window);
          if (!read.ok) return false;
          found.push(...read.value.items);
          cursor = read.value.next;
          if (cursor === null) break;
        }
        const wanted = all.slice(Math.min(a, b), Math.max(a, b) + 1);
        expect(found).toEqual(wanted);
        return cursor === null;
      }),
    );
  });
});

describe("one workout", () => {
  it("is what was asked for, with or without a wrapping", () => {
    for (const said of [dayAgo(0), { workout: dayAgo(0) }])
      expect(page(said)).toEqual({ ok: true, value: { items: [dayAgo(0)], next: null } });
  });

  it("that is only planned is there, and nothing to read", () => {
    expect(page(dayAgo(0, { workout_summary: null }))).toEqual({
      ok: true,
      value: { items: [], next: null },
    });
  });

  it("says whose it is, where it does", () => {
    expect(pull.accountIn(dayAgo(0))).toBe("9812345");
    expect(pull.accountIn(dayAgo(0, { user_id: undefined }))).toBeNull();
  });

  it("bears another mark when it or its summary changed, and the same in a list and alone", () => {
    const mark = pull.mark(dayAgo(0));
    expect(pull.mark({ ...dayAgo(0), name: "said otherwise" })).toBe(mark);
    const later = iso(newestMs + 1_000);
    const changed = [
      dayAgo(0, { updated_at: later }),
      dayAgo(0, { workout_summary: { ...dayAgo(0).workout_summary, updated_at: later } }),
      dayAgo(0, { id: 7 }),
    ];
    for (const item of changed) expect(pull.mark(item)).not.toBe(mark);
    const unsaid = dayAgo(0, { updated_at: null });
    expect(pull.mark({ ...unsaid, name: "said otherwise" })).not.toBe(pull.mark(unsaid));
  });
});

describe("an answer", () => {
  it.each<[string, Partial<ProviderReply>, string]>([
    ["of another form", { body: '{"records":[]}' }, "broken"],
    ["of no page's number", { body: '{"workouts":[]}' }, "broken"],
    ["of page zero", { body: '{"workouts":[],"page":0}' }, "broken"],
    ["of no body", { status: 204, body: "" }, "broken"],
    ["of a workout without a number", { body: '{"workout":{"id":"x"}}' }, "broken"],
    ["of a list", { body: "[]" }, "broken"],
    ["cut short", { complete: false, fault: "cut-short", body: "" }, "again"],
    ["429", { status: 429 }, "again"],
    ["502", { status: 502, body: "<html>" }, "again"],
    ["401", { status: 401, body: "" }, "reconnect"],
    ["403", { status: 403, body: "{}" }, "refused"],
    ["404", { status: 404, body: '{"error":"not found"}' }, "gone"],
    ["404 of some machine on the way", { status: 404, body: "<html>" }, "broken"],
  ])("%s is a fault", (_, over, error) => {
    expect(pull.page(replied(over), step(3))).toEqual({ ok: false, error });
    expect(pull.page(replied(over), null)).toEqual({ ok: false, error });
  });

  const learned = (limit: string, remaining: string, reset = "0") =>
    budget.learn?.(
      {
        "x-ratelimit-limit": limit,
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": reset,
      },
      0,
    ).app;

  it("tells three limits, and what is left of each", () => {
    const windows = [
      { window: "day", limit: 5_000, remaining: 4_999 },
      { window: "hour", limit: 1_000, remaining: 999 },
      { window: "5 minutes", limit: 200, remaining: 199 },
    ];
    expect(learned("5000, 1000, 200", "4999, 999, 199")).toEqual(windows);
    expect(learned("200,1000,5000", "199,999,4999")).toEqual(windows);
  });

  it("tells until when the one that is spent stays so", () => {
    expect(learned("5000, 1000, 200", "4800, 800, 0", "300")).toEqual([
      { window: "day", limit: 5_000, remaining: 4_800 },
      { window: "hour", limit: 1_000, remaining: 800 },
      { window: "5 minutes", limit: 200, remaining: 0, resetsInMs: 300_000 },
    ]);
    // Of two that are spent nobody knows whose it is.
    for (const window of learned("5000, 1000, 200", "4800, 0, 0", "300") ?? [])
      expect(window).not.toHaveProperty("resetsInMs");
    expect(learned("250, 100, 25", "0, 0, 0", "9, 8, 7")).toEqual([
      { window: "day", limit: 250, remaining: 0, resetsInMs: 9_000 },
      { window: "hour", limit: 100, remaining: 0, resetsInMs: 8_000 },
      { window: "5 minutes", limit: 25, remaining: 0, resetsInMs: 7_000 },
    ]);
  });

  it("that tells them otherwise tells nothing", () => {
    for (const limit of ["", "5000", "5000, 1000", "a, b, c", "5000, 1000, 200, 1", "-1, 2, 3"])
      expect(learned(limit, "1, 1, 1")).toEqual([]);
    expect(learned("5000, 1000, 200", "4999, 999")).toEqual([
      { window: "day", limit: 5_000 },
      { window: "hour", limit: 1_000 },
      { window: "5 minutes", limit: 200 },
    ]);
  });
});

/** What Polar's answers come to, and what they tell of its limits. */
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { polar } from "../../../providers/polar.ts";
import { replied } from "../replied.ts";

const { pull } = polar;
const exercise = { id: "y6Wq9Kd", start_time: "2026-11-14T09:30:00", duration: "PT25M30S" };

const page = (json: unknown) => pull.page(replied({ body: JSON.stringify(json) }));

describe("an answer", () => {
  it("is a list, one exercise, or nothing at all", () => {
    expect(page([exercise])).toEqual({ ok: true, value: { items: [exercise], next: null } });
    expect(page(exercise)).toEqual({ ok: true, value: { items: [exercise], next: null } });
    const empty = { ok: true, value: { items: [], next: null } };
    expect(page([])).toEqual(empty);
    expect(pull.page(replied({ status: 204, body: "" }))).toEqual(empty);
  });

  it.each<[string, Partial<ProviderReply>, string]>([
    ["of another form", { body: '{"exercises":["https://…"]}' }, "broken"],
    ["of no body", { body: "" }, "broken"],
    ["cut short", { complete: false, fault: "cut-short", body: "" }, "again"],
    ["too large", { complete: false, fault: "too-large", body: "" }, "broken"],
    ["429", { status: 429 }, "again"],
    ["503", { status: 503, body: "<html>" }, "again"],
    ["none", { status: 0, complete: false, fault: "timeout", body: "" }, "again"],
    ["401", { status: 401, body: "" }, "reconnect"],
    ["403", { status: 403, body: "" }, "reconnect"],
    ["403 of some machine on the way", { status: 403, body: "<html>" }, "broken"],
    ["404", { status: 404, body: "" }, "gone"],
    ["400", { status: 400, body: "{}" }, "refused"],
    ["a redirect", { status: 302, complete: false, fault: "redirect", body: "" }, "broken"],
  ])("%s is a fault", (_, over, error) => {
    expect(pull.page(replied(over))).toEqual({ ok: false, error });
  });

  it("tells what is left of both windows, as far as it says", () => {
    const learned = (headers: Record<string, string>) => polar.budget.learn?.(headers, 0).app;
    expect(
      learned({
        "ratelimit-usage": "12, 640",
        "ratelimit-limit": "520,5100",
        "ratelimit-reset": "61, 3600",
      }),
    ).toEqual([
      { window: "15 minutes", limit: 520, remaining: 508, resetsInMs: 61_000 },
      { window: "day", limit: 5100, remaining: 4460, resetsInMs: 3_600_000 },
    ]);
    expect(learned({ "ratelimit-limit": "520", "ratelimit-usage": "600" })).toEqual([
      { window: "15 minutes", limit: 520, remaining: 0 },
    ]);
    for (const said of ["", "many", "-1,-2", "1e9,1e9"])
      expect(learned({ "ratelimit-limit": said, "ratelimit-usage": "1,2" })).toEqual([]);
  });
});

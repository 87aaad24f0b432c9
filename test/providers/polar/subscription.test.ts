import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { polar } from "../../../providers/polar.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);

describe("the webhook", () => {
  const { subscription } = polar;
  const webhookUrl = "https://singlet.example/webhooks/polar";
  const setup = { webhookUrl, secret: "s", verification: "", project: "", nowMs: receivedMs };
  const judged = (data: unknown, over: Partial<ProviderReply> = {}) =>
    subscription.judge(setup, replied({ body: JSON.stringify({ data }), ...over }));
  const events = ["EXERCISE", "SLEEP", "ACTIVITY_SUMMARY", "CONTINUOUS_HEART_RATE"];
  const there = { id: "abc12", events, url: webhookUrl, active: true };

  it("that is as wanted is let be, and one that was switched off is switched on", () => {
    expect(subscription.look(setup)).toEqual({ method: "GET", path: "/v3/webhooks", query: {} });
    expect(judged([there])).toEqual({ ok: true, value: { active: true, until: null } });
    expect(judged([{ ...there, active: false }])).toEqual({
      ok: true,
      value: { method: "POST", path: "/v3/webhooks/activate", query: {} },
    });
  });

  it("that does not hear of all that is read is told to, and of no less than before", () => {
    const heard = ["PHYSICAL_INFORMATION", "SLEEP"];
    const rest = ["EXERCISE", "ACTIVITY_SUMMARY", "CONTINUOUS_HEART_RATE"];
    expect(judged([{ ...there, events: heard }])).toEqual({
      ok: true,
      value: {
        method: "PATCH",
        path: "/v3/webhooks/abc12",
        query: {},
        json: { events: [...heard, ...rest] },
      },
    });
    expect(judged([{ ...there, events: [], id: "../x" }])).toEqual({ ok: false, error: "broken" });
  });

  it("that is missing or points elsewhere is for its owner: its key is shown only once", () => {
    const refused = { ok: false, error: "refused" };
    expect(judged([])).toEqual(refused);
    expect(judged([{ ...there, url: "https://elsewhere.example/" }])).toEqual(refused);
    expect(judged([], { status: 204, body: "" })).toEqual(refused);
    expect(judged([], { status: 401, body: "" })).toEqual(refused);
    expect(judged([], { status: 500, body: "" })).toEqual({ ok: false, error: "again" });
    expect(judged("none")).toEqual({ ok: false, error: "broken" });
  });
});

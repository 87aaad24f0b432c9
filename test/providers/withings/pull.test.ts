/** What is asked of Withings by form, and what its answers, all of them 200, come to. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { msPerDay } from "../../../domain/time.ts";
import { withings } from "../../../providers/withings.ts";
import { replied } from "../replied.ts";

const { pull, memberSubscription } = withings;
const hour = 3_600_000;
const startMs = Date.UTC(2026, 10, 13, 6, 30);
const run = { id: 5_912_300_277, category: 2, startdate: startMs / 1000, data: {} };
const page = (json: unknown) => pull.page(replied({ body: JSON.stringify(json) }));

describe("what is asked", () => {
  const step = { collection: "workouts", fromMs: startMs, toMs: startMs + hour };

  it("is a form: the days of a window on any clock, and goes on where the last page ended", () => {
    const asked = pull.list(step, null);
    expect(asked).toMatchObject({ path: "/v2/measure", query: {} });
    expect(asked.form).toMatchObject({
      action: "getworkouts",
      startdateymd: "2026-11-12",
      enddateymd: "2026-11-13",
    });
    expect(asked.form).not.toHaveProperty("offset");
    // Fields that are not named are not given.
    const read = ["calories", "distance", "manual_calories", "manual_distance"];
    for (const field of [...read, "pause_duration", "algo_pause_duration"])
      expect(asked.form?.data_fields?.split(",")).toContain(field);
    expect(pull.list(step, "300")).toEqual({ ...asked, form: { ...asked.form, offset: "300" } });
    expect(pull.readings(run)).toBeNull();
  });

  it("of a window leaves no day out, wherever its instants were", () => {
    const instant = fc.integer({ min: 1e12, max: 2e12 });
    const away = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(
        instant,
        fc.nat(40 * msPerDay),
        fc.nat(1_000),
        away,
        (fromMs, forMs, part, min) => {
          const toMs = fromMs + forMs;
          const form = pull.list({ ...step, fromMs, toMs }, null).form ?? {};
          const at = fromMs + Math.floor((forMs * part) / 1_000);
          const day = new Date(at + min * 60_000).toISOString().slice(0, 10);
          return String(form.startdateymd) <= day && day <= String(form.enddateymd);
        },
      ),
    );
  });

  it("can be no single workout, so nothing is ever missed by a list", () => {
    const asked = pull.one("workouts", "5912300277");
    expect(asked).toEqual(pull.one("workouts", "../../notify"));
    expect(asked.form).toEqual({ action: "getworkouts", lastupdate: "4102444800" });
    expect(pull.listedDays).toBe(0);
  });
});

describe("an answer", () => {
  const answer = (over: object = {}) => ({
    status: 0,
    body: { series: [run], more: false, offset: 0, ...over },
  });

  it("is a page with where to go on", () => {
    expect(page(answer())).toEqual({ ok: true, value: { items: [run], next: null } });
    for (const more of [true, 1])
      expect(page(answer({ more, offset: 300 }))).toEqual({
        ok: true,
        value: { items: [run], next: "300" },
      });
    // Where it would go on says nothing of whether it does.
    expect(page(answer({ offset: 200 }))).toMatchObject({ value: { next: null } });
  });

  it.each<[string, unknown, string]>([
    ["no token", { status: 401, body: {}, error: "invalid_token" }, "reconnect"],
    ["an expired token", { status: 101, body: {} }, "reconnect"],
    ["too much asked", { status: 601, body: {} }, "again"],
    ["a fault of theirs", { status: 2551, body: {} }, "again"],
    ["a timeout of theirs", { status: 522, body: {} }, "again"],
    ["a number that nobody knows", { status: 77_777, body: {} }, "again"],
    ["a parameter that is no good", { status: 503, body: {} }, "refused"],
    ["what is not allowed", { status: 277, body: {} }, "refused"],
    ["not found, which it never is", { status: 404, body: {} }, "again"],
    ["no status", { body: answer().body }, "broken"],
    ["a status that is text", { ...answer(), status: "0" }, "broken"],
    ["no series", { status: 0, body: {} }, "broken"],
    ["a series that is none", { status: 0, body: { series: {} } }, "broken"],
    ["a list for a body", { status: 0, body: [] }, "broken"],
    ["more, from nowhere", answer({ more: true, offset: null }), "broken"],
    ["more, from the start", answer({ more: true, offset: 0 }), "broken"],
    ["a list", [], "broken"],
  ])("of 200 that says %s is a fault", (_, json, error) => {
    expect(page(json)).toEqual({ ok: false, error });
  });

  it.each<[string, Partial<ProviderReply>, string]>([
    ["401", { status: 401 }, "reconnect"],
    ["429", { status: 429 }, "again"],
    ["500", { status: 500 }, "again"],
    ["400", { status: 400 }, "refused"],
    ["404, which is no word of any workout", { status: 404 }, "broken"],
    ["cut short", { complete: false, fault: "cut-short" }, "again"],
    ["too large", { complete: false, fault: "too-large" }, "broken"],
  ])("by HTTP: %s", (_, over, error) => {
    expect(pull.page(replied({ body: "", ...over }))).toEqual({ ok: false, error });
  });

  it("never says that something is gone", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 100, max: 599 }), (status, http) => {
        const body = JSON.stringify({ status, body: {} });
        const of = pull.page(replied({ status: http, body }));
        return of.ok || of.error !== "gone";
      }),
    );
  });
});

describe("its notices", () => {
  const url = "https://singlet.example/webhooks/withings/wk-1";

  it("are asked for with the member's token, for each category, the workouts first", () => {
    const form = { action: "subscribe", callbackurl: url };
    expect(memberSubscription.requests(url)).toEqual(
      ["16", "46", "44", "1", "2", "4", "58"].map((appli) => ({
        path: "/notify",
        query: {},
        form: { ...form, appli },
      })),
    );
    expect(withings.link.paths.some((prefix) => "/notify".startsWith(prefix))).toBe(true);
  });

  it.each([
    [
      { status: 0, body: {} },
      { ok: true, value: "told" },
    ],
    [
      { status: 293, body: {}, error: "callback" },
      { ok: false, error: "refused" },
    ],
    [
      { status: 401, body: {} },
      { ok: false, error: "reconnect" },
    ],
    [
      { status: 601, body: {} },
      { ok: false, error: "again" },
    ],
    [{ body: {} }, { ok: false, error: "broken" }],
  ])("are told by %j: %j", (json, judged) => {
    expect(memberSubscription.judge(replied({ body: JSON.stringify(json) }))).toEqual(judged);
  });
});

/** History that is asked for and sent later, and what Garmin says that an account permits. */
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../domain/ports.ts";
import { garmin } from "../../providers/garmin.ts";

const reply = (over: Partial<ProviderReply>): ProviderReply => ({
  status: 202,
  body: "",
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
  ...over,
});

describe("a stretch of history", () => {
  const { asked } = garmin.backfill;

  it("is asked for as summaries and as details, in whole seconds", () => {
    const fromMs = Date.UTC(2026, 9, 1) + 999;
    const toMs = Date.UTC(2026, 9, 31) + 1;
    const query = {
      summaryStartTimeInSeconds: String(Date.UTC(2026, 9, 1) / 1000),
      summaryEndTimeInSeconds: String(Date.UTC(2026, 9, 31) / 1000),
    };
    expect(asked?.requests({ fromMs, toMs })).toEqual([
      { path: "/wellness-api/rest/backfill/activities", query },
      { path: "/wellness-api/rest/backfill/activityDetails", query },
    ]);
  });

  it("is asked for where a member's token may go", () => {
    for (const { path } of asked?.requests({ fromMs: 0, toMs: 1 }) ?? [])
      expect(garmin.link.paths.some((prefix) => path.startsWith(prefix))).toBe(true);
  });

  it("is no longer than the shortest that anybody reports as allowed", () => {
    expect(garmin.backfill).toMatchObject({ days: 90, stepDays: 29 });
  });

  const said = (errorMessage: string) => JSON.stringify({ errorMessage });
  it.each<[Partial<ProviderReply>, string]>([
    [{ status: 202 }, "asked"],
    [{ status: 202, complete: false, fault: "wrong-type" }, "asked"],
    [{ status: 200, body: "{}" }, "asked"],
    [{ status: 409, body: said("duplicate backfill") }, "asked"],
    [{ status: 400, body: said("start is before min start time of 1700000000") }, "none"],
    [{ status: 400, body: said("before the minimum start time 2024-01-01") }, "none"],
    [{ status: 400, body: said("Endpoint not enabled for summary type") }, "refused"],
    [{ status: 400, body: "<html>" }, "refused"],
    [{ status: 412 }, "refused"],
    [{ status: 403 }, "refused"],
    [{ status: 401 }, "reconnect"],
    [{ status: 429 }, "again"],
    [{ status: 503 }, "again"],
    [{ status: 0, complete: false, fault: "timeout" }, "again"],
    [{ status: 302, complete: false, fault: "redirect" }, "broken"],
  ])("answered by %o is %s", (over, verdict) => {
    const judged = asked?.judge(reply(over));
    expect(judged?.ok === true ? judged.value : judged?.error).toBe(verdict);
  });
});

describe("what an account permits", () => {
  const { request, granted, needed } = garmin.link.permissions;

  it("is asked where a member's token may go", () => {
    expect(request).toEqual({ path: "/wellness-api/rest/user/permissions", query: {} });
  });

  it("is a list, or an object that holds one", () => {
    const both = ["ACTIVITY_EXPORT", "HEALTH_EXPORT"];
    for (const body of [both, { permissions: both }, { permissions: [...both, 7, null] }])
      expect(granted(reply({ status: 200, body: JSON.stringify(body) }))).toEqual(both);
    expect(granted(reply({ status: 200, body: "[]" }))).toEqual([]);
  });

  it("is not known by an answer that is none", () => {
    for (const over of [
      { status: 200, body: "null" },
      { status: 200, body: "" },
      { status: 200, body: "{}" },
      { status: 200, body: '["ACTIVITY_EXPORT"]', complete: false },
      { status: 503, body: "[]" },
      { status: 401, body: '{"permissions":[]}' },
    ])
      expect(granted(reply(over))).toBeNull();
  });

  it("has to hold the export of activities", () => {
    expect(needed).toEqual(["ACTIVITY_EXPORT"]);
  });
});

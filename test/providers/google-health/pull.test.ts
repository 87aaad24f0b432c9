/** What is asked after a notice, and what the answers come to. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { msPerDay } from "../../../domain/time.ts";
import { googleHealth } from "../../../providers/google-health.ts";
import { replied } from "../replied.ts";

const startMs = Date.UTC(2026, 10, 14, 9, 0, 0);
const endMs = startMs + 3_600_000;
const { pull } = googleHealth;
const point = {
  name: "users/u1/dataTypes/exercise/dataPoints/8896720705097069096",
  exercise: {
    interval: { startTime: "2026-11-14T09:00:00Z", endTime: "2026-11-14T10:00:00Z" },
  },
};

describe("a request", () => {
  const step = { collection: "exercise", fromMs: startMs, toMs: endMs };

  it("lists exercises by civil start, and goes on with the page token", () => {
    expect(pull.list(step, null)).toEqual({
      path: "/v4/users/me/dataTypes/exercise/dataPoints",
      query: {
        filter:
          'exercise.interval.civil_start_time >= "2026-11-14T09:00:00" AND ' +
          'exercise.interval.civil_start_time < "2026-11-14T10:00:00"',
        pageSize: "25",
      },
    });
    expect(pull.list(step, "next").query).toMatchObject({ pageToken: "next" });
  });

  it("lists heart rate by physical time, over the exercise it belongs to", () => {
    const wanted = pull.readings(point);
    expect(wanted).toEqual({ collection: "heart-rate", fromMs: startMs, toMs: endMs });
    expect(wanted && pull.list(wanted, null)).toEqual({
      path: "/v4/users/me/dataTypes/heart-rate/dataPoints",
      query: {
        filter:
          'heart_rate.sample_time.physical_time >= "2026-11-14T09:00:00.000Z" AND ' +
          'heart_rate.sample_time.physical_time < "2026-11-14T10:00:00.000Z"',
        pageSize: "1000",
      },
    });
    expect(pull.readings({})).toBeNull();
  });

  it("for one record never leaves the path of records", () => {
    const base = "/v4/users/me/dataTypes/exercise/dataPoints/";
    expect(pull.one("exercise", "9875412").path).toBe(`${base}9875412`);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        const { path } = pull.one("exercise", id);
        const url = new URL(path, "https://health.googleapis.com");
        return url.pathname === path && /^[A-Za-z0-9_~-]+$/.test(path.slice(base.length));
      }),
    );
    for (const id of ["..", "%2e%2e", "", "a/b", "x".repeat(65)])
      expect(pull.one("exercise", id).path.slice(base.length)).toMatch(/^~/);
  });
});

describe("a page", () => {
  const reply = (status: number, body: unknown, complete = true) =>
    pull.page(replied({ status, body: JSON.stringify(body), complete }));

  it("holds points and where to go on", () => {
    expect(reply(200, { dataPoints: [point], nextPageToken: "t" })).toEqual({
      ok: true,
      value: { items: [point], next: "t" },
    });
    expect(reply(200, { dataPoints: [], nextPageToken: "" })).toMatchObject({
      value: { items: [], next: null },
    });
  });

  it("may leave an empty list out, as the format does", () => {
    expect(reply(200, {})).toEqual({ ok: true, value: { items: [], next: null } });
  });

  it("of one record is that record", () => {
    expect(reply(200, point)).toEqual({ ok: true, value: { items: [point], next: null } });
  });

  it.each([
    [401, "reconnect"],
    [403, "refused"],
    [404, "broken"],
    [429, "again"],
    [503, "again"],
    [400, "refused"],
    [410, "broken"],
    [412, "refused"],
    [302, "broken"],
  ])("with status %i is %s", (status, error) => {
    expect(reply(status, {})).toEqual({ ok: false, error });
  });

  it("that was cut short, is not JSON or is something else is broken, never empty", () => {
    const broken = { ok: false, error: "broken" };
    expect(reply(200, { dataPoints: [] }, false)).toEqual(broken);
    for (const body of ["", "<html>", "[", '{"dataPoints":'])
      expect(pull.page(replied({ body }))).toEqual(broken);
    for (const body of [[], null, { error: {} }, { dataPoints: {} }, { nextPageToken: 3 }])
      expect(reply(200, body)).toEqual(broken);
  });
});

describe("a refusal", () => {
  /** As google.rpc.Status has it, and as older parts of Google say it. */
  const error = (code: number, status: string, ...reasons: string[]) =>
    replied({
      status: code,
      body: JSON.stringify({
        error: {
          code,
          status,
          message: "no",
          details: reasons.map((reason) => ({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            reason,
            domain: "googleapis.com",
          })),
        },
      }),
    });
  const old = (reason: string) =>
    replied({
      status: 403,
      body: JSON.stringify({ error: { code: 403, errors: [{ domain: "usageLimits", reason }] } }),
    });

  it.each([
    ["the account", error(403, "PERMISSION_DENIED"), "refused"],
    ["a record that is not there", error(404, "NOT_FOUND"), "gone"],
    ["a token that ended", error(401, "UNAUTHENTICATED"), "reconnect"],
    [
      "a scope that was not granted",
      error(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
      "refused",
    ],
    ["a rate", error(403, "PERMISSION_DENIED", "RATE_LIMIT_EXCEEDED"), "again"],
    ["a rate, as it was said before", old("userRateLimitExceeded"), "again"],
    ["a day's quota", old("dailyLimitExceeded"), "again"],
    ["a quota", error(403, "RESOURCE_EXHAUSTED"), "again"],
    ["the project", error(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), "again"],
    ["a project that is suspended", error(403, "PERMISSION_DENIED", "CONSUMER_SUSPENDED"), "again"],
    ["a policy", error(403, "PERMISSION_DENIED", "LOCATION_POLICY_VIOLATED"), "again"],
    ["a filter", error(400, "INVALID_ARGUMENT", "INVALID_DATA_POINT_FILTER_SYNTAX"), "refused"],
    [
      "a filter's token",
      error(400, "INVALID_ARGUMENT", "INVALID_DATA_POINT_FILTER_UNEXPECTED_TOKEN"),
      "refused",
    ],
    [
      "an account that has no data",
      error(400, "FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED"),
      "refused",
    ],
    ["a page token of long ago", error(400, "INVALID_ARGUMENT", "INVALID_PAGE_TOKEN"), "broken"],
  ])("of %s", (_, reply, fault) => {
    expect(pull.page(reply)).toEqual({ ok: false, error: fault });
  });

  it.each(["", "{}", '{"error":{"code":404,"status":"NOT_FOUND","message":"Method not found."}}'])(
    "by 404 with %j deletes nothing: it speaks of no record",
    (body) => {
      const page = pull.page(replied({ status: 404, body }));
      expect(page).toEqual({ ok: false, error: "broken" });
    },
  );

  it("in words that are not Google's ends no grant and deletes nothing", () => {
    for (const status of [400, 403, 404, 410])
      for (const body of ["<html>Forbidden</html>", "no", "[]", "7"])
        expect(pull.page(replied({ status, body }))).toEqual({ ok: false, error: "broken" });
  });
});

describe("an answer that is none", () => {
  it.each([
    ["timeout", 0, "again"],
    ["network", 0, "again"],
    ["cut-short", 200, "again"],
    ["too-large", 200, "broken"],
    ["redirect", 302, "broken"],
    ["wrong-type", 200, "broken"],
  ] as const)("for %s", (fault, status, error) => {
    const body = JSON.stringify({ dataPoints: [point] });
    expect(pull.page(replied({ status, body, complete: false, fault }))).toEqual({
      ok: false,
      error,
    });
  });

  it("says by its status what the rest of it need not", () => {
    const cut = { complete: false, fault: "cut-short" } as const;
    expect(pull.page(replied({ status: 429, ...cut }))).toMatchObject({ error: "again" });
    expect(pull.page(replied({ status: 404, ...cut }))).toMatchObject({ error: "again" });
    expect(pull.page(replied({ status: 404, complete: false, fault: "too-large" }))).toMatchObject({
      error: "broken",
    });
  });
});

describe("an exercise that a notice speaks of", () => {
  const hourMs = 3_600_000;
  const zones = Array.from({ length: 26 * 4 + 1 }, (_, i) => (i * 15 - 12 * 60) * 60_000);
  const text = (ms: number) => new Date(ms).toISOString();
  /** As Google applies the filter that is asked: to the exercise's clock on the wall. */
  function isAsked(notice: { fromMs: number; toMs: number }, civilStartMs: number): boolean {
    const { filter = "" } = pull.list({ collection: "exercise", ...notice }, null).query;
    const [from = "", to = ""] = [...filter.matchAll(/"([^"]+)"/g)].map(([, bound]) => bound ?? "");
    return civilStartMs >= Date.parse(`${from}Z`) && civilStartMs < Date.parse(`${to}Z`);
  }
  const noticed = (interval: object) => {
    const data = { healthUserId: "a", operation: "UPSERT", dataType: "exercise" };
    const parsed = googleHealth.parse(JSON.stringify({ data: { ...data, intervals: [interval] } }));
    const [notice] = parsed.ok ? parsed.value.notices : [];
    if (notice === undefined) throw new Error("no notice");
    return notice;
  };

  it("is asked for in every zone, whatever form its interval has", () => {
    for (const offsetMs of zones)
      for (const lastsMs of [0, 1, hourMs, 30 * hourMs])
        for (const atMs of [startMs, startMs + 999, startMs + 14 * hourMs + 59_999]) {
          const [from, to] = [atMs, atMs + lastsMs];
          const civil = (ms: number) => text(ms + offsetMs).slice(0, 23);
          const forms = [
            { physicalTimeInterval: { startTime: text(from), endTime: text(to) } },
            { civilIso8601TimeInterval: { startTime: civil(from), endTime: civil(to) } },
          ];
          for (const form of forms) expect(isAsked(noticed(form), from + offsetMs)).toBe(true);
        }
  });

  it("is asked for however its day lies in it", () => {
    const inZone = fc.record({
      offsetMs: fc.constantFrom(...zones),
      atMs: fc.integer({ min: startMs - 400 * msPerDay, max: startMs }),
      beforeMs: fc.nat(msPerDay),
      afterMs: fc.nat(msPerDay),
    });
    fc.assert(
      fc.property(inZone, ({ offsetMs, atMs, beforeMs, afterMs }) => {
        const interval = { startTime: text(atMs - beforeMs), endTime: text(atMs + afterMs) };
        return isAsked(noticed({ physicalTimeInterval: interval }), atMs + offsetMs);
      }),
    );
  });
});

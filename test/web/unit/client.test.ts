/** How a request's address is made of what was asked, and what becomes of an answer that failed. */
import { describe, expect, it } from "vitest";
import { pathOf } from "../../../web/api/client.ts";
import { notBefore, Problem, Unreachable } from "../../../web/api/problem.ts";

describe("an address", () => {
  it("holds what was asked, and nothing that was not", () => {
    const params = { board: "distance" };
    const query = { period: "2026-W47", limit: 10, cursor: undefined };
    expect(pathOf("GET /v1/leaderboards/{board}", { params, query })).toBe(
      "/v1/leaderboards/distance?period=2026-W47&limit=10",
    );
    expect(pathOf("GET /v1/me")).toBe("/v1/me");
  });

  it("takes nothing for a part of itself that only stands in it", () => {
    const params = { id: "../me?x=1#y", column: "track" };
    expect(pathOf("GET /v1/members/{id}/readings/{column}", { params })).toBe(
      "/v1/members/..%2Fme%3Fx%3D1%23y/readings/track",
    );
  });
});

describe("a problem", () => {
  const answered = (body: string, headers: Record<string, string> = {}) =>
    Problem.of(new Response(body, { status: 429, headers }));

  it("bears the API's name, words, id and patience", async () => {
    const said = { type: "urn:singlet:problem:too-many", title: "Too many.", requestId: "r1" };
    const problem = await answered(JSON.stringify(said), { "retry-after": "7" });
    expect(problem).toMatchObject({ name: "too-many", message: "Too many.", status: 429 });
    expect(problem).toMatchObject({ requestId: "r1", retryAfterMs: 7_000 });
  });

  it("is told from its status alone when somebody else answered", async () => {
    const problem = await answered("<html>A hotel's network</html>");
    expect(problem).toMatchObject({ name: "unknown", status: 429, retryAfterMs: null });
    expect(problem.message).not.toContain("hotel");
  });

  it("is not followed by the same question before the time that it names", () => {
    const told = new Problem(503, {}, 7_000);
    expect([notBefore(2_000, told), notBefore(60_000, told)]).toEqual([7_000, 60_000]);
    for (const none of [new Problem(500, {}, null), new Unreachable(), null])
      expect(notBefore(2_000, none)).toBe(2_000);
  });
});

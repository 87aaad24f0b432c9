/** A range of an operator's that ends before it begins is refused by the name of its end. */
import { expect, it } from "vitest";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const routes: any[] = [
  ...(await load("routes/ops-archive.ts")).opsArchiveRoutes,
  ...(await load("routes/rereads.ts")).rereadRoutes,
];
const routeOf = (method: string, path: string) =>
  routes.find((r) => r.method === method && r.path === path);

it.each([
  ["post", "/v1/ops/runs", "body", { kind: "settle" }, "2026-11-02", "2026-11-01"],
  ["get", "/v1/ops/partitions", "query", {}, "2026-11-02", "2026-11-01"],
  [
    ...(["post", "/v1/ops/rereads", "body", { provider: "garmin" }] as const),
    ...(["2026-11-01T09:00:00+02:00", "2026-11-01T06:59:59Z"] as const),
  ],
] as const)("%s %s takes a range of one moment, and none back to front", (...given) => {
  const [method, path, part, more, from, to] = given;
  const shape = routeOf(method, path)[part];
  expect(shape.safeParse({ ...more, from, to: from }).success).toBe(true);
  const { error } = shape.safeParse({ ...more, from, to });
  expect(error.issues).toMatchObject([{ code: "custom", path: ["to"] }]);
});

it("a bucket that the stream does not have is named", () => {
  const body = { kind: "rebuild", stream: "workouts", day: "2026-11-14", bucket: 99 };
  const { error } = routeOf("post", "/v1/ops/runs").body.safeParse(body);
  expect(error.issues).toMatchObject([{ path: ["bucket"] }]);
});

it("a cursor that no page gave out is named before anything is asked for", async () => {
  const fail = (name: string, extra: object) => Response.json([name, extra]);
  const body = { provider: "garmin", from: "2026-11-01", to: "2026-11-01", cursor: "x" };
  const answer = await routeOf("post", "/v1/ops/rereads").handle({ body, fail });
  const fields = [{ field: "body.cursor", rule: "custom" }];
  expect(await answer.json()).toEqual(["invalid-request", { fields }]);
});

/** In the real runtime: a ranking that is too large to be held is streamed, to the very same bytes. */
import { resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "../../local/runtime.ts";

let runtime: Miniflare;

beforeAll(async () => {
  const contents = await bundle(resolve(import.meta.dirname, "../fakes/closed-worker.ts"));
  runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "closed",
      modules: [{ type: "ESModule", path: "closed.mjs", contents }],
      compatibilityDate: "2026-10-01",
      compatibilityFlags: ["nodejs_compat"],
      r2Buckets: ["ARCHIVE", "BOARDS"],
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      telemetry: { enabled: false },
    }),
  );
  await runtime.ready;
});
afterAll(() => runtime?.dispose());

const written = async (count: number, heldMax: number) => {
  const body = JSON.stringify({ count, heldMax });
  const response = await runtime.dispatchFetch("http://closed/", { method: "POST", body });
  expect(response.status).toBe(200);
  return (await response.json()) as {
    made: { object: string; count: number; sha256: string };
    place: { items: { member: string; rank: number }[]; total: number };
    member: string;
  };
};

test("a ranking that is streamed is the one that is written whole", async () => {
  const count = 30_000;
  const streamed = await written(count, 0);
  expect(streamed.made.count).toBe(count);
  expect(streamed.place.total).toBe(count);
  expect(streamed.place.items.map(({ member }) => member)).toContain(streamed.member);
  const bucket = await runtime.getR2Bucket("BOARDS");
  const size = (await bucket.head(streamed.made.object))?.size;
  await bucket.delete(streamed.made.object);
  const whole = await written(count, Number.POSITIVE_INFINITY);
  expect(whole).toEqual(streamed);
  expect((await bucket.head(whole.made.object))?.size).toBe(size);
  // It is there already, and its name tells its content.
  expect(await written(count, 0)).toEqual(streamed);
});

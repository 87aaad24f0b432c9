/** A body that never comes to its end is its sender's fault and no fault of ours. */
import { afterEach, expect, it, vi } from "vitest";
import { readBody } from "../../workers/edge/read-body.ts";

afterEach(() => vi.useRealTimers());

/** Says something, and then whatever `pull` does. */
const body = (pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void) =>
  new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(new Uint8Array([0x7b])),
      pull,
    },
    { highWaterMark: 0 },
  );
const asked = (stream: ReadableStream<Uint8Array>): Request =>
  new Request("http://localhost/v1/sync", {
    method: "POST",
    body: stream,
    duplex: "half",
  } as never);

it("that breaks off did not arrive", async () => {
  const broken = body((controller) => controller.error(new Error("the connection is gone")));
  expect(await readBody(asked(broken), 1_000)).toEqual({ ok: false, error: "timeout" });
});

it("that stalls did not arrive in time, also where waiting for it fails when it is given up", async () => {
  vi.useFakeTimers();
  for (const isFailing of [false, true]) {
    const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const request = asked(stalled);
    if (isFailing)
      vi.spyOn(ReadableStreamDefaultReader.prototype, "read").mockImplementationOnce(
        () => new Promise((_, fail) => setTimeout(() => fail(new Error("cancelled")), 10_001)),
      );
    const read = readBody(request, 1_000);
    await vi.advanceTimersByTimeAsync(10_002);
    expect(await read).toEqual({ ok: false, error: "timeout" });
  }
});

/**
 * What is watched as events: all there is to say at once, again whenever it changed and at no other
 * time, and no longer than the listener may. Time is the test's own.
 */
import { describe, expect, it } from "vitest";

const { liveEvents, lookMsMin, lookMsMax, heartbeatMs, askAgainMs, streamMsMax } = await import(
  /* @vite-ignore */ new URL("../../workers/edge/live-events.ts", import.meta.url).href
);

/** `changes`: when what is watched becomes otherwise; `takenMs`: from when on they may no longer. */
function world(changes: readonly number[], takenMs = Number.POSITIVE_INFINITY) {
  const time = { nowMs: 0 };
  const looks: number[] = [];
  const clock = {
    now: () => time.nowMs,
    sleep: async (ms: number) => {
      time.nowMs += ms;
      return true;
    },
  };
  const valueNow = () => changes.filter((atMs) => atMs <= time.nowMs).length;
  const watching = {
    async look(mark: string | null) {
      looks.push(time.nowMs);
      const now = String(valueNow());
      return mark === now ? null : { mark: now, shown: { value: Number(now) } };
    },
    mayStill: async () => time.nowMs < takenMs,
  };
  return { time, looks, events: liveEvents(watching, clock) };
}

async function all(events: AsyncGenerator<string>, time: { nowMs: number }) {
  const said: { readonly atMs: number; readonly text: string }[] = [];
  for await (const text of events) said.push({ atMs: time.nowMs, text });
  return said;
}
const values = (said: readonly { text: string }[]) =>
  said.flatMap(({ text }) => [...text.matchAll(/"value":(\d+)/g)].map(([, n]) => Number(n)));

describe("what is watched", () => {
  it("is said at once, and whenever it changed within seconds, and never twice", async () => {
    const changes = [5_000, 60_000, 60_100, 300_000];
    const { events, time } = world(changes);
    const said = await all(events, time);
    expect(said[0]?.text).toMatch(/^retry: \d+\n\nevent: live\ndata: \{"value":0\}\n\n$/);
    expect(values(said)).toEqual([0, 1, 3, 4]);
    for (const { atMs, text } of said.slice(1).filter((each) => each.text.includes("value"))) {
      const n = values([{ text }])[0] ?? 0;
      expect(atMs - (changes[n - 1] ?? 0)).toBeLessThanOrEqual(lookMsMax);
    }
  });

  it("is looked at seldom while nothing happens, with a word to say that somebody is there", async () => {
    const { events, time, looks } = world([]);
    const said = await all(events, time);
    expect(looks[1]).toBe(lookMsMin);
    expect(looks.length).toBeLessThan(streamMsMax / lookMsMax + 10);
    const gaps = said.slice(1).map(({ atMs }, i) => atMs - (said[i]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(heartbeatMs + lookMsMax);
  });

  it("ends by itself", async () => {
    const { events, time } = world([]);
    await all(events, time);
    expect(time.nowMs).toBeGreaterThanOrEqual(streamMsMax);
    expect(time.nowMs).toBeLessThanOrEqual(streamMsMax + lookMsMax);
  });

  it("is said no longer than a minute to whom it was taken from", async () => {
    const takenMs = 100_000;
    const changes = Array.from({ length: 200 }, (_, i) => i * 1_000);
    const { events, time } = world(changes, takenMs);
    const said = await all(events, time);
    expect(said.at(-1)?.atMs).toBeLessThanOrEqual(takenMs + askAgainMs);
  });
});

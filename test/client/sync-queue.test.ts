import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../client/memory-store.ts";
import { type Batch, batchOf, contentKey, type SyncSample } from "../../client/sync-body.ts";
import { type Reply, SyncQueue, type Told, triesMax } from "../../client/sync-queue.ts";

const sample = (n: number): SyncSample => ({
  type: "steps",
  value: n,
  unit: "count",
  startDate: `2026-11-14T10:${String(n % 60).padStart(2, "0")}:00Z`,
  endDate: `2026-11-14T10:${String(n % 60).padStart(2, "0")}:30Z`,
  sourceDevice: { id: "phone", kind: "phone" },
});
const samples = (n: number) => Array.from({ length: n }, (_, i) => sample(i));
const answer = (synced: number) =>
  JSON.stringify({ synced, duplicates: 0, corrected: 0, deleted: 0, errors: 0, errorDetails: [] });
const fine = (batch: Batch): Reply => ({
  status: 200,
  text: answer(batch.samples),
  retryAfterMs: null,
});
const failing = (status: number, retryAfterMs: number | null = null): Reply => ({
  status,
  text: "{}",
  retryAfterMs,
});

/** A server that answers what the script says, then 200 for ever. */
function world(script: (Reply | "no network")[] = []) {
  const sent: Batch[] = [];
  const slept: number[] = [];
  const told: Told[] = [];
  const store = memoryStore();
  const queue = new SyncQueue(
    {
      store,
      send: async (batch) => {
        sent.push(batch);
        const next = script.shift() ?? fine(batch);
        if (next === "no network") throw new Error("no network");
        return next;
      },
      sleep: async (ms) => {
        slept.push(ms);
      },
      random: () => 0.5,
    },
    (one) => told.push(one),
  );
  return { queue, store, sent, slept, told };
}

describe("the queue of samples", () => {
  it("sends batches in order, each once, and says what became of each", async () => {
    const { queue, sent, told } = world();
    await queue.offer(samples(10), 4);
    expect(await queue.flush()).toBe("sent");
    expect(sent.map((batch) => batch.samples)).toEqual([4, 4, 2]);
    expect(told.map(({ answer: a }) => a?.synced)).toEqual([4, 4, 2]);
    expect(await queue.flush()).toBe("sent");
    expect(sent).toHaveLength(3);
  });

  it("keys a batch by its content: the same twice is one", async () => {
    const { queue, sent } = world();
    await queue.offer(samples(3));
    await queue.offer(samples(3));
    await queue.flush();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.key).toBe(await contentKey(sent[0]?.body ?? ""));
    expect((await batchOf({ samples: samples(3) })).key).toBe(sent[0]?.key);
    expect((await batchOf({ samples: samples(2) })).key).not.toBe(sent[0]?.key);
  });

  it("says the very same again while nobody answers, ever later, and then keeps it", async () => {
    const down = Array.from({ length: triesMax }, () => "no network" as const);
    const { queue, sent, slept, told } = world(down);
    await queue.offer(samples(5));
    expect(await queue.flush()).toBe("offline");
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(sent).toHaveLength(triesMax);
    expect(slept).toEqual([...slept].sort((a, b) => a - b));
    expect(told).toEqual([]);
    expect(await queue.flush()).toBe("sent");
    expect(told).toHaveLength(1);
  });

  it("waits as long as it is told to", async () => {
    const { queue, slept } = world([failing(429, 30_000), failing(503)]);
    await queue.offer(samples(1));
    await queue.flush();
    expect(slept[0]).toBe(30_000);
    expect(slept[1]).toBeLessThan(30_000);
  });

  it("stops where the token is refused, and keeps everything", async () => {
    const { queue, told, store } = world([failing(401)]);
    await queue.offer(samples(2), 1);
    expect(await queue.flush()).toBe("signed-out");
    expect(told).toEqual([]);
    expect(await store.next()).not.toBeNull();
    expect(await queue.flush()).toBe("sent");
    expect(told).toHaveLength(2);
  });

  it("lets go of a batch that is refused for good, says so, and goes on", async () => {
    const { queue, told } = world([failing(422)]);
    await queue.offer(samples(2), 1);
    expect(await queue.flush()).toBe("sent");
    expect(told.map(({ status, answer: a }) => [status, a?.synced])).toEqual([
      [422, undefined],
      [200, 1],
    ]);
  });

  it.each(["<html>Welcome to our network</html>", "{}", "null", ""])(
    "keeps what a 200 gives no account of: %j",
    async (text) => {
      const stranger = { status: 200, text, retryAfterMs: null };
      const { queue, told, store } = world(Array.from({ length: triesMax }, () => stranger));
      await queue.offer(samples(2));
      expect(await queue.flush()).toBe("offline");
      expect(told).toEqual([]);
      expect(await store.next()).not.toBeNull();
      expect(await queue.flush()).toBe("sent");
      expect(told.map(({ answer: a }) => a?.synced)).toEqual([2]);
    },
  );

  it("carries workouts as it carries samples, in the order in which they were offered", async () => {
    const { queue, sent } = world();
    const uuid = "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001";
    const times = { startDate: "2026-11-14T10:00:00Z", endDate: "2026-11-14T11:00:00Z" };
    const workouts = [{ uuid, workoutActivityType: "Running", ...times }];
    await queue.offer(samples(1));
    await queue.add({ workouts });
    await queue.offer(samples(2));
    await queue.flush();
    expect(sent.map(({ body }) => Object.keys(JSON.parse(body)))).toEqual([
      ["samples"],
      ["workouts"],
      ["samples"],
    ]);
    expect(JSON.parse(sent[1]?.body ?? "")).toEqual({ workouts });
  });

  it("lets go of a batch only when what became of it was noted", async () => {
    const store = memoryStore();
    const ports = { store, send: async (batch: Batch) => fine(batch), sleep: async () => {} };
    const queue = new SyncQueue({ ...ports, random: () => 0 }, async () => {
      await Promise.resolve();
      expect(await store.next()).not.toBeNull();
      throw new Error("the disk is full");
    });
    await queue.offer(samples(1));
    await expect(queue.flush()).rejects.toThrow("the disk is full");
    expect(await store.next()).not.toBeNull();
  });

  it("does not say again what was thrown away while it waited", async () => {
    const store = memoryStore();
    const sent: Batch[] = [];
    const [gone, stays] = await Promise.all([1, 2].map((n) => batchOf({ samples: samples(n) })));
    const ports = {
      store,
      async send(batch: Batch) {
        sent.push(batch);
        return sent.length === 1 ? failing(503) : fine(batch);
      },
      sleep: () => store.remove(gone?.key ?? ""),
      random: () => 0,
    };
    const queue = new SyncQueue(ports, () => {});
    await queue.offer(samples(1));
    await queue.offer(samples(2));
    expect(await queue.flush()).toBe("sent");
    expect(sent.map(({ key }) => key)).toEqual([gone?.key, stays?.key]);
  });

  it("has one flush under way, however many ask", async () => {
    const { queue, sent } = world();
    await queue.offer(samples(6), 1);
    await Promise.all([queue.flush(), queue.flush(), queue.flush()]);
    expect(sent).toHaveLength(6);
  });

  it("loses nothing and tells each batch once, whatever the network does", async () => {
    const replies = fc.constantFrom<Reply | "no network">(
      "no network",
      failing(500),
      failing(429, 10),
      failing(401),
      failing(408),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(replies, { maxLength: 60 }), async (script) => {
        const { queue, told } = world([...script]);
        await queue.offer(samples(7), 2);
        for (let i = 0; i <= script.length; i++) if ((await queue.flush()) === "sent") break;
        expect(await queue.flush()).toBe("sent");
        expect(told.map(({ batch }) => batch.samples)).toEqual([2, 2, 2, 1]);
      }),
      { numRuns: 200 },
    );
  });
});

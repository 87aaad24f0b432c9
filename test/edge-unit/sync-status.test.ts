/**
 * The events of how connections are doing: whatever happens while somebody listens, hangs up and
 * comes back, they end up knowing each connection as it is. Time is the test's own.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectionStatus } from "../../domain/ports.ts";
import { type SqliteD1, sqliteD1 } from "../fakes/sqlite-d1.ts";
import { ada, ben, blank, warehouse } from "./link-world.ts";

const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const events = await load("status-events.ts");
const [route] = (await load("routes/sync-status.ts")).syncStatusRoutes;

const startMs = Date.UTC(2026, 10, 21);
interface Heard {
  readonly id: string | null;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the documented schema says.
  readonly data: any;
}
/** As a browser reads them: blank lines end an event, a colon begins a comment. */
function parse(text: string): { heard: Heard[]; comments: number; retry: number | null } {
  const heard: Heard[] = [];
  let [comments, retry] = [0, null as number | null];
  for (const block of text.split("\n\n")) {
    const fields = new Map<string, string>();
    for (const line of block.split("\n").filter((l) => l !== "")) {
      if (line.startsWith(":")) comments++;
      const [name = "", ...rest] = line.split(": ");
      fields.set(name, rest.join(": "));
    }
    if (fields.has("retry")) retry = Number(fields.get("retry"));
    const data = fields.get("data");
    if (data !== undefined)
      heard.push({
        id: fields.get("id") ?? null,
        event: fields.get("event") ?? "message",
        data: JSON.parse(data),
      });
  }
  return { heard, comments, retry };
}

type Step = (atMs: number) => Promise<unknown>;

function world() {
  const db: SqliteD1 = sqliteD1(warehouse);
  const time = { nowMs: startMs };
  const slept: number[] = [];
  let reads = 0;
  const ports = {
    sql: (run: (database: SqliteD1) => unknown) => {
      reads++;
      return run(db);
    },
    connection: () => {
      throw new Error("a connection was woken");
    },
  };
  const run = (sql: string, ...values: unknown[]) =>
    db
      .prepare(sql)
      .bind(...(values as string[]))
      .run();
  const link = (id: string, atMs = time.nowMs, member = ada) =>
    run(
      "INSERT INTO connection (id, member, provider, account, made_at) VALUES (?, ?, 'garmin', ?, ?)",
      ...[id, member, id, atMs],
    );
  const show = (id: string, said: Partial<ConnectionStatus>, atMs = time.nowMs, member = ada) =>
    run(
      `INSERT INTO connection_status VALUES (?, ?, 'garmin', ?, NULL, ?, ?)
       ON CONFLICT (connection) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at`,
      ...[id, member, said.state ?? "connected", JSON.stringify({ ...blank, ...said }), atMs],
    );
  const end = (id: string, atMs = time.nowMs) =>
    run("UPDATE connection SET ended_at = ? WHERE id = ?", atMs, id);

  /** Listens for so long; `each` happens whenever the stream sleeps. */
  async function listen(
    { lastId = null as number | null, forMs = Number.POSITIVE_INFINITY, member = ada } = {},
    each: Step = async () => {},
  ) {
    const untilMs = time.nowMs + forMs;
    let text = "";
    const clock = {
      now: () => time.nowMs,
      sleep: async (ms: number) => {
        slept.push(ms);
        time.nowMs += ms;
        await each(time.nowMs);
        return time.nowMs < untilMs;
      },
    };
    for await (const part of events.statusEvents(ports, clock, member, lastId)) text += part;
    return { ...parse(text), text };
  }
  return { db, time, slept, listen, link, show, end, ports, run, reads: () => reads };
}

describe("a stream", () => {
  it("begins with every connection as it is, one that has said nothing too", async () => {
    const { listen, link, show } = world();
    await link("c_a", startMs - 9_000);
    await link("c_b", startMs - 8_000);
    await link("c_other", startMs - 7_000, ben);
    await show("c_a", { state: "needs-reconnecting", why: "grant-ended" }, startMs - 1_000);
    await show("c_other", {}, startMs, ben);
    const { heard, retry } = await listen({ forMs: 1 });
    expect(retry).toBe(events.retryMs);
    expect(heard.map(({ event, data, id }) => [event, data.id, data.status, data.why, id])).toEqual(
      [
        ["connection", "c_b", "syncing", null, String(startMs - 8_000)],
        ["connection", "c_a", "needs-reconnecting", "grant-ended", String(startMs - 1_000)],
      ],
    );
  });

  it("says each change once, a new connection and one that ended too", async () => {
    const { listen, link, show, end, time } = world();
    await link("c_a");
    const steps: Step[] = [
      async () => {},
      () => show("c_a", { state: "behind" }),
      async () => {},
      () => link("c_b"),
      () => show("c_a", { state: "connected" }),
      () => end("c_a"),
    ];
    const { heard } = await listen({ forMs: 120_000 }, async () => steps.shift()?.(time.nowMs));
    expect(heard.map(({ event, data }) => [event, data.id, data.status])).toEqual([
      ["connection", "c_a", "syncing"],
      ["connection", "c_a", "behind"],
      ["connection", "c_b", "syncing"],
      ["connection", "c_a", "connected"],
      ["ended", "c_a", undefined],
    ]);
  });

  it("says that one ended whose row is gone altogether, as with its member", async () => {
    const { db, listen, link } = world();
    await link("c_a");
    const steps: Step[] = [async () => {}, () => db.prepare("DELETE FROM connection").run()];
    const { heard } = await listen({ forMs: 60_000 }, async () => steps.shift()?.(0));
    expect(heard.map(({ event, data }) => [event, data.id])).toEqual([
      ["connection", "c_a"],
      ["ended", "c_a"],
    ]);
  });

  it("misses nothing by a clock that is far behind, and repeats no id that went before", async () => {
    const { listen, link, show } = world();
    await link("c_a");
    let n = 0;
    const { heard } = await listen({ forMs: 30_000 }, async (atMs) => {
      if (n++ === 2) await show("c_a", { state: "behind", why: "ours" }, atMs - 3_600_000);
    });
    expect(heard.map(({ data }) => data.status)).toEqual(["syncing", "behind"]);
    const ids = heard.map(({ id }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it("looks less and less often while nothing changes, and soon again when something does", async () => {
    const { listen, link, show, slept } = world();
    await link("c_a");
    let changed = false;
    await listen({ forMs: 100_000 }, async (atMs) => {
      if (changed || atMs < startMs + 60_000) return;
      changed = true;
      slept.push(-1);
      await show("c_a", { state: "behind" });
    });
    const before = slept.slice(0, slept.indexOf(-1));
    expect(before[0]).toBe(events.lookMsMin);
    expect(Math.max(...before)).toBe(events.lookMsMax);
    expect(slept[slept.indexOf(-1) + 1]).toBe(events.lookMsMin);
  });

  it("stays alive by comments, and ends by itself after a bounded number of looks", async () => {
    const { listen, link, time, reads } = world();
    await link("c_a");
    const spoke: number[] = [];
    const { heard, comments } = await listen({}, async (atMs) => void spoke.push(atMs));
    expect(time.nowMs - startMs).toBe(events.streamMsMax);
    expect(heard).toHaveLength(1);
    expect(comments).toBeGreaterThanOrEqual(events.streamMsMax / events.heartbeatMs - 1);
    expect(reads()).toBeLessThan(100);
    const gaps = spoke.map((atMs, i) => atMs - (spoke[i - 1] ?? startMs));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(events.heartbeatMs);
  });

  it("that is busy all the time asks the warehouse a bounded number of times", async () => {
    const { listen, link, show, reads } = world();
    await link("c_a");
    let n = 0;
    await listen({}, () => show("c_a", { pending: n++, lastCheckedMs: startMs + n }));
    expect(reads()).toBeLessThanOrEqual(events.streamMsMax / events.lookMsMin + 1);
  });
});

describe("a stream that goes on", () => {
  it("says what changed since, and what ended, and nothing older than the overlap", async () => {
    const { listen, link, show, end, time } = world();
    for (const id of ["c_still", "c_changed", "c_ended"]) await link(id, startMs - 60_000);
    const first = await listen({ forMs: 1 });
    const lastId = Number(first.heard.at(-1)?.id);
    time.nowMs += 60_000;
    await show("c_changed", { state: "behind", why: "provider-down" });
    await end("c_ended");
    const { heard } = await listen({ lastId, forMs: 1 });
    const later = heard.filter(({ data }) => data.id !== "c_still");
    expect(later.map(({ event, data }) => [event, data.id])).toEqual([
      ["connection", "c_changed"],
      ["ended", "c_ended"],
    ]);
    time.nowMs += 60_000;
    const third = await listen({ lastId: Number(heard.at(-1)?.id) + events.overlapMs, forMs: 1 });
    expect(third.heard).toEqual([]);
  });

  it("is not fooled by an id from the future", async () => {
    const { listen, link, show } = world();
    await link("c_a", startMs - 60_000);
    let n = 0;
    const { heard } = await listen({ lastId: 999_999_999_999_999, forMs: 30_000 }, async () => {
      if (n++ === 1) await show("c_a", { state: "behind", why: "ours" });
    });
    expect(heard.map(({ data }) => data.status)).toEqual(["behind"]);
    expect(Number(heard[0]?.id)).toBeLessThan(startMs + 60_000);
  });

  it("however often it breaks off, ends up knowing what is", async () => {
    const ids = ["c_1", "c_2", "c_3"];
    const change = fc.record({
      id: fc.constantFrom(...ids),
      what: fc.constantFrom("link", "show", "show", "show", "end"),
      percent: fc.integer({ min: 0, max: 100 }),
      skewMs: fc.integer({ min: -2_000, max: 2_000 }),
    });
    const session = fc.record({
      forMs: fc.integer({ min: 1, max: 20_000 }),
      awayMs: fc.integer({ min: 0, max: 30_000 }),
      during: fc.array(change, { maxLength: 6 }),
      away: fc.array(change, { maxLength: 4 }),
    });
    type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
    await fc.assert(
      fc.asyncProperty(fc.array(session, { minLength: 1, maxLength: 5 }), async (sessions) => {
        const of = world();
        const made = new Set<string>();
        const dead = new Set<string>();
        const apply = async ({ id, what, percent, skewMs }: Change) => {
          const atMs = of.time.nowMs + skewMs;
          if (what === "link" && !made.has(id)) {
            made.add(id);
            await of.link(id, atMs);
          } else if (what === "show" && made.has(id) && !dead.has(id)) {
            const done = { percent, fromMs: 0, doneToMs: percent, hasGaps: false };
            const backfill = { state: "running" as const, ...done };
            await of.show(id, { state: "backfilling", backfill }, atMs);
          } else if (what === "end" && made.has(id) && !dead.has(id)) {
            dead.add(id);
            await of.end(id, atMs);
          }
        };
        const known = new Map<string, number | null>();
        let lastId: number | null = null;
        const hear = (heard: Heard[]) => {
          for (const { event, data, id } of heard) {
            if (event === "ended") known.delete(data.id);
            else known.set(data.id, data.backfill?.percent ?? null);
            lastId = Number(id);
          }
        };
        for (const { forMs, awayMs, during, away } of sessions) {
          const left = [...during];
          const next = async () => {
            const one = left.shift();
            if (one !== undefined) await apply(one);
          };
          hear((await of.listen({ lastId, forMs }, next)).heard);
          for (const one of away) await apply(one);
          of.time.nowMs += awayMs;
        }
        hear((await of.listen({ lastId, forMs: 1 })).heard);
        const { results } = await of.db
          .prepare(
            `SELECT c.id, s.body FROM connection c LEFT JOIN connection_status s
             ON s.connection = c.id WHERE c.ended_at IS NULL`,
          )
          .all<{ id: string; body: string | null }>();
        const is = results.map(({ id, body }) => [
          id,
          body === null ? null : JSON.parse(body).backfill.percent,
        ]);
        expect(new Map([...known].sort())).toEqual(new Map(is.sort() as [string, number | null][]));
        of.db.raw.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("GET /v1/sync-status", () => {
  const ask = (of: ReturnType<typeof world>, headers: Record<string, string>, method = "GET") => {
    const request = new Request("https://edge.example/v1/sync-status", { method, headers });
    return route.handle({ ports: of.ports, request, member: ada, requestId: "r" });
  };

  it.each(["", "x", "-1", "1e3", " ", "1.5", "9".repeat(16), "NaN", "1,2"])(
    "refuses a last id that is none: %j",
    (id) => {
      expect(route.headers.safeParse({ "last-event-id": id }).success).toBe(false);
      expect(route.headers.safeParse({}).success).toBe(true);
    },
  );

  it("streams until whoever listens is gone", async () => {
    const of = world();
    await of.link("c_a");
    const answer: Response = await ask(of, {});
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    expect(parse(new TextDecoder().decode(value)).heard).toHaveLength(1);
    const waiting = reader.read();
    await reader.cancel();
    expect(await waiting).toMatchObject({ done: true });
  });

  it("promises nothing while the warehouse cannot be reached", async () => {
    const of = world();
    const down = { ...of, ports: { ...of.ports, sql: () => Promise.reject(new Error("down")) } };
    await expect(ask(down as unknown as typeof of, {})).rejects.toThrow("down");
  });

  it("to HEAD asks nothing", async () => {
    const of = world();
    const answer: Response = await ask(of, {}, "HEAD");
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect([answer.body, of.reads()]).toEqual([null, 0]);
  });
});

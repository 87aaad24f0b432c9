import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { Change, LiveRow, ScoreRow } from "../../domain/ports.ts";
import {
  type Consumers,
  type DueLive,
  Publisher,
  publishers,
  resendAfterMs,
  resendDelayMs,
} from "../../kernel/publish.ts";
import { workout } from "../domain/workouts/facts.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { retracts } from "./statements.ts";

/** Cloudflare Queues: what is billed as one operation. */
const messageBytesMax = 64_000;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const change = (seq: number, app: string | null = null): Change => ({
  ledger: "workouts/mem_1",
  seq,
  stream: "workouts",
  day: "2026-11-14",
  bucket: 3,
  statement: { ...workout({ id: `f${seq}` }), app },
});

/** Consumers that keep what they got; those named in `failing` reject. */
class Receivers implements Consumers {
  readonly failing = new Set<string>();
  readonly boards: number[] = [];
  readonly retracted: string[] = [];
  readonly messages: (readonly Change[])[] = [];
  readonly told: string[] = [];

  async board({ version }: ScoreRow) {
    this.#refuse("boards");
    this.boards.push(version);
  }
  async retract(...[, retractions]: Parameters<Consumers["retract"]>) {
    this.#refuse("vault");
    this.retracted.push(...retractions.map((r) => r.id));
  }
  async live(watch: string, rows: readonly LiveRow[]) {
    this.#refuse("live");
    this.told.push(...rows.map(({ id, version }) => `${watch} ${id} ${version}`));
  }
  async archive(changes: readonly Change[]) {
    this.#refuse("archive");
    this.messages.push(changes);
  }
  #refuse(name: string) {
    if (this.failing.has(name)) throw new TypeError(`${name}: no answer for SECRET`);
  }
}

const sold = (id: string, version: number, watches: readonly string[]): DueLive => {
  const row = { ledger: "sales/s1", id, version, at: 0, entries: [{ key: "tea", n: [1] }] };
  return { id, version, rows: watches.map((watch) => ({ watch, row })) };
};

function owing(): MemoryOutbox {
  const outbox = new MemoryOutbox();
  outbox.scores(12);
  outbox.retraction(4, retracts("a", 2));
  outbox.retraction(5, retracts("b", 2), "mem_2" as MemberId);
  outbox.live(sold("x", 7, ["store/a", "store/b"]));
  for (const seq of [6, 7, 8]) outbox.change(change(seq));
  return outbox;
}
const round = (outbox: MemoryOutbox, to: Consumers, nowMs = 0) =>
  Promise.all(publishers(outbox, to, () => nowMs).map((p) => p.publish()));

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

describe("publishing", () => {
  test("tells every consumer what it is owed, once", async () => {
    const [outbox, to] = [owing(), new Receivers()];
    expect(await round(outbox, to)).toEqual([true, true, true, true]);
    expect(await round(outbox, to)).toEqual([true, true, true, true]);
    expect(to.boards).toEqual([12]);
    expect(to.retracted).toEqual(["a", "b"]);
    expect(to.messages.flat().map((c) => c.seq)).toEqual([6, 7, 8]);
    expect(to.told).toEqual(["store/a x 7", "store/b x 7"]);
    expect([outbox.owedToVault.size, outbox.owedLive.size]).toEqual([0, 0]);
  });

  test("never takes the archive's silence for a confirmation", async () => {
    const [outbox, to] = [owing(), new Receivers()];
    await round(outbox, to, 0);
    expect(outbox.owedToArchive.size).toBe(3);
    await round(outbox, to, resendAfterMs - 1);
    expect(to.messages).toHaveLength(1);
    outbox.confirm("archive", [7]);
    await round(outbox, to, resendAfterMs);
    expect(to.messages[1]?.map((c) => c.seq)).toEqual([6, 8]);
    await round(outbox, to, 3 * resendAfterMs - 1);
    expect(to.messages).toHaveLength(2);
    await round(outbox, to, 3 * resendAfterMs);
    expect(to.messages).toHaveLength(3);
  });

  test.each([
    ["boards", [false, true, true, true], { boards: 0, retracted: 2, told: 2, changes: 3 }],
    ["vault", [true, false, true, true], { boards: 1, retracted: 0, told: 2, changes: 3 }],
    ["live", [true, true, false, true], { boards: 1, retracted: 2, told: 0, changes: 3 }],
    ["archive", [true, true, true, false], { boards: 1, retracted: 2, told: 2, changes: 0 }],
  ])("to failing %s leaves theirs owed and keeps no other waiting", async (name, fine, got) => {
    const [outbox, to] = [owing(), new Receivers()];
    to.failing.add(name);
    expect(await round(outbox, to)).toEqual(fine);
    const told = () => ({
      boards: to.boards.length,
      retracted: to.retracted.length,
      told: to.told.length,
      changes: to.messages.flat().length,
    });
    expect(told()).toEqual(got);
    to.failing.clear();
    expect(await round(outbox, to)).toEqual([true, true, true, true]);
    expect(told()).toEqual({ boards: 1, retracted: 2, told: 2, changes: 3 });
  });

  test("scores that changed while they were being told are told again", async () => {
    const [outbox, to] = [owing(), new Receivers()];
    const slow: Consumers = {
      board: async (row) => {
        if (row.version === 12) outbox.scores(99);
        await to.board(row);
      },
      retract: to.retract.bind(to),
      live: to.live.bind(to),
      archive: to.archive.bind(to),
    };
    expect(await round(outbox, slow)).toEqual([true, true, true, true]);
    expect(to.boards).toEqual([12, 99]);
    expect(outbox.unpublishedRow()).toBeNull();
  });

  test("what changed while it was being told is told again", async () => {
    const [outbox, to] = [owing(), new Receivers()];
    const slow: Consumers = {
      board: to.board.bind(to),
      retract: to.retract.bind(to),
      live: async (watch, rows) => {
        if (rows[0]?.version === 7) outbox.live(sold("x", 8, ["store/b"]));
        await to.live(watch, rows);
      },
      archive: to.archive.bind(to),
    };
    await round(outbox, slow);
    expect(to.told).toEqual(["store/a x 7", "store/b x 7", "store/b x 8"]);
    expect(outbox.owedLive.size).toBe(0);
  });

  test("logs that a consumer failed, and nothing of what it said", async () => {
    const [outbox, to] = [owing(), new Receivers()];
    to.failing.add("vault");
    await round(outbox, to);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: "publish", outcome: "failed", consumer: "vault", error: "TypeError" },
    ]);
  });
});

describe("a message to the archive", () => {
  test("holds all that is due, up to what a queue bills as one; all get through in order", async () => {
    const apps = fc.oneof(
      fc.constant(null),
      fc.integer({ min: 0, max: 20_000 }).map((n) => "é".repeat(n)),
      fc.integer({ min: 0, max: 20_000 }).map((n) => "咕".repeat(n)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(apps, { maxLength: 250, size: "max" }), async (list) => {
        const [outbox, to] = [new MemoryOutbox(), new Receivers()];
        list.forEach((app, seq) => {
          outbox.change(change(seq, app));
        });
        expect(await round(outbox, to)).toEqual([true, true, true, true]);
        expect(to.messages.flat().map((c) => c.seq)).toEqual(list.map((_, seq) => seq));
        to.messages.forEach((message, i) => {
          if (message.length > 1) expect(bytesOf(message)).toBeLessThanOrEqual(messageBytesMax);
          const [next] = to.messages[i + 1] ?? [];
          if (next) expect(bytesOf([...message, next])).toBeGreaterThan(messageBytesMax * 0.9);
        });
      }),
      { numRuns: 10 },
    );
  });

  test("is one for all the changes of a call that fit into it", async () => {
    const [outbox, to] = [new MemoryOutbox(), new Receivers()];
    for (let seq = 0; seq < 60; seq++) outbox.change(change(seq));
    await round(outbox, to);
    expect(to.messages.map((message) => message.length)).toEqual([60]);
  });

  test("too large for any still goes, alone, and does not block the rest", async () => {
    const [outbox, to] = [new MemoryOutbox(), new Receivers()];
    [null, "x".repeat(100_000), null].forEach((app, seq) => {
      outbox.change(change(seq, app));
    });
    await round(outbox, to);
    expect(to.messages.map((b) => b.map((c) => c.seq))).toEqual([[0], [1], [2]]);
  });
});

describe("the wait before sending again", () => {
  test("doubles with each attempt, from the first to a bound", () => {
    const waits = Array.from({ length: 12 }, (_, i) => resendDelayMs(i + 1));
    const max = Math.max(...waits);
    expect(waits[0]).toBe(resendAfterMs);
    waits.forEach((wait, i) => {
      expect(wait).toBe(Math.min(max, resendAfterMs * 2 ** i));
    });
    expect(max).toBeLessThanOrEqual(15 * 60_000);
    expect(waits.at(-1)).toBe(waits.at(-2));
  });

  test("is finite and positive for any number of attempts", () => {
    fc.assert(
      fc.property(fc.nat(100_000), (attempts) => {
        const wait = resendDelayMs(attempts);
        expect(wait).toBeGreaterThanOrEqual(resendAfterMs);
        expect(wait).toBeLessThanOrEqual(resendDelayMs(1000));
      }),
    );
  });
});

describe("a publisher", () => {
  test("works one round at a time, and once more for what is asked meanwhile", async () => {
    let [running, most, rounds] = [0, 0, 0];
    const publisher = new Publisher("boards", async () => {
      most = Math.max(most, ++running);
      rounds++;
      await new Promise((done) => setTimeout(done, 1));
      running--;
    });
    const asked = await Promise.all([1, 2, 3, 4].map(() => publisher.publish()));
    expect(asked).toEqual([true, true, true, true]);
    expect([most, rounds]).toEqual([1, 2]);
    expect(await publisher.publish()).toBe(true);
    expect(rounds).toBe(3);
  });

  test("that failed works again when it is asked again", async () => {
    let broken = true;
    const publisher = new Publisher("boards", async () => {
      if (broken) throw new Error("no answer");
    });
    expect(await publisher.publish()).toBe(false);
    broken = false;
    expect(await publisher.publish()).toBe(true);
  });
});

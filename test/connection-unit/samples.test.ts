/** Samples are read page by page, each of them once, however often it is asked for and whatever fails. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { batchSamplesMax } from "../../domain/samples/sample.ts";
import type { Habit, Provider } from "../../providers/provider.ts";
import {
  ConnectionWorld,
  dayMs,
  linkOf,
  minuteMs,
  startMs,
  windowOf,
  zones,
} from "./connection-world.ts";
import { counting, replyOf, rideNo, sender, stepsNo } from "./site.ts";
import {
  counter,
  stepsFrom as from,
  linked,
  listOf,
  stepsNotice as steps,
  withSteps,
} from "./steps.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const hourMs = 60 * minuteMs;
const habit: Habit = { silentMs: dayMs, pollMs: null, rereadMs: 3 * dayMs };

/** What is kept of samples, wherever it is. */
const kept = ({ samples }: ConnectionWorld) => ({
  held: [...samples.held].sort(),
  facts: [...samples.recorded].map(([id, revisions]) => [id, Math.max(...revisions)]).sort(),
});

describe("a page of samples", () => {
  test("goes to the vault with the member's zones, and its facts to the ledger", async () => {
    const world = await linked(withSteps(5));
    await world.core.notice([steps()]);
    await world.ring();
    expect(world.site.asked).toEqual(["/list/steps", "/list/steps#2", "/list/steps#4"]);
    expect(world.samples.given.map(({ records }) => records.length)).toEqual([2, 2, 1]);
    const [first] = world.samples.given;
    expect([first?.member, first?.connection, first?.zones]).toEqual(["mem_1", "con_1", zones]);
    expect(world.samples.outcomes).toEqual(["new", "new", "new", "new", "new"]);
    expect([...world.samples.recorded.values()]).toEqual([[2, 4, 5]]);
    expect(world.memory.toLedger).toEqual([]);
    const { state, lastReceivedMs } = await world.core.status();
    expect([state, lastReceivedMs]).toEqual(["connected", world.nowMs]);
  });

  test("is recorded once however often it is asked for", async () => {
    const world = await linked(withSteps(5));
    await world.core.notice([steps()]);
    await world.rest();
    const once = kept(world);
    for (let i = 0; i < 3; i++) {
      await world.core.notice([steps()]);
      await world.rest();
    }
    expect(kept(world)).toEqual(once);
    expect(world.samples.duplicates).toBe(15);
  });

  test("looks the zones up once a run, and not at all where there is nothing", async () => {
    const world = await linked(withSteps(9));
    await world.core.notice([windowOf(0, 1000, { collection: "steps" })]);
    await world.rest();
    expect(world.calls).not.toContain("zones");
    await world.core.notice([steps()]);
    await world.ring();
    expect(world.calls.filter((name) => name === "zones")).toHaveLength(1);
    expect(world.samples.given.length).toBeGreaterThan(1);
  });

  test("leaves no mark and no trace but that it was turned, and misses nothing", async () => {
    const world = await linked(withSteps(4));
    await world.core.notice([steps()]);
    await world.rest();
    world.site.steps.set("steps", []);
    await world.core.notice([steps()]);
    await world.rest();
    for (const table of ["had", "seen", "passed", "pending"])
      expect(world.disk.raw.prepare(`SELECT * FROM ${table}`).all(), table).toEqual([]);
    expect(world.samples.outcomes).toEqual(["new", "new", "new", "new"]);
    expect(world.site.asked.filter((path) => path.startsWith("/one"))).toEqual([]);
  });

  test("is not held up by an item that is bad: that is parked, once", async () => {
    const world = withSteps(3);
    const all = world.site.steps.get("steps") ?? [];
    world.site.steps.set("steps", [stepsNo(90, startMs - hourMs, { steps: null }), ...all]);
    await linked(world);
    for (let i = 0; i < 2; i++) {
      await world.core.notice([steps()]);
      await world.rest();
    }
    expect(world.samples.held.size).toBe(3);
    const [parked, ...more] = world.memory.parked.values();
    expect([parked?.reason, more]).toEqual(["no-steps", []]);
    expect(parked?.body).toContain("steps-90");
    expect(world.rows()).toEqual([]);
  });

  test("of which a value is impossible has it parked, and the rest is taken", async () => {
    const world = withSteps(3);
    const all = world.site.steps.get("steps") ?? [];
    world.site.steps.set("steps", [stepsNo(91, startMs - hourMs, { steps: -5 }), ...all]);
    await linked(world);
    await world.core.notice([steps()]);
    await world.rest();
    expect(world.samples.held.size).toBe(3);
    expect([...world.memory.parked.values()]).toHaveLength(1);
  });

  test("with more than one call takes goes in several", async () => {
    const n = batchSamplesMax + 1;
    const world = new ConnectionWorld(counter());
    world.site.pageSize = n;
    const all = Array.from({ length: n }, (_, i) => stepsNo(i, startMs - dayMs + i * 1000));
    world.site.steps.set("steps", all);
    await linked(world);
    await world.core.notice([steps()]);
    await world.ring();
    expect(world.samples.given.map(({ records }) => records.length)).toEqual([batchSamplesMax, 1]);
  });

  test("that is of another account is not taken", async () => {
    const provider = counter();
    const pull = { ...(provider.pull as NonNullable<Provider["pull"]>), accountIn: () => "other" };
    const world = await linked(withSteps(3, { ...provider, pull }));
    await world.core.notice([steps()]);
    await world.rest();
    expect([world.samples.held.size, world.rows()]).toEqual([0, []]);
  });

  test("of what was forgotten brings only what came after it", async () => {
    const world = withSteps(10);
    await world.core.open(linkOf({ forgottenToMs: startMs - 4 * minuteMs }));
    await world.core.notice([steps()]);
    await world.rest();
    expect(world.samples.held.size).toBe(3);
  });

  test("of a window in which nothing is ends it, and one of a page that is gone does not", async () => {
    const world = await linked(withSteps(4));
    world.site.wrong = (request) =>
      "query" in request && request.query.cursor === undefined ? replyOf(404) : undefined;
    await world.core.notice([steps()]);
    await world.ring();
    expect([world.samples.held.size, world.rows()]).toEqual([0, []]);
    world.site.wrong = (request) =>
      "query" in request && request.query.cursor !== undefined ? replyOf(404) : undefined;
    await world.core.notice([steps()]);
    await world.ring();
    expect(world.rows()).toHaveLength(1);
    world.site.wrong = () => undefined;
    await world.rest();
    expect([world.samples.held.size, world.rows()]).toEqual([4, []]);
  });
});

describe("a crash", () => {
  const hows = ["before", "after", "death"] as const;
  async function story(world: ConnectionWorld): Promise<ConnectionWorld> {
    const bad = stepsNo(90, startMs - hourMs, { steps: null });
    world.site.steps.set("steps", [bad, ...(world.site.steps.get("steps") ?? [])]);
    for (let i = 1; i <= 4; i++) world.site.put(rideNo(i, startMs - i * dayMs));
    await world.core.open(linkOf());
    await world.until(startMs + 30 * minuteMs);
    await world.tell([steps(), windowOf(from, startMs)]);
    await world.rest();
    await world.rest();
    return world;
  }
  test.each(hows)("at any step of it comes to the same end: %s", async (how) => {
    const provider = counter({ backfill: { days: 10, stepDays: 5 } });
    const whole = await story(withSteps(5, provider));
    const end = kept(whole);
    expect(end.held).toHaveLength(5);
    for (const step of ["request", "zones", "park", "merge", "recordSamples"])
      expect(whole.calls).toContain(step);
    for (let nth = 1; nth <= whole.calls.length; nth++) {
      const world = withSteps(5, provider);
      world.fault = { nth, how };
      await story(world);
      const call = `call ${nth}: ${whole.calls[nth - 1]}`;
      expect(kept(world), call).toEqual(end);
      expect(world.memory.parked.size, call).toBe(1);
      expect([world.rows(), world.handed().length], call).toEqual([[], 4]);
    }
  });

  test("between the vault and the ledger has the page asked for again, and its facts announced", async () => {
    const twin = await linked(withSteps(2));
    await twin.core.notice([steps()]);
    await twin.ring();
    const world = await linked(withSteps(2));
    await world.core.notice([steps()]);
    world.fault = { nth: twin.calls.indexOf("recordSamples") + 1, how: "before" };
    await world.ring();
    expect([world.samples.held.size, world.samples.recorded.size]).toEqual([2, 0]);
    world.fault = null;
    await world.rest();
    expect(world.samples.outcomes).toEqual(["new", "new", "duplicate", "duplicate"]);
    expect([...world.samples.recorded.values()]).toEqual([[2]]);
  });
});

describe("notices of samples", () => {
  test("that name a record, or neither when nor which, have what came lately read", async () => {
    const words = [
      { record: "steps-1", fromMs: 0, toMs: 0 },
      { gone: "steps-1", fromMs: 0, toMs: 0 },
      { lately: true as const, fromMs: 0, toMs: 0 },
    ];
    for (const word of words) {
      const world = await linked(withSteps(2, counter({ habit })));
      await world.core.notice([steps(word)]);
      const [row, ...more] = world.rows();
      expect([row?.record, row?.gone, row?.from_ms, more]).toEqual([
        null,
        null,
        world.nowMs - habit.rereadMs,
        [],
      ]);
      await world.rest();
      expect([world.samples.held.size, world.rows()]).toEqual([2, []]);
    }
  });

  test("whose collection the provider does not list are counted and dropped", async () => {
    const world = await linked(withSteps(2));
    const log = vi.mocked(console.log);
    log.mockClear();
    await world.core.notice([steps({ collection: "naps" })]);
    expect(world.rows()).toEqual([]);
    expect(log.mock.calls.flat().join()).toContain('"dropped":1');
    await world.rest();
    expect(world.site.asked).toEqual([]);
  });

  test("of a provider that nothing can be asked of are counted and dropped", async () => {
    const { pull: _, ...pushing } = counter();
    const world = await linked(withSteps(2, pushing));
    const log = vi.mocked(console.log);
    log.mockClear();
    await world.core.notice([steps()]);
    await world.rest();
    expect([world.rows(), world.site.asked]).toEqual([[], []]);
    expect(log.mock.calls.flat().join()).toContain('"dropped":1');
  });

  test("that name an address have what lies there read", async () => {
    const url = "https://site.example/steps";
    const entries = (_collection: string, { body }: { body: string }) =>
      ({ ok: true, value: JSON.parse(body) }) as never;
    const { collections: _, ...only } = counting("steps");
    const world = await linked(new ConnectionWorld(sender({ samples: { ...only, entries } })));
    world.site.addresses.set(url, [stepsNo(1, startMs - hourMs), stepsNo(2, startMs)] as never);
    await world.core.notice([steps({ callback: { url, about: {} } })]);
    await world.rest();
    expect([world.samples.held.size, world.rows(), world.site.kept.size]).toEqual([2, [], 0]);
    expect(world.memory.toLedger).toEqual([]);
  });
});

describe("an end", () => {
  test("by forgetting stops it in the middle, and nothing more is merged", async () => {
    const world = await linked(withSteps(20));
    world.site.wrong = (request) => {
      if (listOf(request) === "steps" && world.site.asked.length === 3) void world.core.forget();
      return undefined;
    };
    await world.core.notice([steps()]);
    await world.ring();
    expect(world.samples.held.size).toBe(4);
    expect([world.site.asked.length, world.rows(), world.disk.alarmMs()]).toEqual([3, [], null]);
  });

  test("by erasure at the vault takes nothing more, and lets the window go", async () => {
    const world = await linked(withSteps(4));
    world.samples.forgotten = true;
    await world.core.notice([steps()]);
    await world.rest();
    expect([world.samples.held.size, world.samples.recorded.size, world.rows()]).toEqual([
      0,
      0,
      [],
    ]);
  });

  test("by another's taking its place hands over what waits of them", async () => {
    const world = await linked(withSteps(2));
    world.gateSays = () => ({ waitMs: dayMs, why: "budget" });
    await world.core.notice([steps()]);
    await world.ring();
    const { waiting } = await world.core.handOver();
    expect(waiting).toMatchObject([{ kind: "live", collection: "steps", fromMs: from }]);
    const other = withSteps(2);
    await other.core.open(linkOf(), [{ waiting, spent: {} }]);
    await other.rest();
    expect(other.samples.held.size).toBe(2);
  });
});

/**
 * What an isolate has in hand at once, with a clock of the test's own: more is turned away before
 * anything is done for it, one kind leaves the others theirs, and no place is held for good.
 */
import { beforeEach, describe, expect, it, vi } from "vitest";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const shed = await load("shed.ts");
const { readBody } = await load("read-body.ts");
const { bodyBytesHeldMax, handsOf, inHandMax, workMsMax } = shed;

type Kind = "read" | "delivery" | "write" | "errand" | "heavy";
interface Place {
  awaitsBody(): boolean;
  hasBody(): boolean;
  keeps(bytes: number): boolean;
  leave(isDone: boolean): void;
}
const kinds: readonly Kind[] = shed.kinds;

let nowMs = 0;
const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  nowMs = 1_000_000;
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});

const fixed = { ...inHandMax, narrows: false };
const world = (most: object = fixed) => {
  const inHand = new shed.InHand(() => nowMs);
  const enter = (kind: Kind): Place | null => inHand.enter(kind, most);
  /** As many as there is room for. */
  const fill = (kind: Kind): Place[] => {
    const places: Place[] = [];
    for (let place = enter(kind); place !== null; place = enter(kind)) places.push(place);
    return places;
  };
  return { inHand, enter, fill };
};
const leave = (places: readonly Place[]) => {
  for (const place of places) place.leave(true);
};

describe("what is in hand", () => {
  it.each(kinds)("is of each kind as much as its bound, and no more: %s", (kind) => {
    const { enter, fill } = world();
    const places = fill(kind);
    expect(places).toHaveLength(inHandMax[kind]);
    places[0]?.leave(true);
    expect(enter(kind)).not.toBeNull();
    expect(enter(kind)).toBeNull();
  });

  it.each(kinds)("a flood of one kind leaves the others theirs: %s", (kind) => {
    const { enter, fill } = world();
    fill(kind);
    for (const other of kinds.filter((each) => each !== kind)) expect(enter(other)).not.toBeNull();
  });

  it("leaving twice gives one place back", () => {
    const { inHand, fill } = world();
    const [first] = fill("heavy");
    first?.leave(true);
    first?.leave(true);
    expect(inHand.count("heavy")).toBe(inHandMax.heavy - 1);
  });

  it.each(kinds)("whoever never comes back holds no place for good: %s", (kind) => {
    const { enter, fill } = world();
    const lost = fill(kind);
    nowMs += workMsMax[kind] - 1;
    expect(enter(kind)).toBeNull();
    nowMs += 1;
    const next = enter(kind);
    expect(next).not.toBeNull();
    // And one that comes back after all takes nobody's place away.
    leave(lost);
    expect(next?.keeps(1)).toBe(true);
  });
});

describe("a body on its way", () => {
  it("takes no hand from work, however slow its sender", () => {
    const { enter, fill } = world();
    for (const place of fill("delivery")) expect(place.awaitsBody()).toBe(true);
    expect(fill("delivery")).toHaveLength(inHandMax.delivery);
    expect(enter("delivery")).toBeNull();
  });

  it("is one of so many, and what comes when no hand is free is turned away", () => {
    const { inHand, enter, fill } = world();
    const slow: Place[] = [];
    while (inHand.count("arriving") < inHandMax.arriving) {
      const place = enter("delivery");
      expect(place?.awaitsBody()).toBe(true);
      if (place !== null) slow.push(place);
    }
    expect(enter("delivery")?.awaitsBody()).toBe(false);
    fill("delivery");
    expect(slow[0]?.hasBody()).toBe(false);
    expect(inHand.count("arriving")).toBe(inHandMax.arriving - 1);
  });

  it("counts while it is kept, and all of them have one bound", () => {
    const { inHand, enter } = world();
    const [first, second] = [enter("heavy"), enter("delivery")];
    expect(first?.keeps(bodyBytesHeldMax - 1)).toBe(true);
    expect(second?.keeps(2)).toBe(false);
    expect(second?.keeps(1)).toBe(true);
    first?.leave(true);
    expect(inHand.bytes).toBe(1);
    second?.leave(true);
    expect(inHand.bytes).toBe(0);
  });

  it("gives its room back when its place is over", () => {
    const { enter } = world();
    enter("delivery")?.keeps(bodyBytesHeldMax);
    nowMs += workMsMax.delivery;
    expect(enter("write")?.keeps(bodyBytesHeldMax)).toBe(true);
  });

  const posted = (bytes: number) =>
    new Request("https://edge.example", { method: "POST", body: new Uint8Array(bytes) });

  it("is read as before where nobody counts it, and turned away where there is no room", async () => {
    expect(await readBody(posted(10), 10)).toMatchObject({ ok: true });
    const { inHand, enter } = world();
    const request = posted(10);
    const place = enter("write");
    shed.keepPlace(request, place);
    expect(await readBody(request, 10)).toMatchObject({ ok: true });
    expect([inHand.count("write"), inHand.bytes]).toEqual([1, 10]);
    place?.leave(true);
    enter("heavy")?.keeps(bodyBytesHeldMax);
    const other = posted(10);
    const late = enter("write");
    shed.keepPlace(other, late);
    expect(await readBody(other, 10)).toEqual({ ok: false, error: "unavailable" });
    late?.leave(true);
    expect(inHand.bytes).toBe(bodyBytesHeldMax);
  });

  it("is waited for aside when it does not come, and comes into hand when it does", async () => {
    vi.useFakeTimers();
    const { inHand, enter } = world();
    const ends: (() => void)[] = [];
    const slow = () => {
      const body = new ReadableStream({
        start: (to) =>
          void ends.push(() => {
            to.enqueue(new Uint8Array(3));
            to.close();
          }),
      });
      const init = { method: "POST", body, duplex: "half" };
      const request = new Request("https://edge.example", init as RequestInit);
      shed.keepPlace(request, enter("write"));
      return readBody(request, 10);
    };
    const [first, second] = [slow(), slow()];
    expect([inHand.count("write"), inHand.count("arriving")]).toEqual([2, 0]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([inHand.count("write"), inHand.count("arriving")]).toEqual([0, 2]);
    for (let n = 1; n < inHandMax.write; n++) enter("write");
    ends[0]?.();
    expect(await first).toMatchObject({ ok: true });
    ends[1]?.();
    expect(await second).toEqual({ ok: false, error: "unavailable" });
    expect(inHand.count("arriving")).toBe(0);
    vi.useRealTimers();
  });
});

describe("hands, as long as work takes", () => {
  const kinds = ["read", "delivery", "write"] as const;
  /** Rounds of as much as there is room for, each of which takes so long. */
  const rounds = (of: ReturnType<typeof world>, kind: Kind, count: number, tookMs: number) => {
    let room = 0;
    for (let n = 0; n < count; n++) {
      const places = of.fill(kind);
      room = places.length;
      nowMs += tookMs;
      leave(places);
    }
    return room;
  };

  it.each(kinds)("are few to begin with, and all of them while work is quick: %s", (kind) => {
    const of = world(inHandMax);
    expect(rounds(of, kind, 1, 10)).toBe(handsOf[kind].first);
    expect(rounds(of, kind, 20, 10)).toBe(inHandMax[kind]);
  });

  it.each(kinds)("are fewer while it takes long, and never fewer than a few: %s", (kind) => {
    const of = world(inHandMax);
    rounds(of, kind, 20, 10);
    expect(rounds(of, kind, 4, handsOf[kind].slowMs * 2)).toBeLessThan(inHandMax[kind]);
    expect(rounds(of, kind, 40, handsOf[kind].slowMs * 2)).toBe(handsOf[kind].least);
  });

  it.each(kinds)("are fewer when many are stuck, though none of them is done: %s", (kind) => {
    const { enter, fill } = world(inHandMax);
    const [, ...rest] = fill(kind);
    nowMs += handsOf[kind].slowMs;
    leave(rest.slice(0, 2));
    expect(enter(kind)).toBeNull();
  });

  it.each(kinds)(
    "are as in the beginning when work is quick again, and not by waiting: %s",
    (kind) => {
      const of = world(inHandMax);
      rounds(of, kind, 40, handsOf[kind].slowMs * 2);
      nowMs += 600_000;
      const afterwards = of.fill(kind);
      expect(afterwards).toHaveLength(handsOf[kind].least);
      leave(afterwards);
      rounds(of, kind, 10, 1);
      expect(of.fill(kind).length).toBeGreaterThanOrEqual(handsOf[kind].first);
    },
  );

  it("one that takes long among many that do not says nothing", () => {
    const of = world(inHandMax);
    rounds(of, "delivery", 20, 10);
    const slow = of.enter("delivery");
    rounds(of, "delivery", 20, 100);
    slow?.leave(true);
    expect(of.fill("delivery")).toHaveLength(inHandMax.delivery);
  });

  it("refusals that are quick do not say that work is", () => {
    const of = world(inHandMax);
    rounds(of, "delivery", 40, handsOf.delivery.slowMs * 2);
    for (let n = 0; n < 100; n++) of.enter("delivery")?.leave(false);
    expect(of.fill("delivery")).toHaveLength(handsOf.delivery.least);
  });

  it("what changes gives way where looking takes long, and not the other way round", () => {
    const of = world(inHandMax);
    for (const kind of ["read", "delivery", "write"] as const) rounds(of, kind, 20, 10);
    rounds(of, "delivery", 10, 5_000);
    expect(rounds(of, "read", 1, 10)).toBe(inHandMax.read);
    rounds(of, "write", 20, 10);
    const writing = of.fill("write");
    expect(writing).toHaveLength(inHandMax.write);
    rounds(of, "read", 10, 5_000);
    leave(writing.slice(0, 10));
    expect(of.enter("write")).toBeNull();
  });

  it("are all there where the deployment says that they do not narrow", () => {
    const of = world();
    expect(rounds(of, "delivery", 40, 5_000)).toBe(inHandMax.delivery);
  });
});

describe("the bounds", () => {
  it("are what the deployment sets, one by one", () => {
    const most = shed.inHandMaxOf('{"write":3,"narrows":false}');
    expect(most).toEqual({ ...inHandMax, write: 3, narrows: false });
    expect(shed.inHandMaxOf("{}")).toEqual(inHandMax);
    expect(shed.inHandMaxOf(undefined)).toEqual(inHandMax);
  });

  it.each([
    "",
    "no json",
    "3",
    "null",
    '{"write":0}',
    '{"write":1.5}',
    '{"writes":3}',
    '{"narrows":1}',
  ])("stand where a setting is none, and that is said: %j", (text) => {
    expect(shed.inHandMaxOf(text)).toEqual(inHandMax);
    expect(lines).toMatchObject([{ event: "setting", outcome: "faulty", reason: "IN_HAND" }]);
    shed.inHandMaxOf(text);
    expect(lines).toHaveLength(1);
  });
});

describe("whoever is turned away", () => {
  it("is told a time between the least and the most, and not all the same", () => {
    const { waitSeconds, waitSecondsMin, waitSecondsMax } = shed;
    const said = Array.from({ length: 100 }, (_, n) => waitSeconds(n / 100));
    expect(Math.min(...said)).toBe(waitSecondsMin);
    expect(Math.max(...said)).toBe(waitSecondsMax);
    expect(new Set(said).size).toBe(waitSecondsMax - waitSecondsMin + 1);
    const drawn = shed.chanceNow();
    expect(drawn >= 0 && drawn < 1).toBe(true);
  });

  it("is counted, and said in one line now and then", () => {
    const refusals = new shed.Refusals();
    for (let n = 0; n < 500; n++) refusals.count("write in hand", nowMs + n);
    refusals.count("own spent", nowMs);
    refusals.count("write in hand", nowMs + 60_000);
    expect(lines.map(({ reason, items }) => [reason, items])).toEqual([
      ["write in hand", 1],
      ["own spent", 1],
      ["write in hand", 500],
    ]);
  });
});

describe("work that is not done in its time", () => {
  it("is late, and what becomes of it is nobody's concern", async () => {
    vi.useFakeTimers();
    const never = shed.inTime(new Promise(() => {}), 50);
    const failing = shed.inTime(
      new Promise((_, fail) => setTimeout(() => fail(new Error("too late")), 100)),
      50,
    );
    await vi.advanceTimersByTimeAsync(200);
    expect([await never, await failing]).toEqual(["late", "late"]);
    vi.useRealTimers();
  });

  it("is not late when it is done, and its fault is its own", async () => {
    expect(await shed.inTime(Promise.resolve("done"), 1_000)).toBe("done");
    await expect(shed.inTime(Promise.reject(new Error("a fault")), 1_000)).rejects.toThrow(
      "a fault",
    );
  });
});

/** Counting at the door: nothing is counted twice, and a burst asks the gate once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DoorCounts } from "../../domain/ports.ts";
import { gates } from "../fakes/gates.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const { makeMeter } = await import(
  /* @vite-ignore */ new URL("../../workers/edge/meter.ts", import.meta.url).href
);

type Summed = Exclude<keyof DoorCounts, "observed" | "recorded">;
const none: Record<Summed, number> = { deliveries: 0, notices: 0, items: 0, refused: 0 };

function world() {
  const { counted, said, GATE } = gates();
  const meter = makeMeter(0);
  const points: { indexes: string[]; blobs: string[]; doubles: number[] }[] = [];
  const METER = { writeDataPoint: (point: (typeof points)[number]) => points.push(point) };
  const state = { nowMs: 0, METER: METER as typeof METER | undefined };
  const going: Promise<unknown>[] = [];
  const count = (provider: string, counts: Partial<DoorCounts>, kid?: string) => {
    const later = (work: Promise<unknown>) => void going.push(work);
    const env = state.METER === undefined ? { GATE } : { GATE, METER: state.METER };
    meter.count({ env, provider, nowMs: state.nowMs, later }, counts, kid);
  };
  const settled = async () => {
    for (let done = 0; done < going.length; done = going.length) await Promise.all(going);
  };
  return { count, settled, counted, said, points, state };
}

describe("counting at the door", () => {
  it("a burst is one call for each provider, and all of it", async () => {
    const { count, settled, counted } = world();
    for (let i = 0; i < 1_000; i++) count("garmin", { deliveries: 1, items: 3 });
    count("google-health", { deliveries: 1, notices: 2 });
    count("google-health", { refused: 1 });
    await settled();
    expect(counted).toEqual([
      ["garmin", { ...none, deliveries: 1_000, items: 3_000 }],
      ["google-health", { ...none, deliveries: 1, notices: 2, refused: 1 }],
    ]);
  });

  it("is one call for each key that proved it, and for what nothing proved", async () => {
    const { count, settled, counted } = world();
    for (let i = 0; i < 10; i++) count("polar", { deliveries: 1, items: 1 }, i < 7 ? "old" : "new");
    count("polar", { refused: 1 });
    count("terra", { deliveries: 1 }, "old");
    await settled();
    expect(counted).toEqual([
      ["polar", { ...none, deliveries: 7, items: 7 }, "old"],
      ["polar", { ...none, deliveries: 3, items: 3 }, "new"],
      ["polar", { ...none, refused: 1 }],
      ["terra", { ...none, deliveries: 1 }, "old"],
    ]);
  });

  it("any order of counting and sending counts everything once", async () => {
    const some = fc.record({
      deliveries: fc.nat(5),
      notices: fc.nat(5),
      items: fc.nat(5),
      refused: fc.nat(5),
    });
    const act = fc.oneof(some, fc.constant("wait" as const));
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const { count, settled, counted } = world();
        const sum: Record<Summed, number> = { ...none };
        for (const each of acts) {
          if (each === "wait") await settled();
          else {
            count("garmin", each);
            for (const key of Object.keys(sum) as Summed[]) sum[key] += each[key];
          }
        }
        await settled();
        const seen: Record<Summed, number> = { ...none };
        for (const [, counts] of counted)
          for (const key of Object.keys(seen) as Summed[]) seen[key] += counts[key];
        expect(seen).toEqual(sum);
      }),
      { numRuns: 50 },
    );
  });

  it("go to the gate with what came of signatures that are only observed", async () => {
    const { count, settled, counted } = world();
    count("garmin", { deliveries: 1, observed: { absent: 1 } });
    count("garmin", { deliveries: 1 });
    count("garmin", { deliveries: 2, observed: { absent: 1, differs: 1 } });
    await settled();
    expect(counted).toEqual([
      ["garmin", { ...none, deliveries: 4, observed: { absent: 2, differs: 1 } }],
    ]);
  });

  it("go there with what came of what was delivered", async () => {
    const { count, settled, counted } = world();
    count("terra", { deliveries: 1, recorded: { recorded: 2, duplicates: 1, parked: 0 } });
    count("terra", { refused: 1 });
    count("terra", { deliveries: 1, recorded: { recorded: 1, duplicates: 0, parked: 4 } });
    await settled();
    const recorded = { recorded: 3, duplicates: 1, parked: 4 };
    expect(counted).toEqual([["terra", { ...none, deliveries: 2, refused: 1, recorded }]]);
  });

  it("a gate that is down costs its counts, and nobody an error", async () => {
    const { count, settled, counted, said } = world();
    said.set("garmin", null);
    count("garmin", { deliveries: 1 });
    await settled();
    said.delete("garmin");
    count("garmin", { deliveries: 5 });
    await settled();
    expect(counted).toEqual([["garmin", { ...none, deliveries: 5 }]]);
  });

  it("a request that ended before it could send does not stop the sending for good", async () => {
    const { GATE } = gates();
    const meter = makeMeter(3_600_000);
    const works: Promise<unknown>[] = [];
    const at = (nowMs: number, later: (work: Promise<unknown>) => void) =>
      meter.count({ env: { GATE }, provider: "garmin", nowMs, later }, { deliveries: 1 });
    const later = (work: Promise<unknown>) => void works.push(work);
    at(0, () => {});
    at(19_999, later);
    expect(works).toHaveLength(0);
    at(40_000, later);
    at(40_001, later);
    expect(works).toHaveLength(1);
  });

  it("each count is a point of its own, where there is Analytics Engine", async () => {
    const { count, settled, points, state } = world();
    count("garmin", { deliveries: 1, items: 4 });
    count("garmin", { refused: 1 });
    state.METER = undefined;
    count("garmin", { refused: 1 });
    await settled();
    expect(points).toEqual([
      { indexes: ["garmin"], blobs: ["door"], doubles: [1, 0, 4, 0] },
      { indexes: ["garmin"], blobs: ["door"], doubles: [0, 0, 0, 1] },
    ]);
  });
});

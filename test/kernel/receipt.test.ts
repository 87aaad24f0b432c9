/** Contents that nothing orders: told keeps its place, read is the last word, the same is no version. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import type { OpenFact } from "../../domain/ports.ts";
import { neverReturns } from "../../domain/stream.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { accept } from "../../kernel/accept.ts";
import { receiptOf, type Told } from "../../kernel/receipt.ts";
import type { Draft } from "../../providers/provider.ts";
import { hour, morning } from "../domain/workouts/facts.ts";
import { MemoryWorld } from "./memory-world.ts";

const origin = {
  member: "mem_1" as MemberId,
  connection: "con_1" as ConnectionId,
  provider: "suunto",
  account: "hash-of-an-account",
};
const saying = (distanceM: number): Draft => ({
  sourceId: "key",
  revision: null,
  fields: {
    at: morning,
    type: "running",
    elapsedMs: hour,
    movingMs: null,
    distanceMm: distanceM * 1000,
    energyMcal: null,
    elevationGainMm: null,
    offsetMin: 60,
    method: "device",
    deviceModel: null,
    app: null,
  },
  copyOf: null,
  raw: { column: "raw", text: String(distanceM) },
});

describe("a receipt", () => {
  const held = (revision: number, isLive: boolean) =>
    ({ revision, fact: isLive ? {} : null }) as unknown as Parameters<typeof receiptOf>[1];

  it.each([
    ["the first content of all", "told", null, 0, null, 1],
    ["content that came before", "told", 2, 5, held(5, true), 2],
    ["new content over older", "told", null, 3, held(3, true), 4],
    ["new content over what is held at more", "told", null, 3, held(7, true), 8],
    ["new content, and a retraction stands above", "told", null, 3, held(7, false), 4],
    ["the first content of all", "read", null, 0, null, 1],
    ["what is held", "read", 3, 3, held(3, true), 3],
    ["what came before what is held", "read", 2, 3, held(2, true), 4],
    ["the newest, and more is held", "read", 3, 3, held(5, true), 6],
    ["the newest, above a retraction", "read", 3, 3, held(2, false), 3],
    ["the newest, as it was retracted", "read", 3, 3, held(3, false), 4],
    ["content of what is gone for good", "read", 3, 5, held(neverReturns, false), 3],
    ["new content of what is gone for good", "read", null, 5, held(neverReturns, false), 6],
  ] as const)("of %s, %s", (_, how: Told, known, greatest, of, receipt) => {
    expect(receiptOf({ known, greatest }, of, how)).toBe(receipt);
  });
});

class Source {
  readonly world = new MemoryWorld();
  async #say(draft: Draft, isRead: boolean) {
    const [outcome] = await accept(
      this.world.ports,
      workouts,
      { ...origin, isRead },
      [draft],
      [],
      () => "",
    );
    return outcome;
  }
  told = (metres: number) => this.#say(saying(metres), false);
  read = (metres: number) => this.#say(saying(metres), true);
  retract = (revision: number) => this.#say({ sourceId: "key", revision, retracted: true }, false);
  get held() {
    const ids = this.world.toLedger.map((text) => (JSON.parse(text) as { id: FactId }[])[0]?.id);
    return this.world.store.held(ids[0] ?? "");
  }
  get metres(): number | null {
    const fact = this.held?.fact as (OpenFact & { distanceMm: number }) | null | undefined;
    return fact ? fact.distanceMm / 1000 : null;
  }
}

describe("what is read", () => {
  it("is the last word, and no version where it is what is held", async () => {
    const source = new Source();
    expect(await source.read(1)).toBe("new");
    expect(await source.read(2)).toBe("corrected");
    expect(await source.read(1)).toBe("corrected");
    for (let i = 0; i < 5; i++) expect(await source.read(1)).toBe("duplicate");
    expect([source.metres, source.held?.revision]).toEqual([1, 3]);
  });

  it("settles with what is told of the same record, whatever came first", async () => {
    const source = new Source();
    await source.read(10);
    expect(await source.told(11)).toBe("corrected");
    expect(await source.read(10)).toBe("corrected");
    for (const say of [source.read, source.read, source.told])
      expect(await say(10)).toBe("duplicate");
    expect(await source.told(11)).toBe("older");
    expect(await source.told(12)).toBe("corrected");
    expect(source.metres).toBe(12);
  });

  it("is there again after it was not found; told late, it stays gone", async () => {
    const source = new Source();
    await source.told(1);
    await source.retract(1_790_000_000_000);
    expect(await source.told(1)).toBe("gone");
    expect(await source.told(2)).toBe("gone");
    expect(await source.read(1)).toBe("new");
    expect(await source.read(1)).toBe("duplicate");
    expect(source.held?.revision).toBe(1_790_000_000_001);
    expect(await source.told(3)).toBe("corrected");
    expect(source.metres).toBe(3);
  });

  it("brings nothing back that was erased for good", async () => {
    for (const final of [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1]) {
      const source = new Source();
      await source.told(1);
      await source.retract(final);
      for (const say of [source.read, source.told])
        for (const metres of [1, 2, 1]) expect(await say(metres)).toBe("gone");
      expect([source.metres, source.held?.revision]).toEqual([null, final]);
    }
  });
});

type Said = readonly ["told" | "read", number] | readonly ["gone", number];

it("in any sequence, what was read last stands until something new is told", async () => {
  const said = fc.oneof(
    fc.tuple(fc.constantFrom("told" as const, "read" as const), fc.integer({ min: 1, max: 4 })),
    fc.tuple(fc.constant("gone" as const), fc.integer({ min: 0, max: 3 })),
  ) as fc.Arbitrary<Said>;
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 14 }), async (sequence) => {
      const source = new Source();
      const heard = new Set<number>();
      for (const [how, n] of sequence) {
        const before = { metres: source.metres, revision: source.held?.revision ?? 0 };
        if (how === "gone") await source.retract(before.revision + n);
        else await source[how](n);
        const after = { metres: source.metres, revision: source.held?.revision ?? 0 };
        if (how === "read") expect(after.metres).toBe(n);
        if (how !== "gone" && before.metres === n) expect(after).toEqual(before);
        if (how === "told" && heard.has(n)) expect(after).toEqual(before);
        if (how === "told" && !heard.has(n) && before.metres !== null) expect(after.metres).toBe(n);
        if (how !== "gone") heard.add(n);
        expect(after.revision).toBeGreaterThanOrEqual(before.revision);
      }
    }),
    { numRuns: 300 },
  );
});

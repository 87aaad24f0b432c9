/** Hints that come to nothing are read ever so often, whatever comes, and what is owed once an hour. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cameToNothing,
  type Doubt,
  doubtedFrom,
  doubtTogether,
  held,
  hintsDueMs,
  isDoubted,
  noDoubt,
  owedDueMs,
  owedSoonMs,
  owing,
  paid,
  vainMax,
  vainMs,
} from "../../domain/doubt.ts";

const startMs = 1_000_000_000;
const vainAt = (...times: readonly number[]): Doubt => times.reduce(cameToNothing, noDoubt);
const full = vainAt(...Array.from({ length: vainMax }, (_, i) => startMs + i));

describe("hints", () => {
  test("that bring something are never held up", () => {
    expect([hintsDueMs(noDoubt), isDoubted(noDoubt, startMs), owedDueMs(noDoubt)]).toEqual([
      0,
      false,
      null,
    ]);
  });

  test("are in doubt while a few came to nothing within the hour, and are read all the same", () => {
    const few = Array.from({ length: doubtedFrom }, (_, i) => startMs + i);
    const doubt = vainAt(...few);
    expect(isDoubted(vainAt(...few.slice(1)), startMs + doubtedFrom)).toBe(false);
    const ends = startMs + vainMs;
    expect([isDoubted(doubt, ends - 1), isDoubted(doubt, ends)]).toEqual([true, false]);
    expect([hintsDueMs(doubt), owedDueMs(doubt)]).toEqual([0, null]);
  });

  test("wait after the last that may come to nothing, until the oldest is an hour old", () => {
    expect(hintsDueMs(full)).toBe(startMs + vainMs);
    const more = cameToNothing(full, startMs + vainMs);
    expect(hintsDueMs(more)).toBe(startMs + vainMs + 1);
  });

  test("for which there is no budget wait for it, no longer than they are in doubt", () => {
    const once = vainAt(startMs);
    expect(hintsDueMs(held(once, startMs + 5))).toBe(startMs + 5);
    expect(hintsDueMs(held(once, startMs + 5 * vainMs))).toBe(startMs + vainMs);
    expect([once.owes, held(once, startMs + 5).owes]).toEqual([null, "newest"]);
    expect(held(owing(once, "lately"), startMs + 5).owes).toBe("lately");
  });

  test("come to nothing no more often than so, in any hour, however they come", () => {
    const gap = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: vainMs }));
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 200 }), (gaps) => {
        let [doubt, nowMs] = [noDoubt, startMs];
        const read: number[] = [];
        for (const ms of gaps) {
          nowMs += ms;
          if (hintsDueMs(doubt) > nowMs) continue;
          doubt = cameToNothing(doubt, nowMs);
          read.push(nowMs);
        }
        for (const at of read)
          expect(read.filter((ms) => ms >= at && ms < at + vainMs).length).toBeLessThanOrEqual(
            vainMax,
          );
        expect(doubt).toEqual(JSON.parse(JSON.stringify(doubt)));
      }),
    );
  });
});

describe("what is owed", () => {
  test("is read again within a minute where next to nothing was in vain", () => {
    const once = paid(owing(vainAt(startMs), "newest"), startMs + 5);
    expect(owedDueMs(owing(once, "lately"))).toBe(startMs + 5 + owedSoonMs);
    const few = Array.from({ length: doubtedFrom }, (_, i) => startMs + i);
    const doubted = paid(owing(vainAt(...few), "newest"), startMs + 5);
    expect(owedDueMs(owing(doubted, "lately"))).toBe(startMs + 5 + vainMs);
  });

  test("is read at once the first time, and then once an hour", () => {
    expect(owedDueMs(full)).toBeLessThanOrEqual(startMs);
    const after = paid(full, startMs + 20);
    expect(owedDueMs(after)).toBeNull();
    expect(owedDueMs(owing(after, "newest"))).toBe(startMs + 20 + vainMs);
  });

  test("is not owed by a few that came to nothing over a long time", () => {
    const slow = vainAt(...Array.from({ length: 3 * vainMax }, (_, i) => startMs + i * vainMs));
    expect([slow.owes, hintsDueMs(slow) <= startMs + 3 * vainMax * vainMs]).toEqual([null, true]);
    expect(slow.vain.length).toBe(vainMax);
  });

  test("goes as far back as any of it demands", () => {
    expect(owing(owing(noDoubt, "lately"), "newest").owes).toBe("lately");
    expect(owing(owing(noDoubt, "newest"), "lately").owes).toBe("lately");
  });
});

describe("of two connections", () => {
  const time = fc.integer({ min: 0, max: 5 * vainMs });
  const any: fc.Arbitrary<Doubt> = fc.record({
    vain: fc.array(time, { maxLength: vainMax }).map((times) => times.sort((a, b) => a - b)),
    heldMs: time,
    readMs: fc.option(time),
    owes: fc.constantFrom("newest", "lately", null),
  });

  test("all doubt stays, and all that is owed, and twice is as once", () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        const both = doubtTogether(one, other);
        for (const { vain, heldMs, readMs, owes } of [one, other]) {
          expect(both.vain.at(-1) ?? -1).toBeGreaterThanOrEqual(vain.at(-1) ?? -1);
          expect(both.heldMs).toBeGreaterThanOrEqual(heldMs);
          expect(both.readMs ?? -1).toBeGreaterThanOrEqual(readMs ?? -1);
          if (owes !== null) expect(["lately", owes]).toContain(both.owes);
          expect(hintsDueMs(both)).toBeGreaterThanOrEqual(hintsDueMs({ ...noDoubt, vain }));
        }
        expect(both.vain.length).toBeLessThanOrEqual(vainMax);
        expect(doubtTogether(both, other)).toEqual(both);
        expect(doubtTogether(noDoubt, one)).toEqual(one);
      }),
    );
  });
});

/**
 * FIT that is not as its maker closed it: what can be read is taken, noted, and never said in the
 * recording's own name.
 */
import { describe, expect, it } from "vitest";
import { readFit } from "../../../providers/files/fit.ts";
import { fileId, fitOf, record, ride, samples, session } from "../../fakes/activity-files.ts";
import { fitFile, joined, withBadCrc } from "../../fakes/fit-file.ts";

const records = samples(ride).map((sample) => record(sample));
const only = (file: ReturnType<typeof readFit>) => {
  expect(file.refused).toBeNull();
  expect(file.sessions).toHaveLength(1);
  return file.sessions[0] as (typeof file.sessions)[number];
};
/** What a broken file does not say: which recording it is, and what made it. */
const nobodys = { identity: null, method: "unknown", deviceModel: null };

describe("a file that is broken", () => {
  it("never speaks in its recording's own name, however it is broken", () => {
    const whole = fitOf();
    const flipped = whole.slice();
    flipped[whole.length >> 1] = (flipped[whole.length >> 1] ?? 0) ^ 1;
    const unfinished = whole.slice();
    unfinished.set([0, 0, 0, 0], 4);
    const halved = whole.slice(0, whole.length >> 1);
    for (const bytes of [withBadCrc(whole), flipped, unfinished, whole.slice(0, -5), halved])
      expect(only(readFit(bytes))).toMatchObject(nobodys);
  });

  it("still names the program that wrote it, so that it is not believed over the whole one", () => {
    const zwift = fitFile([fileId({ maker: 260 }), ...records, session(ride)]);
    expect(only(readFit(withBadCrc(zwift)))).toMatchObject({ ...nobodys, app: "Zwift" });
  });

  it("in a chain takes nothing from the whole ones before it", () => {
    const { sessions } = readFit(joined(fitOf(), withBadCrc(fitOf())));
    expect(sessions.map((s) => s.identity === null)).toEqual([false, true]);
    expect(sessions.map((s) => s.method)).toEqual(["device", "unknown"]);
    expect(new Set(sessions.map((s) => s.index)).size).toBe(2);
  });

  it("by its checksum alone is taken and noted", () => {
    const file = readFit(withBadCrc(fitOf()));
    expect(only(file)).toEqual({ ...only(readFit(fitOf())), ...nobodys });
    expect(file.notes).toEqual(["bad-checksum"]);
  });

  it("off after its session is taken and noted", () => {
    const file = readFit(fitOf().slice(0, -5));
    expect(only(file).distanceMm).toBe(9_000_000);
    expect(file.notes).toEqual(["truncated"]);
  });

  it("off before its session is made of what there is", () => {
    const whole = fitFile([fileId(), ...records]);
    const file = readFit(whole.slice(0, Math.floor(whole.length / 2)));
    expect(file.notes).toEqual(["derived-session", "truncated"]);
    expect(only(file)).toMatchObject({ startMs: ride.startMs, movingMs: null });
  });

  it("by a length that was never written is read to its end", () => {
    const unfinished = fitOf();
    unfinished.set([0, 0, 0, 0], 4);
    const file = readFit(unfinished);
    expect(only(file).distanceMm).toBe(9_000_000);
    expect(file.notes.length).toBeGreaterThan(0);
  });

  it("behind its end leaves what follows out", () => {
    const file = readFit(joined(fitOf(), Uint8Array.from([1, 2, 3])));
    expect(only(file).distanceMm).toBe(9_000_000);
    expect(file.notes).toEqual(["trailing-bytes"]);
    expect(only(file).identity).not.toBeNull();
    const cut = readFit(joined(fitOf(), fitFile([fileId()]).slice(0, 16)));
    expect(cut.notes).toEqual(["trailing-bytes"]);
  });

  it("so that nothing is left is refused by what it is", () => {
    const idOnly = fitFile([fileId()]);
    expect(readFit(idOnly).refused).toBe("no-session");
    expect(readFit(withBadCrc(idOnly)).refused).toBe("bad-checksum");
    expect(readFit(idOnly.slice(0, 20)).refused).toBe("truncated");
    const undefinedMessage = fitFile([]).slice();
    expect(readFit(joined(undefinedMessage.slice(0, 14), Uint8Array.from([3]))).refused).toBe(
      "damaged",
    );
  });
});

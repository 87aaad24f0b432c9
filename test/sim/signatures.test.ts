import { describe, expect, it } from "vitest";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Figures, tried } from "./signatures/trial.ts";
import { simulated } from "./signatures.ts";

const sum = (by: Record<string, Figures>, key: keyof Figures) =>
  Object.values(by).reduce((all, figures) => all + figures[key], 0);

describe("deliveries by the thousand, signed by others' code", () => {
  it("are told apart without one wrong verdict", async () => {
    const { by, mutations, wrong } = await simulated({ deliveries: 4_000, seed: 2026 });
    expect(wrong).toEqual([]);
    expect([sum(by, "genuineAccepted"), sum(by, "genuineRefused")]).toEqual([4_000, 0]);
    expect([sum(by, "mutatedAccepted"), sum(by, "mutatedRefused")]).toEqual([0, 4_000]);
    // A member's key or token is the route's to check.
    const signing = Object.values<Provider>(providers).filter(
      ({ signature: { kind } }) => kind !== "member-token" && kind !== "member-key",
    );
    for (const { name } of signing) expect(by[name]?.genuineAccepted).toBeGreaterThan(100);
    expect(Object.keys(mutations).length).toBeGreaterThan(60);
  });

  it("are the same again for the same seed, one by one too", async () => {
    const [first, again] = [await tried(7, 0, 300), await tried(7, 0, 300)];
    expect(again).toEqual(first);
    const parts = [await tried(7, 0, 100), await tried(7, 100, 300)];
    const counted = (part: typeof first) =>
      Object.values(part.mutations).reduce((all, n) => all + n, 0);
    expect(parts.map(counted)).toEqual([100, 200]);
    for (const [name, n] of Object.entries(first.mutations))
      expect(parts.reduce((all, part) => all + (part.mutations[name] ?? 0), 0)).toBe(n);
    expect((await tried(8, 0, 300)).mutations).not.toEqual(first.mutations);
  });
});

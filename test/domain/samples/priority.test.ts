import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankOf } from "../../../domain/samples/priority.ts";
import { deviceKinds } from "../../../domain/samples/sample.ts";

const devices = [
  { id: "dev_phone", kind: "phone" },
  { id: "dev_watch", kind: "watch" },
  { id: "dev_band", kind: "watch" },
  { id: "dev_strap", kind: "chest-strap" },
] as const;
const inOrder = (rank: (id: string) => number) =>
  devices.map((d) => d.id).sort((a, b) => rank(a) - rank(b));
const byKind = ["dev_strap", "dev_band", "dev_watch", "dev_phone"];

describe("devices", () => {
  test("stand by kind, and then by id", () => {
    expect(inOrder(rankOf(devices, [], "2026-11-14"))).toEqual(byKind);
  });

  test("stand by the member's order from its day on, the rest behind it by kind", () => {
    const orders = [
      { from: "2026-11-14", devices: ["dev_phone", "dev_watch"] },
      { from: null, devices: ["dev_watch"] },
      { from: "2026-12-01", devices: ["dev_phone"] },
      { from: "2026-12-01", devices: [] },
    ];
    const on = (date: string) => inOrder(rankOf(devices, orders, date));
    expect(on("2026-11-13")).toEqual(["dev_watch", "dev_strap", "dev_band", "dev_phone"]);
    expect(on("2026-11-14")).toEqual(["dev_phone", "dev_watch", "dev_strap", "dev_band"]);
    expect(on("2026-11-30")).toEqual(["dev_phone", "dev_watch", "dev_strap", "dev_band"]);
    expect(on("2026-12-01")).toEqual(byKind);
  });

  test("that an order names stand even when nobody knows them; others come last", () => {
    const rank = rankOf(devices, [{ from: null, devices: ["dev_lost"] }], "2026-11-14");
    expect(rank("dev_lost")).toBe(0);
    expect(rank("dev_stranger")).toBeGreaterThan(rank("dev_phone"));
  });

  test("have one place each, in whatever order they are listed", () => {
    const drawn = fc.uniqueArray(
      fc.record({ id: fc.string(), kind: fc.constantFrom(...deviceKinds) }),
      { selector: (d) => d.id },
    );
    const both = drawn.chain((of) =>
      fc.tuple(fc.constant(of), fc.shuffledSubarray(of, { minLength: of.length })),
    );
    fc.assert(
      fc.property(both, fc.array(fc.string()), ([some, other], order) => {
        const orders = [{ from: null, devices: order }];
        const rank = rankOf(some, orders, "2026-11-14");
        const again = rankOf(other, orders, "2026-11-14");
        expect(new Set(some.map((d) => rank(d.id))).size).toBe(some.length);
        for (const { id } of some) expect(again(id)).toBe(rank(id));
      }),
    );
  });
});

/** What is written down of an item that could not be read: all of it, or that it cannot be kept. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parkedBody } from "../../kernel/parked.ts";

it("is the item as it came, under its kind and account", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.json(), (kind, account, text) => {
      const item: unknown = JSON.parse(text);
      expect(JSON.parse(parkedBody(kind, account, item))).toEqual(
        JSON.parse(JSON.stringify({ kind, account, item })),
      );
    }),
  );
});

it("of one that is nested too deep is bounded, and says so", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const deep = JSON.parse(`${open.repeat(50_000)}1${close.repeat(50_000)}`);
    const written = parkedBody("workout", "account", { id: "1", deep });
    expect(JSON.parse(written)).toMatchObject({
      kind: "workout",
      account: "account",
      item: { unkept: "nested too deep" },
    });
    expect(written.length).toBeLessThan(200);
  }
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { corosJson, exactDigitsMax } from "../../../providers/coros/json.ts";

/** The runtime's own word for how a number was written (ECMA-262, "JSON.parse source text access"). */
type Source = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseBySource = JSON.parse as (text: string, reviver: Source) => unknown;
const isLong = (source: string) =>
  /^-?\d+$/.test(source) && source.replace("-", "").length > exactDigitsMax;
const reference = (text: string): unknown =>
  parseBySource(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && isLong(source) ? source : value,
  );

const digits = fc.stringMatching(/^-?[1-9][0-9]{0,24}$/);
const others = fc.constantFrom(
  "0",
  "-0",
  "1.5",
  "418173315956375999.5",
  "418173315956375999e3",
  "4181733159563759E-2",
  "true",
  "null",
);
const anyText = fc
  .array(
    fc.constantFrom('"', "\\", "418173315956375999", "{", ":", ",", "é", "\n", "\u2028", "/"),
    {
      maxLength: 12,
    },
  )
  .map((parts) => JSON.stringify(parts.join("")));
const blank = fc.constantFrom("", " ", "\n\t ");
const { written } = fc.letrec<{ written: string; list: string; object: string }>((tie) => ({
  written: fc.oneof({ maxDepth: 3 }, digits, others, anyText, tie("list"), tie("object")),
  list: fc
    .tuple(fc.array(tie("written"), { maxLength: 4 }), blank)
    .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
  object: fc
    .tuple(fc.array(fc.tuple(anyText, tie("written")), { maxLength: 4 }), blank)
    .map(([entries, gap]) =>
      ["{", entries.map(([k, v]) => `${gap}${k}${gap}:${gap}${v}`).join(","), "}"].join(gap),
    ),
}));

describe("long integers", () => {
  it("two that a double takes for one stay two", () => {
    const text = '[{"labelId":418173315956375999},{"labelId":418173315956376001}]';
    const [a, b] = JSON.parse(text) as { labelId: number }[];
    expect(a).toEqual(b);
    expect(corosJson(text)).toEqual([
      { labelId: "418173315956375999" },
      { labelId: "418173315956376001" },
    ]);
  });

  it.each([
    ["999999999999999", 999_999_999_999_999],
    ["1000000000000000", "1000000000000000"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["418173315956375999.0", 418_173_315_956_376_000],
    ["4181733159563759e2", 418_173_315_956_375_900],
    [
      '{"a":"418173315956375999","\\"418173315956375999":1}',
      { a: "418173315956375999", '"418173315956375999': 1 },
    ],
    ['"\\\\",', undefined],
    ['["\\\\",418173315956375999]', ["\\", "418173315956375999"]],
  ])("%s", (text, value) => {
    expect(corosJson(text)).toEqual(value);
  });

  it("of a text that is no JSON make it none", () => {
    for (const text of [
      "",
      "{418173315956375999:1}",
      "418173315956375999 1",
      "0418173315956375999",
      '"418173315956375999',
      "[418173315956375999-1]",
      "--418173315956375999",
    ])
      expect(corosJson(text), text).toBeUndefined();
  });

  it("are the text of their digits, and nothing else is another than JSON has it", () => {
    fc.assert(
      fc.property(written, (text) => {
        expect(corosJson(text)).toEqual(reference(text));
      }),
    );
  });

  it("whatever is no JSON to JSON is none here, and nothing throws", () => {
    const parts = fc.constantFrom('"', "\\", "{", "}", "[", "]", ":", ",", "-", "1", "e", ".");
    const long = fc.constant("418173315956375999");
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, long), { maxLength: 20 }), (list) => {
        const text = list.join("");
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        return (corosJson(text) !== undefined) === isJson;
      }),
      { numRuns: 500 },
    );
  });

  it("are read among half a million quotes, and by the thousands", () => {
    const text = JSON.stringify('\\"'.repeat(250_000));
    expect(corosJson(text)).toBe(JSON.parse(text));
    expect(corosJson(text.slice(0, -1))).toBeUndefined();
    const many = `[${Array.from({ length: 50_000 }, (_, i) => 418_173_315_956_000_000n + BigInt(i)).join(",")}]`;
    const read = corosJson(many) as string[];
    expect([new Set(read).size, read[49_999]]).toEqual([50_000, "418173315956049999"]);
  });
});

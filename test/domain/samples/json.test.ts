import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonDepthMax, jsonDuplicatesMax, readJson } from "../../../domain/samples/json.ts";

const read = (text: string) => {
  const result = readJson(text);
  return result.ok ? result.value : result.error;
};
const valueIn = (text: string) => {
  const result = readJson(text);
  return result.ok ? result.value.value : result.error;
};
const duplicatesIn = (text: string) => {
  const result = readJson(text);
  return result.ok ? result.value.duplicates : result.error;
};
/** What the language's own reader makes of it; undefined when it refuses it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
/** By what they hold alone: a field may bear any name, those that matchers look at included. */
function expectSame(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toBe(expected);
}
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const jsonText = fc.json({ maxDepth: 6, stringUnit: "binary" });

describe("JSON that is valid", () => {
  test("is read as the language itself reads it", () => {
    fc.assert(
      fc.property(jsonText, fc.constantFrom(undefined, 1, "\t"), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expectSame(read(spaced), { value: JSON.parse(spaced), duplicates: [] });
      }),
    );
  });

  test("keeps its names in the same order", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(JSON.stringify(valueIn(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test.each([
    ...["0", "-0", "-1.5e+3", "1E400", "-1e-400", "0.1", "123456789012345678901234567890"],
    ...['"\\u00e9\\n\\"\\\\\\/"', '"\\ud800"', '"\u2028"', '"😀"', " \t\r\n1 \n", "[ ]", "{ }"],
    ...['{"":{"":[null,true,false]}}', '{"10":1,"9":2,"a":3}'],
  ])("such as %j is taken", (text) => {
    expectSame(valueIn(text), JSON.parse(text));
  });
});

describe("text that is no JSON", () => {
  test.each([
    ...["", " ", "tru", "nul", "True", "undefined", "NAN", "nan", "-NaN", "+1", "01", "-", "-01"],
    ...[
      "1.",
      ".5",
      "1e",
      "1e+",
      "0x10",
      "1_000",
      "--1",
      "- 1",
      "1 2",
      "[1,]",
      "[,1]",
      "[1 2]",
      "[",
      "]",
    ],
    ...[
      '{"a":1,}',
      '{"a"}',
      '{"a" 1}',
      "{a:1}",
      "{'a':1}",
      "{1:1}",
      '{"a":1',
      "{",
      "}",
      "[}",
      "{]",
    ],
    ...['"', '"a', '"\\', '"\\x"', '"\\u12"', '"\n"', '"\u0000"', "\ufeff1", "\u00a01", "//\n1"],
    ...["Infinityx", "NaN1", "[NaN Infinity]", "infinity", "+Infinity", '{"a":1}}', "null null"],
  ])("such as %j is refused", (text) => {
    expect(read(text)).toBe("not-json");
    expect(parsed(text)).toBeUndefined();
  });

  test("is refused wherever the language refuses it, and taken as it takes it", () => {
    const piece = fc.constantFrom(
      ...[
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "-",
        ".",
        "e",
        "0",
        "1",
        " ",
        "\n",
        "\u0000",
        "t",
      ],
    );
    const spoilt = fc
      .tuple(jsonText, fc.nat(), fc.nat({ max: 2 }), fc.array(piece, { maxLength: 2 }))
      .map(([text, at, gone, pieces]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + pieces.join("") + text.slice(from + gone);
      });
    fc.assert(
      fc.property(spoilt, (text) => {
        const expected = parsed(text);
        expectSame(valueIn(text), expected === undefined ? "not-json" : expected);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("the words for no number", () => {
  test.each(["NaN", "Infinity", "-Infinity"])("%s spoils one value and not the text", (word) => {
    expect(valueIn(`{"a":[1,${word}, 2],"b":${word}}`)).toEqual({
      a: [1, Number.NaN, 2],
      b: Number.NaN,
    });
    expect(valueIn(`"${word}"`)).toBe(word);
  });
});

describe("a name that stands twice in an object", () => {
  test("is told with the way to it, and its last value stands", () => {
    const text = '{"a":1,"s":[{},{"v":1,"w":{"x":1,"y":2,"x":3},"v":4}],"a":2}';
    expect(read(text)).toEqual({
      value: { a: 2, s: [{}, { v: 4, w: { x: 3, y: 2 } }] },
      duplicates: [["s", 1, "w", "x"], ["s", 1, "v"], ["a"]],
    });
  });

  test("is the same name however it is escaped", () => {
    expect(duplicatesIn('{"\\u0061":1,"a":2}')).toEqual([["a"]]);
  });

  test("is told once of each object", () => {
    expect(duplicatesIn('[{"a":1,"a":2,"a":3,"b":1,"b":2}]')).toEqual([[0, "a"]]);
  });

  test("is found for every name but where none repeats", () => {
    const entries = fc.array(fc.tuple(fc.string({ maxLength: 2 }), fc.integer()), { maxLength: 8 });
    fc.assert(
      fc.property(entries, (all) => {
        const text = `{${all.map(([name, n]) => `${JSON.stringify(name)}:${n}`).join(",")}}`;
        const names = all.map(([name]) => name);
        const again = names.find((name, i) => names.indexOf(name) !== i);
        const duplicates = again === undefined ? [] : [[again]];
        expectSame(read(text), { value: JSON.parse(text), duplicates });
      }),
    );
  });

  test("in more objects than anybody writes refuses the text", () => {
    const twice = (n: number) => `[${Array(n).fill('{"a":1,"a":2}').join(",")}]`;
    expect(duplicatesIn(twice(jsonDuplicatesMax))).toHaveLength(jsonDuplicatesMax);
    expect(read(twice(jsonDuplicatesMax + 1))).toBe("too-many-duplicates");
  });
});

describe("JSON as only malice writes it", () => {
  test("goes as deep as its bound and no deeper", () => {
    expect(valueIn(nested(jsonDepthMax))).toEqual(JSON.parse(nested(jsonDepthMax)));
    expect(read(nested(jsonDepthMax + 1))).toBe("too-deep");
    expect(read("[".repeat(1_000_000))).toBe("too-deep");
    expect(read('{"a":'.repeat(1_000_000))).toBe("too-deep");
  });

  test("names fields after what every object has, and changes none", () => {
    const text = '{"__proto__":{"bad":1},"constructor":{"prototype":{"bad":1}},"toString":1}';
    const value = valueIn(text) as Record<string, unknown>;
    expectSame(value, JSON.parse(text));
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { bad?: number }).bad).toBeUndefined();
    expect(duplicatesIn('{"__proto__":1,"__proto__":2}')).toEqual([["__proto__"]]);
    expect(duplicatesIn('{"toString":1}')).toEqual([]);
  });

  test("has numbers of a million digits", () => {
    const digits = "7".repeat(1_000_000);
    expect(valueIn(digits)).toBe(Number.POSITIVE_INFINITY);
    expect(valueIn(`-${digits}`)).toBe(Number.NEGATIVE_INFINITY);
    expect(valueIn(`0.${digits}`)).toBe(0.777_777_777_777_777_8);
    expect(valueIn(`1e${digits}`)).toBe(Number.POSITIVE_INFINITY);
    expect(valueIn(`[1${digits}x]`)).toBe("not-json");
  });

  test("has texts of megabytes, all of them escapes", () => {
    const text = `"${"\\u0041".repeat(1_000_000)}"`;
    expect(valueIn(text)).toBe("A".repeat(1_000_000));
    expect(valueIn(text.slice(0, -1))).toBe("not-json");
  });
});

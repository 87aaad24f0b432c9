import fc from "fast-check";
import { expect, it } from "vitest";
import { escaping } from "../../../providers/files/ampersands.ts";

/** The text through it in pieces of these lengths, and how many bare ones it found. */
function through(text: string, lengths: readonly number[] = []): { out: string; bare: number } {
  let bare = 0;
  const escaped = escaping(() => bare++);
  let out = "";
  let at = 0;
  for (const length of lengths) {
    out += escaped(text.slice(at, at + length), false);
    at += length;
  }
  out += escaped(text.slice(at), false) + escaped("", true);
  return { out, bare };
}

it.each([
  ["", "", 0],
  ["a & b", "a &amp; b", 1],
  ["&", "&amp;", 1],
  ["&amp;&#38;&#x26;&eacute;&_a.b-c;", "&amp;&#38;&#x26;&eacute;&_a.b-c;", 0],
  ["&amp&;&#;&#xg;& amp;", "&amp;amp&amp;;&amp;#;&amp;#xg;&amp; amp;", 5],
  ["<!-- & -->&<![CDATA[&<!--]]>&", "<!-- & -->&amp;<![CDATA[&<!--]]>&amp;", 2],
  ["<!-- & ", "<!-- & ", 0],
  [`&${"a".repeat(64)};`, `&amp;${"a".repeat(64)};`, 1],
])("%s", (text, out, bare) => {
  expect(through(text)).toEqual({ out, bare });
});

it("says the same however a text is cut into pieces", () => {
  const words = fc.constantFrom(
    ...["&", ";", "&amp;", "&#x26;", "amp", "<!--", "-->", "<![CDATA[", "]]>", "<", "!", "-", "]"],
    ...["x", " ", "é", "a".repeat(30)],
  );
  const text = fc.array(words, { maxLength: 60 }).map((list) => list.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat(40), { maxLength: 40 }), (whole, lengths) => {
      expect(through(whole, lengths)).toEqual(through(whole));
      expect(through(through(whole).out)).toEqual({ out: through(whole).out, bare: 0 });
    }),
    { numRuns: 2000 },
  );
});

it("takes time by the length alone", () => {
  const startedMs = performance.now();
  for (const text of ["&", "<!--", "<![CDATA[", "&a", "<!"]) through(text.repeat(1_000_000));
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

/** Byte ranges: any cut of a file is the bytes that a reader meant, and odd headers lose nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteRange, rangeAsked } from "../../workers/edge/byte-range.ts";

const size = fc.integer({ min: 1, max: 1_000 });

describe("a byte range", () => {
  it("is what the RFC says of it, from the start, to the end and of the last bytes", () => {
    fc.assert(
      fc.property(size, fc.nat(1_200), fc.nat(1_200), (bytes, a, b) => {
        const all = Array.from({ length: bytes }, (_, n) => n);
        const cut = (header: string) => {
          const range = byteRange(header, bytes);
          return typeof range === "string" ? range : all.slice(range.from, range.to);
        };
        const [from, last] = [Math.min(a, b), Math.max(a, b)];
        const beyond = from >= bytes;
        expect(cut(`bytes=${from}-${last}`)).toEqual(
          beyond ? "unsatisfiable" : all.slice(from, last + 1),
        );
        expect(cut(`bytes=${from}-`)).toEqual(beyond ? "unsatisfiable" : all.slice(from));
        expect(cut(`bytes=-${a}`)).toEqual(a === 0 ? "unsatisfiable" : all.slice(-a));
      }),
    );
  });

  it("that is none, of another unit, of several, or back to front is the whole file", () => {
    const odd = [null, "", "bytes", "bytes=", "bytes=-", "lines=1-2", "bytes=1-2,4-5", "bytes=9-3"];
    for (const header of [...odd, "bytes=a-b", "bytes=1-2;", `bytes=${"9".repeat(30)}-`])
      expect(byteRange(header, 100)).toBe("whole");
  });

  it("holds for the version that it was asked of, and for no other", () => {
    const headers = (condition?: string) =>
      new Headers({ range: "bytes=1-2", ...(condition && { "if-range": condition }) });
    expect(rangeAsked(headers(), '"a"')).toBe("bytes=1-2");
    expect(rangeAsked(headers('"a"'), '"a"')).toBe("bytes=1-2");
    for (const other of ['"b"', 'W/"a"', "Wed, 14 Oct 2026 07:00:00 GMT"])
      expect(rangeAsked(headers(other), '"a"')).toBeNull();
  });
});

/**
 * One byte range of a file (RFC 9110, section 14): `bytes=a-b`, `bytes=a-`, `bytes=-n`. What is not
 * understood, and several ranges at once, are answered with the whole file, as the RFC lets one.
 */
export interface ByteRange {
  readonly from: number;
  /** Behind the last byte. */
  readonly to: number;
}

/** "whole": no range is asked for. "unsatisfiable": none of it is there. */
export function byteRange(
  header: string | null,
  size: number,
): ByteRange | "whole" | "unsatisfiable" {
  const [, first = "", last = ""] =
    /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return "whole";
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { from: size - length, to: size };
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return "whole";
  if (from >= size) return "unsatisfiable";
  return { from, to: last === "" ? size : Math.min(size, Number(last) + 1) };
}

/** A range holds for the version that it was asked of; of another one, the whole is sent. */
export const rangeAsked = (headers: Headers, etag: string): string | null => {
  const condition = headers.get("if-range");
  return condition === null || condition.trim() === etag ? headers.get("range") : null;
};

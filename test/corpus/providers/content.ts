/**
 * What a file's bytes are, by their content alone: a name and an ending are whatever somebody called
 * them. Nothing here throws, whatever comes, and nothing is judged yet.
 */
import { kindOf } from "../../../providers/files/unpack.ts";

/** A larger file is not read. */
export const fileBytesMax = 64 * 1024 * 1024;
/** Lines of a file that is JSON line by line. */
const linesMax = 100_000;

export type Content =
  | { readonly is: "empty" | "binary" }
  /** Goes through the import of files: FIT, TCX, GPX, an archive of them. */
  | { readonly is: "file"; readonly bytes: Uint8Array }
  /** `asItCame`: the text is what its bytes are in UTF-8, and all of them. */
  | {
      readonly is: "json";
      readonly text: string;
      readonly value: unknown;
      readonly asItCame: boolean;
    }
  /** Begins as JSON does, and is none. */
  | { readonly is: "broken-json"; readonly text: string }
  | { readonly is: "xml"; readonly text: string; readonly root: string }
  | { readonly is: "form"; readonly text: string; readonly fields: URLSearchParams }
  | { readonly is: "text"; readonly text: string };

export function contentOf(bytes: Uint8Array): Content {
  const kind = kindOf(bytes);
  if (kind === "empty") return { is: "empty" };
  if (kind === "fit" || kind === "zip" || kind === "gzip") return { is: "file", bytes };
  const text = textIn(bytes);
  if (kind === "xml") {
    const root = text === null ? null : rootOf(text);
    if (text === null || root === "gpx" || root === "TrainingCenterDatabase")
      return { is: "file", bytes };
    if (root !== null && !ofPages.has(root.toLowerCase())) return { is: "xml", text, root };
  }
  if (text === null) return { is: "binary" };
  return textual(text, encodingOf(bytes) === "utf-8");
}

/** Elements that pages begin with. */
const ofPages = new Set("html head body h1 h2 p div img a br".split(" "));

/** Only what a byte-order mark says is believed. */
function encodingOf([a, b]: Uint8Array): string {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  return a === 0xfe && b === 0xff ? "utf-16be" : "utf-8";
}

/** Null when it is no text: not UTF-8, or with bytes that no text has. */
function textIn(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

/** The name of an XML document's first element, without its prefix. */
const rootOf = (text: string): string | null =>
  /<(?![?!])(?:[\w.-]+:)?([\w.-]+)/.exec(text.slice(0, 65_536))?.[1] ?? null;

function textual(text: string, isUtf8: boolean): Content {
  const value = jsonIn(text);
  if (value !== undefined) return { is: "json", text, value, asItCame: isUtf8 };
  const lines = jsonLinesIn(text);
  if (lines !== null)
    return { is: "json", text: JSON.stringify(lines), value: lines, asItCame: false };
  if (/^\s*(?:\{\s*["}]|\[\s*[[{"\]])/.test(text)) return { is: "broken-json", text };
  const form = /^[\w.[\]%-]+=[^\s]*$/.test(text.trim().slice(0, 65_536));
  if (form) return { is: "form", text, fields: new URLSearchParams(text.trim()) };
  return { is: "text", text };
}

/** Undefined when it is none; a lone number or word is no body. */
export function jsonIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Bodies that were recorded one a line. */
function jsonLinesIn(text: string): unknown[] | null {
  const lines = text.split("\n", linesMax + 1).filter((line) => line.trim() !== "");
  if (lines.length < 2 || lines.length > linesMax) return null;
  const values: unknown[] = [];
  for (const line of lines) {
    const value = jsonIn(line);
    if (value === undefined) return null;
    values.push(value);
  }
  return values;
}

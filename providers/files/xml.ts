/**
 * XML as it occurs in the wild, walked and never built: a byte-order mark, blanks or empty lines
 * before the declaration, prefixes that nobody declared, elements without a namespace, a file that
 * breaks off, a bare "&" in a name, which the parser would take for the beginning of an entity and
 * read on to the next ";". Names come without their prefix. Entities beyond XML's five are not
 * expanded.
 */
import { SaxesParser } from "saxes";
import { type Moment, parseMoment } from "../../domain/time.ts";
import { escaping } from "./ampersands.ts";
import type { FileNote } from "./session.ts";

const depthMax = 64;
const attributesMax = 64;
export const elementCharsMax = 4000;
/** A file with more errors than this is not read on. */
const errorsMax = 100;
const chunkBytes = 16 * 1024;

export interface XmlVisitor {
  /** `parents` are the names around it, outermost first. False stops the walk. */
  open(name: string, attributes: Attributes, parents: readonly string[]): boolean;
  close(name: string, text: string, parents: readonly string[]): void;
}
export type Attributes = Readonly<Record<string, string>>;

/** not-xml: not one element was there. stopped: the visitor had enough. */
export type XmlEnd = "complete" | "truncated" | "damaged" | "too-deep" | "not-xml" | "stopped";

const local = (name: string): string => name.slice(name.indexOf(":") + 1);

export function walkXml(bytes: Uint8Array, visitor: XmlVisitor): XmlEnd {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const parents: string[] = [];
  let text = "";
  let attributes = 0;
  let errors = 0;
  let elements = 0;
  let fault: "too-deep" | "stopped" | null = null;
  const append = (more: string) => {
    text = (text + more).slice(0, elementCharsMax);
  };
  parser.on("error", () => errors++);
  parser.on("text", append);
  parser.on("cdata", append);
  parser.on("opentagstart", () => {
    attributes = 0;
  });
  parser.on("attribute", () => {
    if (++attributes > attributesMax) fault ??= "too-deep";
  });
  parser.on("opentag", (tag) => {
    elements++;
    if (fault !== null) return;
    if (parents.length >= depthMax) fault = "too-deep";
    else if (!visitor.open(local(tag.name), tag.attributes, parents)) fault = "stopped";
    parents.push(local(tag.name));
    text = "";
  });
  parser.on("closetag", (tag) => {
    if (fault !== null) return;
    parents.pop();
    visitor.close(local(tag.name), text, parents);
    text = "";
  });
  let isMended = false;
  const mended = escaping(() => {
    isMended = true;
  });
  for (const chunk of decoded(bytes)) {
    parser.write(mended(chunk, false));
    if (fault !== null) return fault;
    if (errors > errorsMax) break;
  }
  if (errors <= errorsMax) parser.write(mended("", true));
  if (fault !== null) return fault;
  const inside = parents.length > 0;
  if (elements === 0) return "not-xml";
  if (errors > 0 || isMended) return "damaged";
  return inside ? "truncated" : "complete";
}

/** Text in pieces, without what may stand before the first "<". */
function* decoded(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder(encodingOf(bytes));
  let begun = false;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const piece = decoder.decode(bytes.subarray(at, at + chunkBytes), { stream: true });
    const chunk: string = begun ? piece : piece.trimStart();
    begun ||= chunk !== "";
    if (chunk !== "") yield chunk;
  }
}

/** What is declared is not believed: tags, numbers and times are the same in all but UTF-16. */
function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return "utf-16le";
  return (a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c) ? "utf-16be" : "utf-8";
}

const numberPattern = /^\s*[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?\s*$/;

/** A decimal number, written out; null when it is none. */
export function decimalOf(text: string | undefined): number | null {
  if (text === undefined || !numberPattern.test(text)) return null;
  return Number(text);
}

/** A time; one without a zone is UTC, as GPX says of its own and TCX is written in practice. */
export function momentOf(text: string | undefined, notes: Set<FileNote>): Moment | null {
  const trimmed = text?.trim() ?? "";
  const moment = parseMoment(trimmed);
  if (moment.ok) return moment.value;
  const assumed = parseMoment(`${trimmed}Z`);
  if (!assumed.ok) return null;
  notes.add("zone-assumed");
  return assumed.value;
}

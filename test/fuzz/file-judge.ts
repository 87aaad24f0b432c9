/**
 * Whatever bytes come, files are read or refused by a word of the list, and what is read becomes
 * drafts or a fault; a till's file is understood or not. Nothing throws.
 */

import { readFile } from "../../providers/files/read.ts";
import { fileNotes, refusals, sessionFaults } from "../../providers/files/session.ts";
import { unpack, unpackBudget } from "../../providers/files/unpack.ts";
import { fileItem, files } from "../../providers/files.ts";
import { poslog } from "../../providers/poslog.ts";

/** A year after what the grammars write. */
const receivedMs = Date.UTC(2027, 9, 14);

export interface Read {
  /** Sessions, or sales. */
  readonly taken: number;
  readonly wrong: readonly string[];
}

const unknownWords = (kind: string, list: object, words: readonly string[]): string[] =>
  words.filter((word) => !Object.hasOwn(list, word)).map((word) => `${kind} that is none: ${word}`);

/** What an upload of these bytes comes to. */
export function readUpload(bytes: Uint8Array): Read {
  let taken = 0;
  const wrong: string[] = [];
  for (const unpacked of unpack(bytes, unpackBudget())) {
    if ("refused" in unpacked) {
      wrong.push(...unknownWords("a refusal", refusals, [unpacked.refused]));
      continue;
    }
    const { refused, sessions, notes } = readFile(unpacked.bytes);
    if (refused !== null) wrong.push(...unknownWords("a refusal", refusals, [refused]));
    else if (sessions.length === 0) wrong.push("neither refused nor read");
    wrong.push(...unknownWords("a note", fileNotes, notes));
    for (const session of sessions) {
      const { kind, body } = fileItem("digest", session);
      const draft = files.normalise(kind, JSON.parse(JSON.stringify(body)), receivedMs);
      if (!draft.ok) wrong.push(...unknownWords("a fault", sessionFaults, [draft.error]));
    }
    taken += sessions.length;
  }
  return { taken, wrong };
}

/** What a till's file comes to. */
export function readTill(bytes: Uint8Array): Read {
  const parsed = poslog.parse(new TextDecoder().decode(bytes));
  if (!parsed.ok) {
    const isWord = ["not-json", "not-understood", "too-large"].includes(parsed.error);
    return { taken: 0, wrong: isWord ? [] : [`a fault that is none: ${parsed.error}`] };
  }
  let taken = 0;
  const wrong: string[] = [];
  for (const { kind, body } of parsed.value.items) {
    const draft = poslog.normalise(kind, JSON.parse(JSON.stringify(body)), receivedMs);
    if (draft.ok) taken++;
    else if (!/^[a-z-]+$/.test(draft.error)) wrong.push(`a fault that is none: ${draft.error}`);
  }
  return { taken, wrong };
}

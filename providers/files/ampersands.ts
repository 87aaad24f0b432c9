/**
 * A bare "&" in a name ("Tom & Jerry"), as some exporters write it: an XML parser takes it for the
 * beginning of an entity and reads on to the next ";", which may stand behind all that follows. Here
 * it is written as it should have been. Names of entities that nobody defined are left to the parser.
 */

const reference = /&(?:#\d{1,8}|#x[\da-f]{1,8}|[\p{L}_:][\p{L}\d._:-]{0,62});/iuy;
/** As long as a reference, or the beginning of a comment, may be. */
const tokenCharsMax = 66;
const token = /&|<!--|<!\[CDATA\[/g;
/** Where "&" means itself, up to here. */
const ends: ReadonlyMap<string, string> = new Map([
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
]);

function isReference(text: string, at: number): boolean {
  reference.lastIndex = at;
  return reference.test(text);
}

/** Takes a text piece by piece; a piece comes out as far as it can be told without the next. */
export function escaping(onBare: () => void): (piece: string, isLast: boolean) => string {
  let held = "";
  let until: string | null = null;
  return (piece, isLast) => {
    const text = held + piece;
    const known = isLast ? text.length : text.length - tokenCharsMax;
    let out = "";
    let at = 0;
    while (at < known) {
      if (until !== null) {
        const end = text.indexOf(until, at);
        const next: number = end < 0 ? known : end + until.length;
        out += text.slice(at, next);
        at = next;
        if (end >= 0) until = null;
        continue;
      }
      token.lastIndex = at;
      const found = token.exec(text);
      const from = Math.min(found?.index ?? known, known);
      out += text.slice(at, from);
      at = from;
      if (found === null || from === known) break;
      const [word] = found;
      at += word.length;
      until = ends.get(word) ?? null;
      const isBare = word === "&" && !isReference(text, from);
      if (isBare) onBare();
      out += isBare ? "&amp;" : word;
    }
    held = text.slice(at);
    return out;
  };
}

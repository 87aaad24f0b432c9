/**
 * What nobody expects where it stands: texts, numbers and trees that break parsers, and changes of
 * texts, bytes and trees that were right before. Everything follows from the chance that is given.
 */
import type { Chance } from "../oracle/chance.ts";

export type Tree = unknown;

const texts = [
  ...["", " ", "\0", "a\u0007b", "\ud800", "\udfff\ud800", "\u202e\u2066", "\ufeff", "ﷺ".repeat(9)],
  ...[
    "null",
    "undefined",
    "NaN",
    "true",
    "[object Object]",
    "__proto__",
    "constructor",
    "toString",
  ],
  ...["0", "-1", "1e309", "0x7f", "1_000", "٣", "½", "9007199254740993", "00000000000000000000"],
  ...["'; DROP TABLE member; --", "1 OR 1=1", "%s%n%x", "#{7*7}", "{{7*7}}", "$(id)", "`id`"],
  ...["<script>alert(1)</script>", "<!--", "]]>", "&lol;", "../../../etc/passwd", "..\\..\\", "C:"],
  ...["%00", "%ff", "%", "%2e%2e%2f", "+", "a".repeat(5000), "🚴".repeat(300), "Z̮̞̠͙͔ͅḀ̗̞͈̻̗"],
  ...["2026-02-30", "9999-12-31T23:59:60Z", "0000-00-00", "-271821-04-20", "+275760-09-13"],
  ...["2026-W99", "2026-13", "24:00", "UTC+99", "Etc/GMT+99", "Europe/../Amsterdam", "P1Y"],
  ...["http://127.0.0.1:1/", "javascript:alert(1)", "file:///", "data:,", "//x", "\\\\x\\y"],
  ...["4111 1111 1111 1111", "m_", `m_${"0".repeat(32)}`, `m_${"G".repeat(32)}`, "w_x", "wk_"],
];
const numbers = [
  ...[0, -0, 1, -1, 0.1, 1e-320, 1e21, 1e308, -1e308, 255, 256, 65_535, 2 ** 31, 2 ** 32, 2 ** 53],
  ...[-(2 ** 53), 1.7976931348623157e308, 86_400_000, 8.64e15, 8.64e15 + 1, 253_402_300_800],
];

/** Besides those of its own: what `--fixtures` brings. */
export interface Naughty {
  readonly texts: readonly string[];
}

export function wildText(chance: Chance, marker: string, naughty: readonly string[]): string {
  const kind = chance.whole(0, 9);
  if (kind < 4) return chance.pick(texts);
  if (kind < 6 && naughty.length > 0) return chance.pick(naughty);
  if (kind < 8) return `${marker}${chance.pick(texts)}`;
  return Array.from({ length: chance.whole(1, 40) }, () =>
    String.fromCharCode(chance.whole(0, chance.in100(70) ? 0x7f : 0xffff)),
  ).join("");
}

const nothings = [null, true, false, [], {}];

/** Any JSON there is; shallow, but now and then very deep. */
export function wild(chance: Chance, marker: string, naughty: readonly string[], depth = 3): Tree {
  const kind = chance.whole(0, 99);
  if (kind < 30) return wildText(chance, marker, naughty);
  if (kind < 50) return chance.pick(numbers);
  if (kind < 65 || depth === 0) return chance.pick(nothings);
  const inner = () => wild(chance, marker, naughty, depth - 1);
  if (kind < 80) return Array.from({ length: chance.whole(0, 4) }, inner);
  if (kind < 98) {
    const key = () => (chance.in100(40) ? marker : wildText(chance, marker, naughty));
    return Object.fromEntries(Array.from({ length: chance.whole(0, 4) }, () => [key(), inner()]));
  }
  return deep(chance.whole(10, 2_000), marker);
}

/** Deeper ones no stack here could write down. */
function deep(levels: number, marker: string): Tree {
  let tree: Tree = marker;
  for (let i = 0; i < levels; i++) tree = i % 2 === 0 ? [tree] : { a: tree };
  return tree;
}

/** Every place in a tree that can be changed, as ways into it. */
function placesOf(tree: Tree, at: readonly (string | number)[] = []): (string | number)[][] {
  if (at.length > 12 || typeof tree !== "object" || tree === null) return [[...at]];
  const inside = Object.entries(tree).flatMap(([key, part]) =>
    placesOf(part, [...at, Array.isArray(tree) ? Number(key) : key]),
  );
  return [[...at], ...inside];
}

/** An object may have a `toString` that is none. */
const textOf = (tree: Tree | undefined): string =>
  typeof tree === "object" ? JSON.stringify(tree) : String(tree);

type Change = (parent: Record<string, Tree> | Tree[], key: string | number) => void;

const changes = (chance: Chance, odd: () => Tree): readonly Change[] => [
  (parent, key) => {
    (parent as Record<string | number, Tree>)[key] = odd();
  },
  (parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  },
  (parent, key) => {
    const part = (parent as Record<string | number, Tree>)[key];
    const many = Array.from({ length: chance.whole(2, 40) }, () => part);
    if (Array.isArray(parent)) parent.splice(Number(key), 1, ...many);
    else parent[String(key)] = many;
  },
  (parent, key) => {
    const part = (parent as Record<string | number, Tree>)[key];
    const retold = typeof part === "number" ? String(part) : Number(textOf(part));
    (parent as Record<string | number, Tree>)[key] = Number.isNaN(retold) ? [part] : retold;
  },
  (parent) => {
    if (!Array.isArray(parent)) parent[textOf(odd())] = odd();
  },
];

/** A tree with so many places changed: replaced, left out, repeated, of another type, added to. */
export function mutated(
  chance: Chance,
  tree: Tree,
  marker: string,
  naughty: readonly string[],
): Tree {
  const changed = structuredClone(tree);
  const odd = () => wild(chance, marker, naughty, 2);
  for (let n = chance.whole(1, 3); n > 0; n--) {
    const place = chance.pick(placesOf(changed));
    const key = place.at(-1);
    if (key === undefined) {
      if (chance.in100(10)) return odd();
      continue;
    }
    const parent = place
      .slice(0, -1)
      .reduce<Tree>((part, step) => (part as Record<string | number, Tree>)[step], changed);
    chance.pick(changes(chance, odd))(parent as Tree[], key);
  }
  return changed;
}

/** Bytes with bits flipped, cut, doubled or swapped for others. */
export function mutatedBytes(chance: Chance, bytes: Uint8Array): Uint8Array {
  let changed = Uint8Array.from(bytes);
  for (let n = chance.whole(1, 4); n > 0 && changed.length > 0; n--) {
    const at = chance.whole(0, changed.length - 1);
    const to = Math.min(changed.length, at + chance.whole(1, 64));
    const kind = chance.whole(0, 4);
    if (kind === 0) changed[at] = (changed[at] ?? 0) ^ (1 << chance.whole(0, 7));
    else if (kind === 1) changed = changed.slice(0, at);
    else if (kind === 2) changed = Uint8Array.from([...changed.slice(0, at), ...changed.slice(to)]);
    else if (kind === 3) changed = Uint8Array.from([...changed.slice(0, to), ...changed.slice(at)]);
    else changed[at] = chance.pick([0, 0x22, 0x3c, 0x5c, 0x7b, 0x80, 0xc0, 0xff]);
  }
  return changed;
}

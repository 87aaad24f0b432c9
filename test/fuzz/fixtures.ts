/** Texts from elsewhere, read in place: recorded bodies, naughty strings, JSON that parsers disagree on. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Fixtures {
  readonly naughty: readonly string[];
  readonly jsons: readonly string[];
}

/** A larger recorded body is no delivery. */
const bodyCharsMax = 64 * 1024;

/** Without any: the command's own lists alone. */
export const noFixtures: Fixtures = {
  naughty: [],
  jsons: [
    "",
    "[",
    "{",
    "[1,]",
    '{"a":1,"a":2}',
    "[NaN]",
    '"\\u',
    "[1e9999]",
    "\ufeff{}",
    "nul",
    "[[]",
  ],
};

/** Of a folder with `security/` in it and recorded bodies beside. Throws when there is none. */
export function fixturesIn(folder: string): Fixtures {
  const json = (path: string) => JSON.parse(readFileSync(join(folder, path), "utf8"));
  const naughty = json("security/naughty-strings/blns.json") as unknown;
  const suite = json("security/json-test-suite/jsontestsuite.json") as unknown;
  const recorded = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json") && !path.startsWith("security"))
    .map((path) => readFileSync(join(folder, path), "utf8"))
    .filter((text) => text.length <= bodyCharsMax);
  return {
    naughty: textsIn(naughty),
    jsons: [...noFixtures.jsons, ...bodiesIn(suite), ...recorded],
  };
}

/** Every text in it, at whatever depth. */
const textsIn = (tree: unknown): string[] => {
  if (typeof tree === "string") return [tree];
  return typeof tree === "object" && tree !== null ? Object.values(tree).flatMap(textsIn) : [];
};

/** Of a suite's cases what stands as base64. */
const bodiesIn = (suite: unknown): string[] =>
  textsIn(suite)
    .filter((text) => text.length > 0 && text.length < bodyCharsMax)
    .map((text) =>
      /^[A-Za-z0-9+/]{8,}={0,2}$/.test(text) ? String(Buffer.from(text, "base64")) : text,
    );

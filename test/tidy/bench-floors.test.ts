/**
 * Floors are code of their own that nothing else may change. Their digests stand here: whoever changes
 * a floor changes this file too, and a new floor makes every ratio from before incomparable. So then
 * measure that bench anew, with `--write`, and say in the commit why the floor is another one.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { benches } from "../../bench/catalogue.ts";

const bench = resolve(import.meta.dirname, "../../bench");
const floors = join(bench, "floors");
const digests: Readonly<Record<string, string>> = {
  "audit.ts": "e64165a477c3c18518b7a958b8df308f",
  "boards.ts": "81f9ff211d5970d0cea6eaa5a62e22fb",
  "cipher.ts": "53ea3b016ce5f7ef4ea39aafbef86a45",
  "freshness.ts": "8d0652fab5009c0ffc768af83b9de36f",
  "ingest.ts": "05679a50edc1a3bf38b2e12a5e904aed",
  "json.ts": "154e4287a46447dc80bdc5f0c396b769",
  "ledger.ts": "ce109036bb74a0c10969335811f1f30e",
  "polls.ts": "7012c82ddd9da7dbbd1d014071f0679c",
  "samples.ts": "8ab483d84f28a7c51b2aef3b452c16f3",
  "settle.ts": "3ddda1fb65ce38c440a405e47035c408",
  "sorted-array.ts": "e86bb4546a861153651a6eec786dd94b",
  "start.ts": "0d21a9f9c0f5c2e0dc3d6c0b1d5814c3",
  "vault.ts": "0d53a87ea5492e075cc3158c4ebcdc8f",
};

/** What a floor may be made of: the language, the platform, what plays the platform, an engine. */
const foreign = ["node:", "cloudflare:workers", "esbuild", "miniflare", "@duckdb/node-api"];
const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, path = ""]) => path);
const text = (file: string) => readFileSync(file, "utf8");

/** A file and all of the bench's that it names, floors included. */
function reached(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file) || !existsSync(file)) return found;
  found.add(file);
  if (dirname(file) === floors) return found;
  for (const [, start, path = ""] of text(file).matchAll(/(startFloor\()?"([\w./-]+\.ts)"/g))
    reached(normalize(join(start === undefined ? dirname(file) : floors, path)), found);
  return found;
}

describe("the floors", () => {
  it("are these, and as they were when they were measured", () => {
    const now = readdirSync(floors).map((name) => {
      const digest = createHash("sha256")
        .update(readFileSync(join(floors, name)))
        .digest("hex");
      return [name, digest.slice(0, 32)];
    });
    expect(Object.fromEntries(now)).toEqual(digests);
  });

  it.each(readdirSync(floors))(
    "%s says what it is, and shares nothing with what is measured",
    (name) => {
      const of = text(join(floors, name));
      expect(of.startsWith("/**\n"), name).toBe(true);
      for (const path of importsOf(of))
        expect(
          foreign.some((begin) => path.startsWith(begin)),
          `${name} imports ${path}`,
        ).toBe(true);
    },
  );
});

describe("a bench", () => {
  const names = Object.keys(benches);

  it.each(names)("%s measures the floors that it says, and no other", (name) => {
    const within = [...reached(join(bench, `${name}.ts`))];
    const own = within.filter((file) => dirname(file) === floors).map((file) => basename(file));
    expect(own.sort()).toEqual([...(benches[name]?.floors ?? [])].sort());
  });

  it("has nothing outside that a floor is made of", () => {
    const files = readdirSync(bench)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(bench, name));
    for (const file of files) {
      expect(text(file), file).not.toMatch(/extends (DurableObject|WorkerEntrypoint)\b/);
      expect(text(file), file).not.toMatch(
        /crypto\.subtle|from "@duckdb|JSON\.parse\(text\)\.samples/,
      );
      expect(text(file), file).not.toMatch(/"\/healthz"/);
    }
  });

  it("leaves no floor unused", () => {
    const used = new Set(Object.values(benches).flatMap((one) => one.floors));
    expect([...used].sort()).toEqual(readdirSync(floors).sort());
  });
});

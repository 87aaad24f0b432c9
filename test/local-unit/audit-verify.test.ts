/** The verifier finds whatever was done to a log, and says where. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkProof, readKeys, verifyInclusion, verifyLog } from "../../local/audit-verify.ts";
import {
  bundlesOf,
  checkpointOf,
  type Files,
  keysText,
  leafOf,
  logOf,
  pathTo,
  proofText,
  rootOf,
  sourceOf,
  textsOf,
  tilesOf,
  witnessedAt,
} from "./small-log.ts";

const keys = readKeys(keysText);
const texts = textsOf(700);
const sizes = [1, 120, 256, 300, 511, 700];
const intact = logOf(texts, sizes);
const copy = (): Files => new Map([...intact].map(([path, bytes]) => [path, Buffer.from(bytes)]));

async function wrongOf(files: Files): Promise<string> {
  try {
    await verifyLog(sourceOf(files), keys);
    return "OK";
  } catch (error) {
    return `WRONG: ${(error as Error).message}`;
  }
}

describe("an intact log", () => {
  it.each([0, 1, 2, 255, 256, 257, 512, 700, 1025])("of %i entries verifies", async (size) => {
    expect(await wrongOf(logOf(textsOf(size), [size]))).toBe("OK");
  });

  it("that grew since its witness signed verifies, and says by how much", async () => {
    const rows = await verifyLog(sourceOf(logOf(texts, [120, 300])), keys);
    expect(rows).toContainEqual(["not proven yet", "400 entries, newer than that"]);
  });

  it("verifies without its entries, and says so", async () => {
    const files = new Map([...copy()].filter(([path]) => !path.includes("entries")));
    expect(await verifyLog(sourceOf(files), keys)).toContainEqual([
      "entries",
      "not here: only their hashes were checked",
    ]);
  });

  it("verifies by the whole tile once a partial one is gone", async () => {
    const files = logOf(texts.slice(0, 600), [600]);
    files.delete("tile/0/002.p/88");
    files.set(
      "tile/0/002",
      Buffer.concat(
        [...tilesOf(textsOf(768).map(leafOf))]
          .filter(([path]) => path === "tile/0/002")
          .map(([, bytes]) => bytes),
      ),
    );
    files.delete("tile/entries/002.p/88");
    files.set("tile/entries/002", bundlesOf(textsOf(768)).get("tile/entries/002") as Buffer);
    expect(await wrongOf(files)).toBe("OK");
  });

  it("fails when no witness ever signed it", async () => {
    expect(await wrongOf(logOf(texts, []))).toMatch(/no witness has signed this log/);
  });
});

/** What was done to which file; a swap touches two. */
interface Damage {
  readonly to: readonly string[];
  readonly files: Files;
}
type Harm = (files: Files, path: string, chance: number, other: string) => readonly string[];
const harms: Readonly<Record<string, Harm>> = {
  flip: (files, path, chance) => {
    const bytes = files.get(path) as Buffer;
    const at = Math.floor(chance * bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << (Math.floor(chance * 1e6) % 8));
    return [path];
  },
  drop: (files, path) => {
    files.delete(path);
    return [path];
  },
  truncate: (files, path, chance) => {
    const bytes = files.get(path) as Buffer;
    files.set(path, bytes.subarray(0, Math.floor(chance * bytes.length)));
    return [path];
  },
  swap: (files, path, _chance, other) => {
    const [a, b] = [files.get(path) as Buffer, files.get(other) as Buffer];
    files.set(path, b);
    files.set(other, a);
    return [path, other];
  },
};

const paths = [...intact.keys()];
/** A co-signed checkpoint is the same note as the last witnessed one: swapping them does nothing. */
const isSame = (a: string, b: string) => intact.get(a)?.equals(intact.get(b) as Buffer) === true;

const damages = fc
  .tuple(
    fc.constantFrom(...Object.keys(harms)),
    fc.constantFrom(...paths),
    fc.constantFrom(...paths),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  )
  .filter(([harm, path, other]) => harm !== "swap" || !isSame(path, other))
  .map(([harm, path, other, chance]): Damage => {
    const files = copy();
    return { to: (harms[harm] as Harm)(files, path, chance, other), files };
  });

describe("a log that was tampered with", () => {
  it("fails, and what it says names a file that was touched", async () => {
    await fc.assert(
      fc.asyncProperty(damages, async ({ to, files }) => {
        const wrong = await wrongOf(files);
        expect(wrong).toMatch(/^WRONG: /);
        expect(
          to.filter((path) => wrong.includes(path)),
          `${to}: ${wrong}`,
        ).not.toEqual([]);
      }),
      { numRuns: 600, seed: 20_261_121 },
    );
  });

  it("names the entry whose text was changed", async () => {
    const changed = [...texts];
    changed[400] = (texts[400] as string).replace("coaching", "coachinG");
    const files = new Map([...copy(), ...bundlesOf(changed)]);
    expect(await wrongOf(files)).toMatch(/^WRONG: entry 400 \(tile\/entries\/001\) is not what/);
  });

  it("names the tile below and the hash above that do not fit", async () => {
    const files = copy();
    (files.get("tile/0/001") as Buffer)[99] = 0xff;
    expect(await wrongOf(files)).toBe("WRONG: tile/1/000.p/2 hash 1 is not the hash of tile/0/001");
  });

  it.each([
    ["times go back", 300, (t: string) => t.replace(/"at":"2026/, '"at":"2025')],
    [
      "a closing closes a later entry",
      303,
      (t: string) => t.replace(/"closes":\d+/, '"closes":310'),
    ],
    ["a closing closes no intent", 303, (t: string) => t.replace(/"closes":\d+/, '"closes":301')],
    ["a field is missing", 300, (t: string) => t.replace(/,"rows":\d+/, "")],
    ["it is no JSON", 300, () => "{"],
  ])("names an entry although it was hashed so: %s", async (_, at, change) => {
    const changed = [...texts];
    changed[at] = change(texts[at] as string);
    expect(await wrongOf(logOf(changed, sizes))).toMatch(new RegExp(`^WRONG: entry ${at} `));
  });
});

describe("history rewritten with the log's own key", () => {
  it("is caught by what the witness signed, with the sizes between which it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 699 }), async (at) => {
        const changed = [...texts];
        changed[at] = (texts[at] as string).replace(/"rows":\d+/, '"rows":99');
        const leaves = changed.map(leafOf);
        const files = new Map([...copy(), ...tilesOf(leaves), ...bundlesOf(changed)]);
        files.set("checkpoint", checkpointOf(leaves, null));
        const first = sizes.findIndex((size) => size > at);
        const to = sizes[first] as number;
        const moment = new Date(witnessedAt(to) * 1000).toISOString();
        expect(await wrongOf(files)).toBe(
          `WRONG: history was rewritten between sizes ${sizes[first - 1] ?? 0} and ${to}: ` +
            `witnessed/00${first}, which a witness signed at ${moment}, has another root`,
        );
      }),
      { numRuns: 40, seed: 20_261_121 },
    );
  });

  it("is caught when the log was cut back", async () => {
    const files = logOf(texts.slice(0, 600), [120, 300, 600]);
    files.set("witnessed/003", intact.get("witnessed/005") as Buffer);
    expect(await wrongOf(files)).toMatch(/checkpoint has 600 .* witnessed\/003 had 700: cut back/);
  });
});

describe("a proof of one entry", () => {
  it("shows any entry under any witnessed size, and what it says", () => {
    for (const size of [1, 2, 3, 120, 257])
      for (const index of new Set([0, size >> 1, size - 1])) {
        const { entry, ...where } = checkProof(proofText(texts, index, size), keys);
        expect(where).toMatchObject({ index, size, origin: "log.test/0" });
        expect(JSON.stringify(entry)).toBe(texts[index]);
      }
  });

  it("fails whichever byte of it is changed", () => {
    const proof = Buffer.from(proofText(texts, 77, 120));
    for (let at = 0; at < proof.length; at++) {
      const changed = Buffer.from(proof);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => checkProof(changed.toString("utf8"), keys), `byte ${at}`).toThrow();
    }
  });

  it("fails without a witness", () => {
    const lines = proofText(texts, 7, 20).trimEnd().split("\n").slice(0, -1);
    expect(() => checkProof(`${lines.join("\n")}\n`, keys)).toThrow(/no witness/);
  });

  it("holds for no other index, size or length", () => {
    const leaves = texts.slice(0, 33).map(leafOf);
    const [path, root] = [pathTo(9, leaves), rootOf(leaves)];
    const leaf = leaves[9] as Buffer;
    const holds = (index: bigint, size: bigint, some = path) =>
      verifyInclusion(index, size, leaf, some, root);
    expect(holds(9n, 33n)).toBe(true);
    expect([holds(8n, 33n), holds(33n, 33n), holds(-1n, 33n), holds(9n, 65n)]).not.toContain(true);
    expect([holds(9n, 33n, path.slice(1)), holds(9n, 33n, [...path, root])]).not.toContain(true);
    expect(holds(2n ** 60n, 2n ** 61n)).toBe(false);
  });
});

describe("the verifier itself", () => {
  const source = readFileSync(resolve(import.meta.dirname, "../../local/audit-verify.ts"), "utf8");

  it("needs nothing but Node, so that it shares no code with what writes the log", () => {
    const imported = [...source.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((m) => m[1]);
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((name) => !name?.startsWith("node:"))).toEqual([]);
  });

  it("is short enough to be read in one sitting", () => {
    expect(source.split("\n").length).toBeLessThanOrEqual(300);
  });

  it("takes no key that does not belong to its name", () => {
    expect(() => readKeys(keysText.replace("log.test/0", "log.test/1"))).toThrow(/not belong/);
    expect(() => readKeys("something")).toThrow(/no key/);
  });
});

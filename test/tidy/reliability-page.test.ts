/** What docs/reliability.md sends somebody to is there: its tests, and its commands. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const page = resolve(root, "docs/reliability.md");
const text = readFileSync(page, "utf8");
const { scripts } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));

describe("docs/reliability.md", () => {
  it.each([...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, to = ""]) => to))(
    "links to %s",
    (to) => expect(existsSync(resolve(dirname(page), to))).toBe(true),
  );

  it.each([...text.matchAll(/`npm run ([\w-]+)/g)].map(([, name = ""]) => name))(
    "names the command %s",
    (name) => expect(scripts).toHaveProperty(name),
  );

  it.each([...text.matchAll(/`node (\S+)`/g)].map(([, file = ""]) => file))(
    "names the file %s",
    (file) => expect(existsSync(resolve(root, file))).toBe(true),
  );
});

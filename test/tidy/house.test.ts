/** The house's rules, read off the source: who may import whom, and what may stand where. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((f) => /\.tsx?$/.test(f));
const text = (file: string) => readFileSync(join(root, file), "utf8");

/** Left to right: a room imports only rooms to its right. */
const rooms = ["workers", "durable-objects", "kernel", "providers", "domain"];
const roomOf = (path: string) => rooms.indexOf(path.split("/")[0] ?? "");
const importsOf = (file: string) =>
  [...text(file).matchAll(/from "([^"]+)"/g)]
    .map((m) => m[1] ?? "")
    .filter((path) => path.startsWith("."))
    .map((path) => normalize(join(dirname(file), path)));

const pagesIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
/** What the headings of a page can be linked to as. */
const placesIn = (page: string) =>
  [...page.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
const housed = files.filter((f) => roomOf(f) >= 0);

describe("the house", () => {
  it.each(housed)("%s imports only rooms to its right", (file) => {
    for (const imported of importsOf(file)) {
      if (imported.startsWith("migrations/")) continue;
      expect(roomOf(imported), `${file} imports ${imported}`).toBeGreaterThanOrEqual(roomOf(file));
    }
  });

  it("keeps what runs in a client to itself and the domain", () => {
    for (const file of files.filter((f) => f.startsWith("client/")))
      for (const imported of importsOf(file))
        expect(imported, `${file} imports ${imported}`).toMatch(/^(client|domain)\//);
  });

  it("gives the pages the domain and what runs in a client, and nothing of the workers", () => {
    for (const file of files.filter((f) => f.startsWith("web/")))
      for (const imported of importsOf(file))
        expect(imported, `${file} imports ${imported}`).toMatch(/^(web|client|domain)\//);
  });

  it("keeps a provider small, and to itself and the domain", () => {
    for (const file of housed.filter((f) => f.startsWith("providers/"))) {
      expect(text(file).split("\n").length - 1, file).toBeLessThanOrEqual(350);
      for (const imported of importsOf(file))
        expect(imported, `${file} imports ${imported}`).toMatch(/^(providers|domain)\//);
      // Only what opens files that members hand over is somebody else's.
      const foreign = /from "[^.]/.test(text(file));
      if (foreign) expect(file).toMatch(/^providers\/files\//);
    }
  });

  it("has three workers that never import each other", () => {
    for (const file of housed.filter((f) => f.startsWith("workers/")))
      for (const imported of importsOf(file))
        if (imported.startsWith("workers/"))
          expect(imported.split("/")[1], `${file} imports ${imported}`).toBe(file.split("/")[1]);
  });

  it("keeps clock, chance and platform out of domain and providers", () => {
    const banned = /Date\.now|new Date\(|Math\.random|crypto\.getRandomValues|cloudflare:/;
    for (const file of housed.filter((f) => /^(domain|providers)\//.test(f)))
      expect(banned.exec(text(file))?.[0], file).toBeUndefined();
  });

  it("knows no stream by name in the kernel", () => {
    const named = /workout|\blisten(s|ed|er|ers)?\b|\bsales?\b|samples/i;
    for (const file of housed.filter((f) => f.startsWith("kernel/"))) {
      expect(named.exec(text(file))?.[0], file).toBeUndefined();
      for (const imported of importsOf(file))
        if (/^domain\/(workouts|samples|listens|sales)\//.test(imported))
          expect(`${file} imports ${imported}`).toBe("nothing of one stream");
    }
  });

  it.each(["listens", "sales"])("says what %s are in under 300 lines", (stream) => {
    const own = housed.filter((file) => file.startsWith(`domain/${stream}/`));
    const lines = own.reduce((sum, file) => sum + text(file).split("\n").length - 1, 0);
    expect(own.length).toBeGreaterThan(0);
    expect(lines).toBeLessThan(300);
  });

  it("gives the edge no binding to what only the vault may hold", () => {
    const config = readFileSync(join(root, "wrangler.toml"), "utf8");
    expect(config).not.toMatch(/phi-|keys-|"(KEYS|PHI|DIRECTORY)|ROOT_KEY/);
    const buckets = [...config.matchAll(/bucket_name = "([^"]+)"/g)].map(([, name]) => name);
    expect(buckets).toEqual(["singlet-boards", "singlet-snapshots"]);
    expect(config.match(/r2_buckets/g)).toHaveLength(2);
  });

  it("opens no door to the vault and logs no invocation anywhere", () => {
    for (const config of [
      "wrangler.toml",
      "workers/vault/wrangler.toml",
      "workers/archive/wrangler.toml",
    ]) {
      const toml = readFileSync(join(root, config), "utf8");
      expect(toml).toContain("workers_dev = false");
      expect(toml).toContain("invocation_logs = false");
    }
    expect(readFileSync(join(root, "workers/vault/wrangler.toml"), "utf8")).not.toMatch(/^route/m);
  });

  it("links only to what is there", () => {
    const pages = ["README.md", "test/conformance/README.md", ...pagesIn("docs")];
    expect(pages.length).toBeGreaterThan(12);
    for (const page of pages)
      for (const [, link = "", place] of text(page).matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)) {
        const target = link === "" ? page : join(dirname(page), link);
        expect(existsSync(join(root, target)), `${page} links to ${link}`).toBe(true);
        if (place !== undefined)
          expect(placesIn(text(target)), `${page} links to ${target}`).toContain(place);
      }
  });

  it("has no file that grew past what one head holds", () => {
    const isMade = (file: string) => file === "web/api/schema.d.ts";
    for (const file of files.filter((f) => !isMade(f)))
      expect(text(file).split("\n").length, file).toBeLessThanOrEqual(400);
  });

  it("has no rooms without a name and no leftovers", () => {
    for (const file of files) {
      expect(file).not.toMatch(/(^|\/)(utils?|common|helpers?|lib|services|types)\//);
      if (file !== "test/tidy/house.test.ts")
        expect(text(file), file).not.toMatch(
          /\b(TODO|FIXME|XXX)\b|\b(it|test|describe)\.(only|skip)/,
        );
    }
  });
});

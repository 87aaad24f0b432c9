/** Everybody else's code here: under which terms, which bytes, what it may run. */
import { describe, expect, it } from "vitest";
import { audit, auditOf } from "../../local/supply-audit.ts";
import { steadyBill } from "../../local/supply-bill.ts";
import { packageOf } from "../../local/supply-bundles.ts";
import {
  closure,
  importedPackages,
  isAllowed,
  type Lock,
  licences,
  lockFaults,
  manifestFaults,
  readLock,
  readManifest,
} from "../../local/supply-lock.ts";

const lock = readLock();
const manifest = readManifest();

describe("what this repository uses", () => {
  it("is under licences that were chosen, those that are passed on under fewer", () => {
    const shipped = closure(lock, importedPackages());
    const all = licences(lock, shipped);
    expect(all.filter((each) => !each.isAllowed)).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
    const names = new Set(all.filter(({ isShipped }) => isShipped).map(({ name }) => name));
    for (const name of ["hono", "zod", "react-dom", "d3-shape"]) expect(names).toContain(name);
    for (const name of ["wrangler", "vitest"]) expect(names).not.toContain(name);
  });

  it("is known by its bytes, of exact versions, and runs nothing on its own when it is installed", () => {
    expect([...lockFaults(lock, manifest), ...manifestFaults(manifest)]).toEqual([]);
  });
});

describe("a lockfile", () => {
  const sound = { version: "1.0.0", integrity: `sha512-${"a".repeat(86)}==`, license: "MIT" };
  const faults = (each: object, allowScripts = {}) =>
    lockFaults({ "node_modules/a": { ...sound, ...each } } as Lock, { allowScripts });

  it.each([
    ["no digest", { integrity: undefined }],
    ["a weaker digest", { integrity: "sha1-abc" }],
    ["a git repository", { resolved: "git+ssh://git@host/a.git#0123" }],
    ["an address", { resolved: "http://host/a.tgz" }],
    ["a link", { link: true }],
    ["a script that nobody allowed", { hasInstallScript: true }],
  ])("is refused for %s", (_, each) => {
    expect(faults(each)).toHaveLength(1);
  });

  it("may name scripts only of packages that have one", () => {
    expect(faults({ hasInstallScript: true }, { a: true })).toEqual([]);
    expect(faults({}, { a: true })).toHaveLength(1);
  });

  it("is refused for a range in package.json", () => {
    expect(manifestFaults({ ...manifest, dependencies: { a: "^1.0.0" } })).toHaveLength(1);
  });
});

it.each([
  ["MIT", true],
  ["MIT OR GPL-3.0-only", true],
  ["MIT AND GPL-3.0-only", false],
  ["(MIT OR GPL-3.0-only) AND ISC", true],
  ["(MIT AND GPL-3.0-only) OR ISC", true],
  ["GPL-3.0-only", false],
  ["SEE LICENSE IN LICENSE", false],
  ["", false],
])("takes %s for allowed: %s", (expression, allowed) => {
  expect(isAllowed(expression, (id) => ["MIT", "ISC"].includes(id))).toBe(allowed);
});

it("never calls that audited which nobody audited", () => {
  expect(audit(["--registry", "http://127.0.0.1:9/"]).is).toBe("not-audited");
  for (const said of ["", "{}", "<html>", '{"message":"no"}'])
    expect(auditOf(said).is).toBe("not-audited");
  const found = { a: { severity: "high", range: "<2.0.0" } };
  expect(auditOf(JSON.stringify({ vulnerabilities: found }))).toEqual({
    is: "audited",
    found: [{ name: "a", severity: "high", range: "<2.0.0" }],
  });
});

it("makes the same bill of materials of the same lockfile, whenever and wherever", () => {
  const bill = (serial: string, timestamp: string, refs: readonly string[]) =>
    JSON.stringify({
      ...{ bomFormat: "CycloneDX", specVersion: "1.5", serialNumber: serial, version: 1 },
      metadata: { timestamp, tools: [{ version: serial }], component: { name: timestamp } },
      components: refs.map((ref) => ({ "bom-ref": ref })),
      dependencies: refs.map((ref) => ({ ref, dependsOn: [] })),
    });
  const one = steadyBill(bill("1", "then", ["a@1", "b@1"]), "singlet");
  expect(steadyBill(bill("2", "now", ["b@1", "a@1"]), "singlet")).toBe(one);
  expect(steadyBill(bill("1", "then", ["a@1", "b@2"]), "singlet")).not.toBe(one);
  expect(JSON.parse(one).serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8/);
});

it.each([
  ["node_modules/zod/index.js", "zod"],
  ["../node_modules/a/node_modules/@b/c/d.js", "@b/c"],
  ["workers/edge/app.ts", "singlet"],
])("knows whose %s is", (file, name) => {
  expect(packageOf(file)).toBe(name);
});

/** `npm run supply`: everybody else's code here, and what is known of it. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { asked, refuse } from "./asked.ts";
import { say } from "./say.ts";
import { audit } from "./supply-audit.ts";
import { billOfMaterials } from "./supply-bill.ts";
import { bundles, type Weights, weigh } from "./supply-bundles.ts";
import {
  closure,
  importedPackages,
  type Licensed,
  licences,
  lockFaults,
  manifestFaults,
  readLock,
  readManifest,
  toolLicences,
} from "./supply-lock.ts";
import { table } from "./table.ts";

const help = `npm run supply -- [options]

  Licences of everything in the lockfile, against the list of those that are allowed; the lockfile
  itself: each package's SHA-512, none from outside a registry, no script but those that package.json
  allows; known faults, as npm's registry tells them; what runs in production, by package; and the
  bill of materials (CycloneDX), written to dist/sbom.cdx.json.

  --offline        do not ask the registry for known faults, and say that nobody did
  --registry URL   ask this one
  --demand-audit   an audit that did not take place is a fault too
  --no-bundles     leave out what runs in production; nothing is built then
  --help           this text

  Ends with RESULT {json}; exit code 1 if a licence, the lockfile or a known fault is wrong.
`;

const values = asked({
  options: {
    offline: { type: "boolean", default: false },
    registry: { type: "string" },
    "demand-audit": { type: "boolean", default: false },
    bundles: { type: "boolean", default: true },
    help: { type: "boolean", default: false },
  },
  allowNegative: true,
}).values;
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const { registry, offline } = values;
if (registry !== undefined && URL.parse(registry) === null) refuse("--registry takes an address");
if (offline && values["demand-audit"]) refuse("--offline and --demand-audit do not go together");

const kib = (bytes: number | undefined): string =>
  bytes === undefined ? "" : (bytes / 1024).toFixed(1).padStart(7);
const totalOf = (weights: Partial<Record<string, number>>): number =>
  Object.values(weights).reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);

function weightTable(weights: Weights): string {
  const rows = [...weights]
    .toSorted(([, a], [, b]) => totalOf(b) - totalOf(a))
    .map(([name, by]) => [name, ...bundles.map((bundle) => kib(by[bundle]))]);
  return table(["KiB, before they are minified", ...bundles], rows);
}

const root = resolve(import.meta.dirname, "..");
const lock = readLock();
const manifest = readManifest();
const shipped = closure(lock, importedPackages());
const all = licences(lock, shipped);
const groups = new Map<string, Licensed[]>();
for (const each of all) {
  const key = `${each.isShipped} ${each.licence}`;
  groups.set(key, [...(groups.get(key) ?? []), each]);
}
const licenceRows = [...groups.values()]
  .toSorted((a, b) => b.length - a.length)
  .map((group) => {
    const [{ licence = "", isShipped = false, isAllowed = false } = {}] = group;
    const shown = group.slice(0, 3).map(({ name }) => name);
    const why = isAllowed ? (isShipped ? "" : (toolLicences.get(licence) ?? "")) : "NOT ALLOWED";
    const more = group.length > shown.length ? ", …" : "";
    const where = isShipped ? "shipped" : "tools";
    return [licence || "none", where, String(group.length), `${shown.join(", ")}${more}`, why];
  });
say(table(["licence", "", "packages", "such as", ""], licenceRows));
const wrongLicences = all.filter(({ isAllowed }) => !isAllowed);
for (const { name, version, licence } of wrongLicences)
  say(`not allowed: ${name} ${version}: ${licence || "no licence is stated"}`);

const faults = [...lockFaults(lock, manifest), ...manifestFaults(manifest)];
for (const fault of faults) say(`lockfile: ${fault}`);
const scripts = Object.keys(manifest.allowScripts).join(", ");
say(`\nlockfile: ${all.length} packages, ${faults.length} faults; scripts of ${scripts} alone`);

const audited = offline
  ? ({ is: "not-audited", why: "--offline" } as const)
  : audit(registry === undefined ? [] : ["--registry", registry]);
const found = audited.is === "audited" ? audited.found : [];
if (audited.is === "not-audited") say(`NOT AUDITED for known faults: ${audited.why}`);
else say(`known faults: ${found.length}`);
for (const { name, severity, range } of found) say(`   ${severity}: ${name} ${range}`);

if (values.bundles) {
  say("building what runs in production");
  say(`\n${weightTable(await weigh())}`);
}

const bill = billOfMaterials();
await mkdir(join(root, "dist"), { recursive: true });
await writeFile(join(root, "dist/sbom.cdx.json"), bill);
const sbom = createHash("sha256").update(bill).digest("hex");
say(`\nbill of materials: dist/sbom.cdx.json, sha256 ${sbom}`);

const isUnaudited = audited.is === "not-audited";
const wrong = wrongLicences.length + faults.length + found.length;
const result = {
  ...{ name: "supply", packages: all.length, shipped: shipped.size },
  ...{ licencesRefused: wrongLicences.length, lockFaults: faults.length },
  ...{ audited: !isUnaudited, advisories: found.length, sbom },
};
say(`RESULT ${JSON.stringify(result)}`);
process.exit(wrong > 0 || (isUnaudited && values["demand-audit"]) ? 1 : 0);

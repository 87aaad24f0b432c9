/**
 * What the lockfile says of everybody else's code here: under which licence it is, whether its bytes
 * are known beforehand, and whether it may run anything when it is installed. Nothing is asked of
 * anybody: all of it stands in package-lock.json.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
/** By place: `node_modules/a`, `node_modules/a/node_modules/b`. */
export type Lock = Readonly<Record<string, Locked>>;

export interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const jsonAt = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));
export const readLock = (): Lock => {
  const { "": _, ...packages } = jsonAt("package-lock.json").packages as Record<string, Locked>;
  return packages;
};
export const readManifest = (): Manifest => jsonAt("package.json");

export const nameAt = (place: string): string =>
  place.slice(place.lastIndexOf("node_modules/") + 13);

/** What reaches members or runs at Cloudflare. All of these let it be passed on under our own terms. */
export const shippedLicences: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

/** Besides, of tools: they build and test, and no byte of them is passed on. By licence, why. */
export const toolLicences: ReadonlyMap<string, string> = new Map([
  ["CC-BY-4.0", "tables of what browsers can do; named as their source where they are published"],
  ["LGPL-3.0-or-later", "libvips, which the local runtime loads as it is"],
  ["MPL-2.0", "lightningcss and axe-core, used unchanged"],
  ["Python-2.0", "a parser of arguments"],
]);

/** Whether an SPDX expression of AND, OR and brackets comes to what is allowed. */
export function isAllowed(expression: string, allowed: (id: string) => boolean): boolean {
  const text = expression.trim();
  const inner = /\(([^()]*)\)/.exec(text);
  if (inner !== null) {
    const [whole, part = ""] = inner;
    const yes = isAllowed(part, allowed);
    const rest = text.replace(whole, yes ? "YES" : "NO");
    return isAllowed(rest, (id) => id === "YES" || (id !== "NO" && allowed(id)));
  }
  return text
    .split(/ OR /)
    .some((each) => each.split(/ AND /).every((id) => id !== "" && allowed(id.trim())));
}

/** Where a package finds what it names: beside it, or in a folder above. */
function placeOf(lock: Lock, name: string, from: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const place = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (lock[place] !== undefined) return place;
    if (at === "") return null;
  }
}

/** Places of these packages and of everything that they name. */
export function closure(lock: Lock, names: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const walk = (name: string, from: string): void => {
    const place = placeOf(lock, name, from);
    if (place === null || found.has(place)) return;
    found.add(place);
    const { dependencies = {}, peerDependencies = {} } = lock[place] ?? {};
    for (const next of Object.keys({ ...peerDependencies, ...dependencies })) walk(next, place);
  };
  for (const name of names) walk(name, "");
  return found;
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** Rooms whose code is bundled into a worker or a page. */
const shippedRooms = [
  ...["workers", "durable-objects", "kernel", "providers", "domain", "client", "web"],
];
/** What builds the pages, and is no part of them. */
const isTool = (file: string): boolean => file.endsWith("vite.config.ts");

/** Packages that the code which is deployed names. */
export function importedPackages(): Set<string> {
  const names = new Set<string>();
  for (const room of shippedRooms)
    for (const entry of readdirSync(join(root, room), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || isTool(entry.name)) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
      for (const [, specifier = ""] of text.matchAll(/(?:from|import\()\s*"([^".][^"]*)"/g))
        if (!/^(node|cloudflare):/.test(specifier)) names.add(packageOf(specifier));
    }
  return names;
}

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly isShipped: boolean;
  readonly isAllowed: boolean;
}

export function licences(lock: Lock, shipped: ReadonlySet<string>): Licensed[] {
  return Object.entries(lock).map(([place, { version = "", license = "" }]) => {
    const isShipped = shipped.has(place);
    const mayBe = (id: string) => shippedLicences.has(id) || (!isShipped && toolLicences.has(id));
    const name = nameAt(place);
    return { name, version, licence: license, isShipped, isAllowed: isAllowed(license, mayBe) };
  });
}

/** What is wrong with it, one line each. */
export function lockFaults(lock: Lock, { allowScripts }: Pick<Manifest, "allowScripts">): string[] {
  const faults: string[] = [];
  const scripted = new Set<string>();
  for (const [place, each] of Object.entries(lock)) {
    if (each.link === true) faults.push(`${place} is a link`);
    // Of what a registry has, only the version is written here; git and addresses always say where.
    if (each.resolved !== undefined) faults.push(`${place} is of ${each.resolved}, no registry's`);
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(each.integrity ?? ""))
      faults.push(`${place} has no SHA-512`);
    if (each.hasInstallScript !== true) continue;
    scripted.add(nameAt(place));
    if (allowScripts[nameAt(place)] !== true)
      faults.push(`${place} runs a script when it is installed`);
  }
  for (const name of Object.keys(allowScripts))
    if (!scripted.has(name)) faults.push(`${name} may run a script and has none`);
  return faults;
}

/** Versions are exact: a range would leave to the day of the install what is installed. */
export const manifestFaults = ({ dependencies, devDependencies }: Manifest): string[] =>
  Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} is "${version}", no exact version`);

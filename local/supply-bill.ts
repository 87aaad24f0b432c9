/**
 * The bill of materials (CycloneDX, JSON) as `npm sbom` writes it from the lockfile. The same lockfile
 * gives the same bytes: what npm adds of the moment and of the machine is replaced or left out.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readManifest } from "./supply-lock.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const bytesMax = 64 * 1024 * 1024;

interface Bill {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A serial number of what it numbers, in the form of RFC 9562 (version 8). */
function serialOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex").slice(0, 32).split("");
  hex[12] = "8";
  hex[16] = "8";
  const at = [0, 8, 12, 16, 20, 32];
  return at
    .slice(1)
    .map((end, i) => hex.slice(at[i], end).join(""))
    .join("-");
}

/** What npm said, without the moment and the machine. */
export function steadyBill(said: string, name: string): string {
  const { serialNumber: _, metadata, components, dependencies, ...bill } = JSON.parse(said) as Bill;
  const steady = {
    ...bill,
    metadata: {
      tools: [{ vendor: "npm", name: "cli" }],
      component: { ...metadata.component, name },
    },
    components: components.toSorted((a, b) => byText(a["bom-ref"], b["bom-ref"])),
    dependencies: dependencies
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.toSorted(byText) }))
      .toSorted((a, b) => byText(a.ref, b.ref)),
  };
  const serialNumber = `urn:uuid:${serialOf(JSON.stringify(steady))}`;
  return `${JSON.stringify({ ...steady, serialNumber }, null, 1)}\n`;
}

/** Throws when npm cannot say it. */
export function billOfMaterials(): string {
  const words = ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"];
  const said = spawnSync("npm", words, { cwd: root, encoding: "utf8", maxBuffer: bytesMax });
  if (said.status !== 0) throw new Error(`npm ${words.join(" ")}: ${said.stderr || said.error}`);
  return steadyBill(said.stdout, readManifest().name);
}

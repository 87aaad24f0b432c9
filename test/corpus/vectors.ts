/**
 * Published vectors, read where they are: each file is judged inside workerd by vector-worker.ts,
 * which runs as the vault would, with nothing bound to it. Every file has to be there, and whole.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { bundle } from "../../local/runtime.ts";
import { table } from "../../local/table.ts";
import type { Judged } from "./vector-worker.ts";

const files = [
  "c2sp_chunked_encryption_aes_256_gcm_test.json",
  "aes_gcm_test.json",
  "hmac_sha256_test.json",
  "hmac_sha512_test.json",
  "hkdf_sha256_test.json",
  "hkdf_sha512_test.json",
  "ed25519_test.json",
];
const logFiles = [
  "rfc6962-merkle/hasher.json",
  "rfc6962-merkle/inclusion.json",
  "rfc6962-merkle/consistency.json",
  "tlog/notes.json",
  "tlog/tiles.json",
  "tlog/witness-protocol.json",
];

const panFiles = ["pan/test-pans.json", "pan/lookalikes.json"];

/** Prints what is wrong, then a table; the exit code, 2 when not every file can be judged. */
export async function runVectors(dir: string): Promise<number> {
  const sources = [
    ...files.map((file) => ({ file, path: join(dir, "wycheproof", file), faultOf })),
    ...logFiles.map((file) => ({ file, path: join(dir, file), faultOf: logFaultOf })),
    ...panFiles.map((file) => ({ file, path: join(dir, file), faultOf: panFaultOf })),
  ];
  const faults = sources.flatMap(({ path, faultOf }) => faultOf(path) ?? []);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) return 2;
  const worker = await startWorker();
  const rows: string[][] = [];
  const sum = { files: sources.length, cases: 0, right: 0, wrong: 0 };
  for (const { file, path } of sources) {
    const { cases, wrong, notes = [] } = await judged(worker, file, path);
    for (const note of notes) process.stdout.write(`${file}: ${note}\n`);
    for (const { tcId, why } of wrong) process.stdout.write(`WRONG ${file} tcId ${tcId}: ${why}\n`);
    rows.push([file, ...[cases, cases - wrong.length, wrong.length].map(String)]);
    sum.cases += cases;
    sum.right += cases - wrong.length;
    sum.wrong += wrong.length;
  }
  await worker.dispose();
  process.stdout.write(`${table(["file", "cases", "right", "wrong"], rows)}\n`);
  process.stdout.write(`RESULT ${JSON.stringify(sum)}\n`);
  return sum.wrong === 0 ? 0 : 1;
}

/** Why a file cannot be judged. */
function faultOf(path: string): string | null {
  if (!existsSync(path)) return `There is no ${path}.`;
  try {
    const { numberOfTests, testGroups } = JSON.parse(readFileSync(path, "utf8"));
    const cases = testGroups.flatMap(({ tests }: { tests: unknown[] }) => tests).length;
    return cases > 0 && cases === numberOfTests
      ? null
      : `${path} has ${cases} vectors and says ${numberOfTests}.`;
  } catch {
    return `${path} is no file of vectors.`;
  }
}

/** Files of proofs say how many there are; the others have to be at least what they are called. */
function logFaultOf(path: string): string | null {
  if (!existsSync(path)) return `There is no ${path}.`;
  try {
    const { count, probes, ...others } = JSON.parse(readFileSync(path, "utf8"));
    if (probes !== undefined)
      return count > 0 && probes.length === count
        ? null
        : `${path} has ${probes.length} vectors and says ${count}.`;
    const fields = ["leaf", "cases", "go_paths", "add_checkpoint_rules"];
    const isWhole = fields.some((field) => others[field]?.length > 0);
    return isWhole ? null : `${path} is no file of vectors.`;
  } catch {
    return `${path} is no file of vectors.`;
  }
}

function panFaultOf(path: string): string | null {
  if (!existsSync(path)) return `There is no ${path}.`;
  try {
    const { count, items } = JSON.parse(readFileSync(path, "utf8"));
    return count > 0 && items.length === count
      ? null
      : `${path} has ${items.length} items and says ${count}.`;
  } catch {
    return `${path} is no file of items.`;
  }
}

async function startWorker(): Promise<Miniflare> {
  const contents = await bundle(join(import.meta.dirname, "vector-worker.ts"));
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      name: "vectors",
      modules: [{ type: "ESModule", path: "vectors.mjs", contents }],
      compatibilityDate: "2026-10-01",
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      telemetry: { enabled: false },
    }),
  );
  await worker.ready;
  return worker;
}

async function judged(worker: Miniflare, file: string, path: string): Promise<Judged> {
  const body = readFileSync(path);
  const response = await worker.dispatchFetch(`http://vectors/${file}`, { method: "POST", body });
  if (!response.ok) throw new Error(`${file} was not judged: ${await response.text()}`);
  return (await response.json()) as Judged;
}

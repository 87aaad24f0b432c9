/**
 * Sealed values too large for a row, each an object under a random name that its row points at. An
 * object is listed as a possible orphan before it is written or before its row may let go of
 * it, in the same batch as that; so no crash leaves one that nobody would find.
 */
import { base64Url } from "../../kernel/hmac.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { Bytes } from "./chunked.ts";
import type { Vault } from "./env.ts";

/** Sealed values above this go to an object. */
const streamBytesInDatabaseMax = 65_536;

const nameBytes = 24;
const orphanAgeMs = 3_600_000;
const objectsPerSweep = 500;
const sweepsPerRun = 20;

export type Kept =
  | { readonly body: Bytes; readonly object: null }
  | { readonly body: null; readonly object: string };

/** Where these sealed bytes go; the large ones are written as objects before this returns. */
export async function keepBytes(
  vault: Vault,
  sealed: readonly Bytes[],
  nowMs: number,
  inDatabaseMax = streamBytesInDatabaseMax,
): Promise<Kept[]> {
  const kept = sealed.map(
    (bytes): Kept =>
      bytes.length <= inDatabaseMax
        ? { body: bytes, object: null }
        : { body: null, object: base64Url(vault.random(nameBytes)) },
  );
  const names = kept.flatMap((k) => (k.object === null ? [] : [k.object]));
  if (names.length === 0) return kept;
  await vault.phi
    .prepare("INSERT INTO orphan (object, since) SELECT value, ? FROM json_each(?)")
    .bind(nowMs, JSON.stringify(names))
    .run();
  await Promise.all(
    kept.map(async ({ object }, i) => {
      const bytes = sealed[i];
      if (object !== null && bytes !== undefined) await vault.objects.put(object, bytes);
    }),
  );
  return kept;
}

/** Null when it is gone. */
export async function objectBytes(vault: Vault, name: string): Promise<Bytes | null> {
  const stored = await vault.objects.get(name);
  return stored === null ? null : new Uint8Array(await stored.arrayBuffer());
}

/** A range of it, which must not be empty; null when the object is gone. */
export async function objectRange(
  vault: Vault,
  name: string,
  offset: number,
  length: number,
): Promise<Bytes | null> {
  const stored = await vault.objects.get(name, { range: { offset, length } });
  return stored === null ? null : new Uint8Array(await stored.arrayBuffer());
}

/** Best effort: what fails here is left to the sweep. */
export async function tidyObjects(vault: Vault, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  try {
    await destroyLoose(vault, names);
  } catch (error) {
    logLine({ worker: "vault", event: "tidy", items: names.length, error: errorClass(error) });
  }
}

/** Hourly: destroys what has been loose for an hour. Returns how many objects went. */
export async function sweepOrphans(vault: Vault, nowMs: number): Promise<number> {
  let destroyed = 0;
  for (let i = 0; i < sweepsPerRun; i++) {
    const { results } = await vault.phi
      .prepare("SELECT object FROM orphan WHERE since < ? ORDER BY since LIMIT ?")
      .bind(nowMs - orphanAgeMs, objectsPerSweep)
      .all<{ object: string }>();
    const names = results.map((row) => row.object);
    if (names.length > 0) destroyed += await destroyLoose(vault, names);
    if (names.length < objectsPerSweep) break;
  }
  return destroyed;
}

const pointedAt = `(EXISTS (SELECT 1 FROM sealed WHERE sealed.object = orphan.object)
  OR EXISTS (SELECT 1 FROM parked WHERE parked.object = orphan.object)
  OR EXISTS (SELECT 1 FROM export_file WHERE export_file.object = orphan.object))`;
const isOneOf = "orphan.object IN (SELECT value FROM json_each(?))";

/**
 * 1. those that a row points at are no orphans        nothing is lost: they are in use
 * 2. the others are destroyed                         they stay listed, and destroying again is fine
 * 3. and taken off the list
 */
async function destroyLoose(vault: Vault, names: readonly string[]): Promise<number> {
  const asked = JSON.stringify(names);
  const [, rest] = await vault.phi.batch<{ object: string }>([
    vault.phi.prepare(`DELETE FROM orphan WHERE ${isOneOf} AND ${pointedAt}`).bind(asked),
    vault.phi.prepare(`SELECT object FROM orphan WHERE ${isOneOf}`).bind(asked),
  ]);
  const loose = (rest?.results ?? []).map((row) => row.object);
  for (let at = 0; at < loose.length; at += objectsPerSweep)
    await vault.objects.delete(loose.slice(at, at + objectsPerSweep));
  if (loose.length > 0)
    await vault.phi
      .prepare(`DELETE FROM orphan WHERE ${isOneOf}`)
      .bind(JSON.stringify(loose))
      .run();
  return loose.length;
}

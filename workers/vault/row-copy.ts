/**
 * Copies of what survived an erasure of less than a member, as it was sealed anew: in an older copy
 * of the database it is under a data key that is destroyed. Ciphertext, beside the large sealed
 * values; only a restore reads it. A copy whose data key goes is dropped with it.
 *
 *   copy/rows/<member>/<data key>/<part>
 */
import type { Vault } from "./env.ts";
import type { Generation } from "./keyring.ts";
import { keepLease, type Lease } from "./lease.ts";
import { putBack, type Survivor, sealedUnder } from "./survivors.ts";

const rowsPerPart = 100;
const partDigits = 6;
/** The lease, two looks and the part. */
const callsPerPart = 4;
const listedMax = 1_000;
const pagesMax = 1_000;
/** As far back as a database can be put. */
const keptForMs = 30 * 86_400_000;

const prefixOf = (member: string): string => `copy/rows/${member}/`;
const partName = (member: string, keyId: string, part: number): string =>
  `${prefixOf(member)}${keyId}/${String(part).padStart(partDigits, "0")}`;
const keyIdIn = (member: string, name: string): string =>
  name.slice(prefixOf(member).length).split("/")[0] ?? "";

/**
 * What is sealed under the connection's live key, under a lease; throws `LeaseLost`. False when the
 * budget was used up: asked again, it goes on behind the last part that is there. What is written
 * meanwhile in front of that is as if written after the copy.
 */
export async function copySurvivors(
  vault: Vault,
  lease: Lease,
  connection: string,
  now: () => number,
  budget: { calls: number },
): Promise<boolean> {
  const { member, generation } = lease;
  const keyId = await vault.keyring.database
    .prepare(
      `SELECT key_id FROM data_key
       WHERE member = ? AND generation = ? AND connection = ? AND retired = 0`,
    )
    .bind(member, generation, connection)
    .first<string>("key_id");
  if (keyId === null) return true;
  let { part, after } = await placeOf(vault, member, keyId);
  for (; part === 0 || after !== null; part++) {
    if (budget.calls <= 0) return false;
    budget.calls -= callsPerPart;
    await keepLease(vault, lease, now());
    const page: Awaited<ReturnType<typeof sealedUnder>> = await sealedUnder(
      vault,
      member,
      keyId,
      after,
      rowsPerPart,
    );
    if (page.items.length > 0)
      await vault.objects.put(partName(member, keyId, part), JSON.stringify(page.items), {
        customMetadata: { madeAt: String(now()), next: page.next ?? "" },
      });
    after = page.next;
  }
  return true;
}

/** Where the copy under a key goes on: the next part, and what it begins after. */
async function placeOf(vault: Vault, member: string, keyId: string) {
  let place: { part: number; after: string | null } = { part: 0, after: null };
  for await (const { key, customMetadata } of listed(vault, member))
    if (keyIdIn(member, key) === keyId)
      place = { part: Number(key.split("/").at(-1)) + 1, after: customMetadata?.next || null };
  return place;
}

/**
 * Of one member, by data key. They are listed first, `mayStill` throws when somebody else may have
 * written more since, and only what was listed goes. Returns how many.
 */
export async function dropRowCopies(
  vault: Vault,
  member: string,
  isDropped: (keyId: string) => boolean,
  mayStill: () => Promise<void> = async () => {},
): Promise<number> {
  const names: string[] = [];
  for await (const { key } of listed(vault, member))
    if (isDropped(keyIdIn(member, key))) names.push(key);
  if (names.length > 0) await mayStill();
  await deleteAll(vault, names);
  return names.length;
}

/** Those that no restore can need any more. */
export async function pruneRowCopies(vault: Vault, member: string, nowMs: number): Promise<number> {
  const names: string[] = [];
  for await (const { key, customMetadata } of listed(vault, member))
    if (Number(customMetadata?.madeAt) < nowMs - keptForMs) names.push(key);
  await deleteAll(vault, names);
  return names.length;
}

/** Puts a member's survivors back; those only that a key of this generation opens. */
export async function putBackRows(vault: Vault, of: Generation, nowMs: number): Promise<number> {
  const { results } = await vault.keyring.database
    .prepare("SELECT key_id FROM data_key WHERE member = ? AND generation = ?")
    .bind(of.member, of.generation)
    .all<{ key_id: string }>();
  const opened = new Set(results.map((row) => row.key_id));
  let count = 0;
  for await (const { key } of listed(vault, of.member)) {
    if (!opened.has(keyIdIn(of.member, key))) continue;
    const part = await vault.objects.get(key);
    if (part !== null) count += await putBack(vault, await part.json<Survivor[]>(), nowMs);
  }
  return count;
}

async function* listed({ objects: bucket }: Vault, member: string): AsyncGenerator<R2Object> {
  let after = "";
  for (let page = 0; page < pagesMax; page++) {
    const { objects, truncated } = await bucket.list({
      prefix: prefixOf(member),
      limit: listedMax,
      include: ["customMetadata"],
      ...(after === "" ? {} : { startAfter: after }),
    });
    yield* objects;
    const last = objects.at(-1);
    if (!truncated || last === undefined) return;
    after = last.key;
  }
  throw new Error("a member has too many copies");
}

async function deleteAll({ objects }: Vault, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += listedMax)
    await objects.delete(names.slice(at, at + listedMax));
}

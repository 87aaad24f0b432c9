/**
 * Erasing a member in the vault. What stays: the tombstone, the person's digest with the time up to
 * which their tokens are refused, and the log. Asking again after a crash goes on where it stopped.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { ErasureStep } from "../../domain/ports.ts";
import { appendOutcome, type Deed, intentOf } from "./audit.ts";
import type { Vault } from "./env.ts";
import { tidyObjects } from "./sealed-object.ts";

/**
 * 1. tombstone, refusal of older tokens, intent     from here on nothing is sealed or opened
 * 2. every key is destroyed                         the ciphertext that is left opens for nobody
 * 3. rows go, their objects listed as orphans       the sweep destroys what the next step does not
 * 4. objects are destroyed
 * 5. the outcome is appended                        the log shows the erasure as unknown
 */
export async function forgetMember(vault: Vault, member: MemberId): Promise<ErasureStep[]> {
  const startedAtMs = Date.now();
  const steps: ErasureStep[] = [];
  const done = (step: string, count: number) => steps.push({ step, atMs: Date.now(), count });
  const { phi } = vault;

  const tombstone = await phi.batch<{ seq: number }>([
    phi
      .prepare("UPDATE member SET erased_at = ?, key_id = NULL WHERE id = ? AND erased_at IS NULL")
      .bind(startedAtMs, member),
    phi
      .prepare(
        `UPDATE principal SET not_before = (SELECT erased_at FROM member WHERE id = ?1)
         WHERE member = ?1`,
      )
      .bind(member),
    intentOf(phi, deedOf(member), startedAtMs),
  ]);
  done("tombstone", tombstone[0]?.meta.changes ?? 0);

  done("keys", await vault.keyring.destroyMember(member));

  const { counts, objects } = await deleteRows(vault, member, startedAtMs);
  for (const [step, count] of counts) done(step, count);
  await tidyObjects(vault, objects);
  done("objects", objects.length);

  const intent = tombstone[2]?.results[0]?.seq;
  if (intent === undefined) throw new Error("the erasure was not logged");
  const rows = counts.reduce((n, [, count]) => n + count, 0);
  await appendOutcome(phi, intent, { outcome: "permitted", ground: "own", rows }, Date.now());
  return steps;
}

const deedOf = (member: MemberId): Deed => ({
  action: "delete",
  actor: member,
  actorRole: "member",
  member,
  columns: ["*"],
  purpose: "erasure",
});

const objectsOf = `SELECT object FROM sealed WHERE member = ?1 AND object IS NOT NULL
  UNION SELECT object FROM parked WHERE member = ?1 AND object IS NOT NULL`;

async function deleteRows({ phi }: Vault, member: MemberId, nowMs: number) {
  const all = (table: string) => phi.prepare(`DELETE FROM ${table} WHERE member = ?`).bind(member);
  const results = await phi.batch<{ object: string }>([
    phi.prepare(objectsOf).bind(member),
    phi
      .prepare(
        `INSERT OR IGNORE INTO orphan (object, since)
         SELECT object, ?2 FROM (${objectsOf})`,
      )
      .bind(member, nowMs),
    all("sealed"),
    all("parked"),
    all("consent"),
    all("retraction"),
  ]);
  const count = (i: number) => results[i]?.meta.changes ?? 0;
  return {
    objects: (results[0]?.results ?? []).map((row) => row.object),
    counts: [
      ["sealed", count(2)],
      ["parked", count(3)],
      ["consents", count(4)],
      ["retractions", count(5)],
    ] as const,
  };
}

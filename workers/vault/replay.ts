/**
 * Going through an entry of the journal once more, in a shard that was put back to an older copy.
 * Said again, nothing changes. What the copy has already stays as it is.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { Consent } from "../../domain/ports.ts";
import type { Vault } from "./env.ts";
import { replayErasure } from "./erasure.ts";
import type { Change, JournalEntry } from "./journal.ts";
import { zonesLostUnless } from "./privacy.ts";
import { putBackRows } from "./row-copy.ts";

export async function replayEntry(
  vault: Vault,
  entry: JournalEntry<Change>,
  nowMs: number,
): Promise<void> {
  const { member, scope, atMs } = entry;
  if (scope.kind === "revocation") await revokeAgain(vault, member, scope.consent, atMs);
  else if (scope.kind === "forbid") await forbidAgain(vault, member, scope.consent);
  else if (scope.kind === "zones") await zonesLostUnless(vault.phi, member, scope.revision).run();
  else {
    if (scope.kind !== "member") await rowsBack(vault, member, nowMs);
    await replayErasure(vault, { ...entry, scope }, nowMs);
  }
}

/** A consent that was given after the copy was made is gone as it is. */
async function revokeAgain({ phi }: Vault, member: MemberId, consent: string, atMs: number) {
  await phi
    .prepare("UPDATE consent SET revoked_at = ? WHERE id = ? AND member = ? AND revoked_at IS NULL")
    .bind(atMs, consent, member)
    .run();
}

async function forbidAgain({ phi }: Vault, member: MemberId, consent: Consent): Promise<void> {
  const { grantee, columns } = consent;
  await phi
    .prepare(
      `INSERT OR IGNORE INTO consent (member, id, version, effect, grantee_kind, grantee, columns,
         purpose, granted_at, not_before, not_after)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
       WHERE EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)`,
    )
    .bind(
      ...[member, consent.id, consent.version, consent.effect, grantee.kind, grantee.id],
      ...[JSON.stringify(columns), consent.purpose, consent.grantedAtMs],
      ...[consent.notBeforeMs, consent.notAfterMs],
    )
    .run();
}

async function rowsBack(vault: Vault, member: MemberId, nowMs: number): Promise<void> {
  const generation = await vault.phi
    .prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(member)
    .first<string>("key_id");
  if (generation !== null) await putBackRows(vault, { member, generation }, nowMs);
}

/**
 * A member's privacy zones: sealed like a reading, since they say where somebody lives. Whoever
 * reads another's track needs them too, so nothing but the cut track ever tells of them. When they
 * are lost, the track is nobody's but the member's until they are set again.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal, PrivacyZones } from "../../domain/ports.ts";
import { defaultPrivacyZones, isPrivacyZones } from "../../domain/workouts/privacy-zones.ts";
import { closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { countIfChanged, seqIn, writeEntry } from "./journal.ts";
import { openColumn } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

export const privacyRow = "privacy";
export const privacyColumn = "privacy_zones";

/** Null when none were ever set. What is no zones any more hides everything: it throws. */
export function zonesFrom(text: string | null): PrivacyZones {
  if (text === null) return defaultPrivacyZones;
  const zones: unknown = JSON.parse(text);
  if (!isPrivacyZones(zones)) throw new Error("sealed privacy zones are not in their form");
  return zones;
}

export async function privacyZonesOf(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<PrivacyZones>> {
  const texts = await openColumn(vault, member, privacyColumn, [privacyRow], nowMs);
  if (texts === "busy") return { refused: "busy" };
  if (texts === "forgotten") return { refused: "unauthenticated" };
  return zonesFrom(texts.get(privacyRow) ?? null);
}

/** Of the member, for the batch that decides. */
export const zonesLost = (
  db: Pick<D1DatabaseSession, "prepare">,
  member: string,
): D1PreparedStatement =>
  db.prepare("SELECT 1 FROM member WHERE id = ? AND zones_lost = 1").bind(member);

/** Lost, unless what is sealed is as new as this revision. */
export const zonesLostUnless = (
  phi: D1Database,
  member: string,
  revision: number,
): D1PreparedStatement =>
  phi
    .prepare(
      `UPDATE member SET zones_lost = 1 WHERE id = ?1 AND erased_at IS NULL AND NOT EXISTS
         (SELECT 1 FROM sealed WHERE member = ?1 AND row_id = ?2 AND revision >= ?3)`,
    )
    .bind(member, privacyRow, revision);

/**
 * The last one to set them wins.
 *
 * 1. the intent is in the log                  shown as unknown, those before hold
 * 2. they are sealed                           they hold, shown as unknown; set again, it goes on
 * 3. they are not lost any more, and counted   the same
 * 4. the journal knows                         the same
 * 5. the outcome is in the log                 done
 */
export async function setPrivacyZones(
  vault: Vault,
  member: MemberId,
  zones: PrivacyZones,
  nowMs: number,
): Promise<OrRefusal<PrivacyZones>> {
  if (!isPrivacyZones(zones)) return { refused: "forbidden" };
  const opened = await openEntry(vault, deedOf(member), nowMs);
  if (opened === null) return tooMany;
  const isKept = await keep(vault, member, zones, nowMs);
  const outcome = isKept
    ? { outcome: "permitted", ground: "own" }
    : { outcome: "refused", ground: "no-member" };
  await closeEntry(vault, opened, { ...outcome, rows: 0 });
  return isKept ? zones : { refused: "unauthenticated" };
}

const deedOf = (member: MemberId): Deed => ({
  deed: "set-privacy-zones",
  actor: { id: member, member, roles: ["member"] },
  role: "member",
  member,
  columns: [privacyColumn],
  purpose: "",
});

/** Steps 2 to 4; false for a member who is unknown or erased. */
async function keep(
  vault: Vault,
  member: MemberId,
  zones: PrivacyZones,
  nowMs: number,
): Promise<boolean> {
  const columns = { [privacyColumn]: JSON.stringify(zones) };
  const row = { row: privacyRow, revision: nowMs, columns };
  const outcome = await sealRows(vault, member, ownConnection, [row], nowMs);
  if (outcome === "forgotten") return false;
  const { phi } = vault;
  const [sealed, , counted] = await phi.batch<{ revision: number }>([
    phi
      .prepare("SELECT revision FROM sealed WHERE member = ? AND row_id = ?")
      .bind(member, privacyRow),
    phi.prepare("UPDATE member SET zones_lost = 0 WHERE id = ? AND erased_at IS NULL").bind(member),
    countIfChanged(phi),
  ]);
  const seq = seqIn(counted);
  if (seq === null) return false;
  const revision = sealed?.results[0]?.revision ?? nowMs;
  await writeEntry(vault, { seq, member, scope: { kind: "zones", revision }, atMs: nowMs });
  return true;
}

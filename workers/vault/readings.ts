/**
 * The restricted read: no reading without an entry in the log, whatever crashes, and no reading on
 * a consent that was revoked before the batch that decides.
 */
import { type Decision, decide } from "../../domain/consent.ts";
import type { Consent, OrRefusal, Reading, ReadRequest } from "../../domain/ports.ts";
import { appendIntent, appendOutcome, type Deed, type Outcome } from "./audit.ts";
import { type ConsentRow, livingConsents, rowToConsent } from "./consents.ts";
import type { Vault } from "./env.ts";
import { type Actor, isMemberId, roleOf } from "./principal.ts";
import { type Fetched, fetchSealed, openCell, type Wanted } from "./sealed-read.ts";

/**
 * 1. the intent is appended                       an entry without an outcome: shown as unknown
 * 2. keys and still sealed objects are fetched    the same
 * 3. one primary batch reads consents, tombstone, key generation and ciphertext
 * 4. the decision falls and opens what it permits, without another await on anything outside
 * 5. the outcome is appended                      the entry says unknown, though nothing was handed
 *                                                 out: too much in the log, never too little
 * 6. the readings are handed out
 *
 * An unknown member is refused like one who gave no consent, and logged alike.
 */
export async function read(
  vault: Vault,
  actor: Actor,
  request: ReadRequest,
): Promise<OrRefusal<{ readings: Reading[] }>> {
  if (!isMemberId(request.member)) return { refused: "forbidden" };
  const { phi } = vault;
  const intent = await appendIntent(phi, deedOf(actor, request), Date.now());
  const close = (outcome: Outcome) => appendOutcome(phi, intent, outcome, Date.now());
  const failed = { outcome: "failed", rows: 0 } as const;
  const fetched = await fetchSealed(
    vault,
    request,
    (db) => [livingConsents(db, request.member)],
    Date.now(),
  );
  if (fetched === "busy") {
    await close({ ...failed, ground: "busy" });
    return { refused: "busy" };
  }
  const decision = decideOn(actor, request, fetched);
  if (!decision.permit || !fetched.living) {
    await close({
      outcome: "refused",
      ground: decision.permit ? "no-consent" : decision.ground,
      rows: 0,
    });
    return { refused: "forbidden" };
  }
  let readings: Reading[];
  try {
    readings = await openAll(vault, request, fetched);
  } catch (error) {
    await close({ ...failed, ground: "unopenable" });
    throw error;
  }
  await close({ outcome: "permitted", ground: decision.ground, rows: readings.length });
  return { readings };
}

const deedOf = (actor: Actor, { member, column, purpose }: ReadRequest): Deed => ({
  action: "view",
  actor: actor.id,
  actorRole: roleOf(actor, member),
  member,
  columns: [column],
  purpose,
});

function decideOn(actor: Actor, request: ReadRequest, { alongside }: Fetched): Decision {
  const consents: Consent[] = ((alongside[0]?.results ?? []) as ConsentRow[]).map(rowToConsent);
  return decide(
    {
      actor: actor.id,
      actorRoles: actor.roles,
      member: request.member,
      column: request.column,
      purpose: request.purpose,
      nowMs: Date.now(),
    },
    consents,
  );
}

async function openAll(vault: Vault, wanted: Wanted, { cells }: Fetched): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const cell of cells) {
    const value = await openCell(vault, wanted, cell);
    readings.push({ row: cell.row, column: wanted.column, value });
  }
  return readings;
}

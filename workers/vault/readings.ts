/**
 * The restricted read: no reading without an entry in the log, whatever crashes, and no reading on
 * a consent that was revoked before the batch that decides. One decision for a whole answer.
 */
import type { Outcome } from "../../domain/audit.ts";
import { type Decision, decide } from "../../domain/consent.ts";
import type { OrRefusal, PrivacyZones, ReadAnswer, ReadRequest } from "../../domain/ports.ts";
import { cutTrack } from "../../domain/workouts/privacy-zones.ts";
import type { TrackPoint } from "../../domain/workouts/schema.ts";
import { decodeSeries, isSeries } from "../../domain/workouts/series.ts";
import { type Among, closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import { livingBreakGlass, rowToBreakGlass } from "./break-glass.ts";
import { livingConsents, rowToConsent } from "./consents.ts";
import type { Vault } from "./env.ts";
import { columnIn, decodeGroup } from "./groups.ts";
import { type Actor, isMemberId, roleOf } from "./principal.ts";
import { privacyColumn, privacyRow, zonesFrom, zonesLost } from "./privacy.ts";
import { type PageAsked, pageOf, type Shown } from "./sealed-page.ts";
import {
  type Fetched,
  fetchSealed,
  openCell,
  openCellBytes,
  type SealedCell,
  type Want,
} from "./sealed-read.ts";

const samplesPerPageMax = 50_000;

/**
 * 1. the intent is in the log, durable            an entry without an outcome: shown as unknown
 * 2. keys and still sealed objects are fetched    the same
 * 3. one primary batch reads consents, break-glass, tombstone, key generation and ciphertext
 * 4. the decision falls and opens what it permits, without another await on anything outside
 * 5. the outcome is appended                      the entry says unknown, though nothing was handed
 *                                                 out: too much in the log, never too little
 * 6. the readings are handed out, with the place of their entry
 *
 * An unknown member is refused like one who gave no consent, and logged alike, as nobody's. A track
 * whose privacy zones cannot be opened, or are lost, is nobody's but the member's. `among`: where the
 * actor's own name in the log comes from.
 */
export async function read(
  vault: Vault,
  actor: Actor,
  request: ReadRequest,
  nowMs: () => number,
  among: Among = vault,
): Promise<OrRefusal<ReadAnswer>> {
  if (!isMemberId(request.member)) return { refused: "forbidden" };
  const opened = await openEntry(among, deedOf(actor, request), nowMs());
  if (opened === null) return tooMany;
  const close = (outcome: Outcome) => closeEntry(vault, opened, outcome);
  const failed = { outcome: "failed", rows: 0 } as const;
  const isOwn = actor.id === request.member;
  const page = pageAsked(request, isOwn);
  const fetched = await fetchSealed(
    vault,
    {
      member: request.member,
      wants: wantsOf(isOwn ? request : shownToOthers(request), page, isOwn),
    },
    (db) => [
      livingConsents(db, request.member),
      livingBreakGlass(db, request.member, actor.id),
      zonesLost(db, request.member),
    ],
    nowMs(),
  );
  if (fetched === "busy") {
    await close({ ...failed, ground: "busy" });
    return { refused: "busy" };
  }
  const decision = decideOn(actor, request, fetched, nowMs());
  if (!decision.permit || !fetched.living) {
    const ground = decision.permit ? "no-consent" : decision.ground;
    await close({ outcome: "refused", ground, rows: 0 });
    return { refused: "forbidden" };
  }
  const zones = await zonesFor(vault, request, fetched, isOwn || decision.breakGlass);
  if (zones === "unopenable") {
    await close({ outcome: "refused", ground: "privacy-zones", rows: 0 });
    return { refused: "forbidden" };
  }
  let answer: Omit<ReadAnswer, "entry">;
  try {
    answer = await answerOf(vault, request, page, fetched, zones);
  } catch (error) {
    await close({ ...failed, ground: "unopenable" });
    throw error;
  }
  await close({ outcome: "permitted", ground: decision.ground, rows: answer.readings.length });
  return { entry: opened.place, ...answer };
}

const deedOf = (actor: Actor, { member, column, purpose }: ReadRequest): Deed => ({
  deed: "read-readings",
  actor,
  role: roleOf(actor, member),
  member,
  columns: [column],
  purpose,
});

/** Some sources' values are their member's alone: a consent cannot give what it was not given for. */
function shownToOthers(request: ReadRequest): ReadRequest {
  const own = new Set(request.ownRows);
  return { ...request, rows: request.rows.filter((row) => !own.has(row)) };
}

/** A track that may have to be cut, and samples of a time, show only once the whole is open. */
function pageAsked({ column, span, after, limit }: ReadRequest, isOwn: boolean): PageAsked {
  const sample = Math.max(0, Math.trunc(after?.sample ?? 0) || 0);
  return {
    after: after === null ? null : { row: after.row, sample },
    limit: Math.min(Math.max(1, Math.trunc(limit) || 1), samplesPerPageMax),
    whole: span !== null || (column === "track" && !isOwn),
  };
}

/** The zones are fetched in the batch that decides: what cuts a track is as new as its consent. */
function wantsOf({ column, rows, take }: ReadRequest, page: PageAsked, isOwn: boolean): Want[] {
  const wants: Want[] = [{ column, rows, take, page }];
  if (column !== "track" || isOwn) return wants;
  return [...wants, { column: privacyColumn, rows: [privacyRow], take: "first" }];
}

function decideOn(
  actor: Actor,
  { member, column, purpose }: ReadRequest,
  { alongside }: Fetched,
  nowMs: number,
): Decision {
  const rows = <R>(at: number) => (alongside[at]?.results ?? []) as R[];
  const consents = rows<Parameters<typeof rowToConsent>[0]>(0).map(rowToConsent);
  const breakGlass = rows<Parameters<typeof rowToBreakGlass>[0]>(1).map(rowToBreakGlass);
  const question = { actor: actor.id, actorRoles: actor.roles, member, column, purpose, nowMs };
  return decide(question, consents, breakGlass);
}

/**
 * Null: nothing is cut. The member sees their own, and an emergency the whole way: whoever looks for
 * somebody must not be kept from where they set out or came to rest. That look is flagged and told. A row
 * that is its member's alone is no part of that way: nobody else is shown it, in an emergency either.
 */
async function zonesFor(
  vault: Vault,
  { member, column }: ReadRequest,
  { found, alongside }: Fetched,
  isWhole: boolean,
): Promise<PrivacyZones | null | "unopenable"> {
  if (column !== "track" || isWhole) return null;
  if ((alongside[2]?.results.length ?? 0) > 0) return "unopenable";
  const zones = found[1];
  if (zones === undefined || zones.absent > 0) return "unopenable";
  const [cell] = zones.cells;
  try {
    const columns = cell === undefined ? null : await openCell(vault, member, cell);
    return zonesFrom(columns?.get(privacyColumn) ?? null);
  } catch {
    return "unopenable";
  }
}

async function answerOf(
  vault: Vault,
  request: ReadRequest,
  page: PageAsked,
  { found }: Fetched,
  zones: PrivacyZones | null,
): Promise<Omit<ReadAnswer, "entry">> {
  const { cells = [], rest = null } = found[0] ?? {};
  const shown: Shown[] = [];
  for (const cell of cells) {
    const one = await shownOf(vault, request, cell, zones);
    if (request.span === null || one.samples.length > 0) shown.push(one);
  }
  const { shown: taken, next } = pageOf(shown, page, rest);
  return { readings: taken.map(readingOf), next };
}

const readingOf = ({ row, column, version, samples }: Shown) => ({
  row,
  column,
  version,
  value: isSeries(column) ? JSON.stringify(samples) : String(samples[0]),
});

/** Only the column that was asked for, of a group that holds several. */
async function shownOf(
  vault: Vault,
  { member, column, span }: ReadRequest,
  cell: SealedCell,
  zones: PrivacyZones | null,
): Promise<Shown> {
  const { row, group, version, range } = cell;
  const bytes = await openCellBytes(vault, member, cell);
  if (!isSeries(group)) {
    const [name, ...texts] = columnIn(decodeGroup(group, bytes), column) ?? [column];
    return { row, column: name, version, range, samples: texts };
  }
  const samples: readonly { readonly t: number }[] = decodeSeries(group, bytes);
  const cut = zones === null ? samples : cutTrack(samples as readonly TrackPoint[], zones);
  const within = span === null ? cut : cut.filter(({ t }) => span.fromMs <= t && t <= span.toMs);
  return { row, column: group, version, range, samples: within };
}

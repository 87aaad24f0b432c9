/**
 * Aggregates for whoever asks with a token: no look without an entry in the log, whatever crashes, and
 * none on a consent that was revoked before the batch that decides. Who has the answer already, and may
 * still have it, learns that for one look at versions: nothing is opened, and nothing is logged.
 */
import type { Outcome } from "../../domain/audit.ts";
import { decide, sampleColumnOf } from "../../domain/consent.ts";
import type { Digest } from "../../domain/identity.ts";
import {
  type AggregatesAnswer,
  type AggregatesRequest,
  aggregateDaysMax,
  type OrRefusal,
} from "../../domain/ports.ts";
import { isMetric, metricOf } from "../../domain/samples/metrics.ts";
import { addDays, isLocalDate } from "../../domain/time.ts";
import { type Among, closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import { livingBreakGlass, rowToBreakGlass } from "./break-glass.ts";
import { livingConsents, rowToConsent } from "./consents.ts";
import type { Vault } from "./env.ts";
import { type Actor, isMemberId, roleOf } from "./principal.ts";
import { type Gate, markIn, markOf, openDays, versionOf } from "./sample-read.ts";

/**
 * 0. what is known already, and still is so, is said to be so    nothing is opened, no entry
 * 1. the intent is in the log, durable          an entry without an outcome: shown as unknown
 * 2. days are mended and opened (`openDays`), and one primary batch decides
 * 3. the outcome is appended                    the entry says unknown, though nothing was handed out
 * 4. the days are handed out, with the place of their entry
 *
 * One metric that the caller may not see refuses all of them. An unknown member is refused like one
 * who gave no consent, and logged alike, as nobody's.
 */
export async function aggregates(
  vault: Vault,
  digest: Digest,
  actor: Actor,
  asked: AggregatesRequest,
  nowMs: () => number,
  among: Among = vault,
): Promise<OrRefusal<AggregatesAnswer>> {
  // Whatever a consent allows, what somebody aims at is for their own eyes.
  const request = { ...asked, goals: asked.goals === true && actor.id === asked.member };
  if (!isMemberId(request.member)) return { refused: "forbidden" };
  if (!isAskable(request)) return { refused: "invalid" };
  if (await isKnown(vault, digest, actor, request, nowMs))
    return { days: null, goals: null, version: request.knownVersion ?? "", entry: null };
  const opened = await openEntry(among, deedOf(actor, request), nowMs());
  if (opened === null) return tooMany;
  const close = (outcome: Outcome) => closeEntry(vault, opened, outcome);
  const gate = gateFor(actor, request, nowMs);
  let found: Awaited<ReturnType<typeof openDays>>;
  try {
    found = await openDays(vault, digest, request.member, request, gate, nowMs());
  } catch (error) {
    await close({ outcome: "failed", ground: "unopenable", rows: 0 });
    throw error;
  }
  if (found === "busy") {
    await close({ outcome: "failed", ground: "busy", rows: 0 });
    return { refused: "busy" };
  }
  if (found === "refused" || found === "forgotten") {
    const ground = found === "refused" ? gate.ground() : "no-consent";
    await close({ outcome: "refused", ground, rows: 0 });
    return { refused: "forbidden" };
  }
  const { days, goals, version } = found;
  await close({ outcome: "permitted", ground: gate.ground(), rows: days.length });
  return { days, goals, version, entry: opened.place };
}

function isAskable({ metrics, from, to }: AggregatesRequest): boolean {
  if (metrics.length === 0 || !metrics.every(isMetric)) return false;
  if (!isLocalDate(from) || !isLocalDate(to) || to < from) return false;
  return to < addDays(from, aggregateDaysMax);
}

const columnsOf = ({ metrics }: AggregatesRequest) => [
  ...new Set(metrics.map((metric) => sampleColumnOf(metricOf(metric).class))),
];

const deedOf = (actor: Actor, request: AggregatesRequest): Deed => ({
  deed: "read-samples",
  actor,
  role: roleOf(actor, request.member),
  member: request.member,
  columns: columnsOf(request),
  // Nobody's own look is for anything that they would have to allow.
  purpose: actor.id === request.member ? "" : request.purpose,
});

/** Members see their own; of others each class of what is asked for has to be permitted. */
function gateFor(
  actor: Actor,
  request: AggregatesRequest,
  nowMs: () => number,
): Gate & { readonly ground: () => string } {
  const { member, purpose } = request;
  const isOwn = actor.id === member;
  let ground = "own";
  return {
    ground: () => ground,
    statements: (db) =>
      isOwn ? [] : [livingConsents(db, member), livingBreakGlass(db, member, actor.id)],
    permits: (results) => {
      const rows = <R>(at: number) => (results[at]?.results ?? []) as R[];
      const consents = rows<Parameters<typeof rowToConsent>[0]>(0).map(rowToConsent);
      const breakGlass = rows<Parameters<typeof rowToBreakGlass>[0]>(1).map(rowToBreakGlass);
      const asking = { actor: actor.id, actorRoles: actor.roles, member, purpose };
      const decisions = columnsOf(request).map((column) =>
        decide({ ...asking, column, nowMs: nowMs() }, consents, breakGlass),
      );
      const refusal = decisions.find(({ permit }) => !permit);
      ground = (refusal ?? decisions[0])?.ground ?? "no-consent";
      return refusal === undefined;
    },
  };
}

/** False also where they may not see it: then that is said, and logged, as of anything else. */
async function isKnown(
  vault: Vault,
  digest: Digest,
  actor: Actor,
  request: AggregatesRequest,
  nowMs: () => number,
): Promise<boolean> {
  const { member, knownVersion } = request;
  if (knownVersion === null) return false;
  const gate = gateFor(actor, request, nowMs);
  const session = vault.phi.withSession("first-primary");
  const [marked, ...results] = await session.batch([
    markOf(session, member, request),
    ...gate.statements(session),
  ]);
  const mark = markIn(marked);
  if (mark === null || !gate.permits(results)) return false;
  return (await versionOf(digest, member, request, mark)) === knownVersion;
}

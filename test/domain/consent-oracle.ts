/**
 * An oracle for the decision to read that shares no rule with it: every grantee, period and
 * break-glass carries a label, written by hand, that says whom it means or whether it holds. The
 * oracle compares no time and no id, and says of each answer by itself when it is due.
 */
import { type Decision, type ReadQuestion, readPurposes } from "../../domain/consent.ts";
import type { MemberId } from "../../domain/identity.ts";
import {
  type BreakGlass,
  type Consent,
  type Grantee,
  type Role,
  roles,
} from "../../domain/ports.ts";

export const nowMs = 1_000_000;
const [before, after] = [nowMs - 1, nowMs + 1];
const owner = "m_owner" as MemberId;
export const other = "m_other";

export const columnKinds = [
  ...["heart_rate", "track", "title", "notes", "device_name"].map((column) => ({
    column,
    kind: "readable",
  })),
  ...["samples_activity", "samples_vital", "samples_body", "samples_sleep"].map((column) => ({
    column,
    kind: "readable",
  })),
  ...["original_type", "source_id", "raw"].map((column) => ({ column, kind: "own" })),
  ...["glucose", "", "Heart_Rate"].map((column) => ({ column, kind: "unknown" })),
];
const roleSets = Array.from({ length: 1 << roles.length }, (_, bits) =>
  roles.filter((_role, i) => (bits >> i) % 2 === 1),
);

export interface Asked {
  readonly q: ReadQuestion;
  readonly kind: string;
  readonly own: boolean;
  /** Whether they hold that role. */
  readonly auditor: boolean;
  readonly operator: boolean;
}
export const ask = (columns: readonly string[], asPurposes: readonly string[]): Asked[] =>
  [owner, other].flatMap((actor) =>
    roleSets.flatMap((actorRoles) =>
      columnKinds
        .filter(({ column }) => columns.includes(column))
        .flatMap(({ column, kind }) =>
          asPurposes.map((purpose) => ({
            q: { actor, actorRoles, member: owner, column, purpose, nowMs },
            kind,
            own: actor === owner,
            auditor: actorRoles.indexOf("auditor") >= 0,
            operator: actorRoles.indexOf("operator") >= 0,
          })),
        ),
    ),
  );
export const everything = ask(
  columnKinds.map(({ column }) => column),
  [...readPurposes, "marketing", ""],
);
export const questions = ask(
  ["heart_rate", "track", "raw", "glucose"],
  ["coaching", "care", "emergency"],
);

/** Whom each grantee means among those who ask; `nobody` is a name or a role that means none. */
const grantees: readonly { grantee: Grantee; means: "person" | "nobody" | Role }[] = [
  { grantee: { kind: "member", id: other }, means: "person" },
  { grantee: { kind: "member", id: "m_third" }, means: "nobody" },
  { grantee: { kind: "member", id: "coach" }, means: "nobody" },
  { grantee: { kind: "role", id: "coach" }, means: "coach" },
  { grantee: { kind: "role", id: "operator" }, means: "operator" },
  { grantee: { kind: "role", id: "member" }, means: "nobody" },
  { grantee: { kind: "role", id: other }, means: "nobody" },
];
const columnLists = [["heart_rate"], ["track", "raw", "glucose"], []];
const consentPurposes = ["coaching", "emergency"];

interface When {
  readonly times: Pick<Consent, "grantedAtMs" | "notBeforeMs" | "notAfterMs" | "revokedAtMs">;
  readonly holds: boolean;
  /** A forbid is there once it is read, whatever the clock says of when it was granted. */
  readonly holdsForbid: boolean;
}
const granted = [[before, true] as const, [nowMs, true] as const, [after, false] as const];
const notBefore = [...granted, [null, true] as const];
const notAfter = [
  [null, true],
  [before, false],
  [nowMs, true],
  [after, true],
] as const;
const revoked = [
  [null, true],
  [before, false],
  [nowMs, false],
  [after, false],
] as const;
export const whens: When[] = granted.flatMap(([grantedAtMs, a]) =>
  notBefore.flatMap(([notBeforeMs, b]) =>
    notAfter.flatMap(([notAfterMs, c]) =>
      revoked.map(([revokedAtMs, d]) => ({
        times: { grantedAtMs, notBeforeMs, notAfterMs, revokedAtMs },
        holds: a && b && c && d,
        holdsForbid: b && c && d,
      })),
    ),
  ),
);
/** Each edge by itself: at most one time differs from an open consent in force. */
export const edges = whens.filter(
  ({ times: t }) =>
    [t.grantedAtMs !== before, t.notBeforeMs, t.notAfterMs, t.revokedAtMs].filter(Boolean).length <=
    1,
);

export interface Labelled {
  readonly consent: Consent;
  readonly means: "person" | "nobody" | Role;
  readonly holds: boolean;
}
export const written = (
  effects: readonly Consent["effect"][],
  times: readonly When[],
): Labelled[] =>
  effects.flatMap((effect) =>
    grantees.flatMap(({ grantee, means }) =>
      columnLists.flatMap((columns) =>
        consentPurposes.flatMap((purpose) =>
          times.map(({ times: t, holds, holdsForbid }) => ({
            consent: { id: `a-${effect}`, version: 1, effect, grantee, columns, purpose, ...t },
            means,
            holds: effect === "forbid" ? holdsForbid : holds,
          })),
        ),
      ),
    ),
  );

export interface Glass {
  readonly glass: BreakGlass;
  readonly live: boolean;
}
export const glassStates: Glass[] = [owner, "m_third" as MemberId].flatMap((member) =>
  [other, owner, "m_third"].flatMap((operator) =>
    [before, nowMs, after].flatMap((atMs) =>
      [before, nowMs, after].map((untilMs) => ({
        glass: { id: "glass", member, operator, atMs, untilMs },
        live: member === owner && operator === other && atMs !== after && untilMs !== before,
      })),
    ),
  ),
);

/** The least id in force of those with this effect; null when there is none. */
function leastInForce(effect: string, q: ReadQuestion, list: readonly Labelled[]): string | null {
  let least: string | null = null;
  for (const { consent: c, holds, means } of list) {
    const isInForce =
      holds &&
      c.effect === effect &&
      c.purpose === q.purpose &&
      c.columns.indexOf(q.column) >= 0 &&
      means !== "nobody" &&
      (means === "person" || q.actorRoles.indexOf(means) >= 0);
    if (isInForce && (least === null || c.id < least)) least = c.id;
  }
  return least;
}

function leastLive(glasses: readonly Glass[]): string | null {
  let least: string | null = null;
  for (const { glass, live } of glasses)
    if (live && (least === null || glass.id < least)) least = glass.id;
  return least;
}

const strangeColumn: Decision = { permit: false, ground: "unreadable-column" };
const ownReading: Decision = { permit: true, ground: "own", breakGlass: false };
const noAuditor: Decision = { permit: false, ground: "role" };
const noConsent: Decision = { permit: false, ground: "no-consent" };

/**
 * Every answer there is, each with all that it takes; in a sound oracle exactly one is due. Asked
 * millions of times, so it makes nothing that the answer does not need.
 */
export function due(
  { q, kind, own, auditor, operator }: Asked,
  list: readonly Labelled[],
  glasses: readonly Glass[],
) {
  const strange = kind === "unknown" || (kind === "own" && !own);
  const open = !strange && !own && !auditor;
  const urgent = q.purpose === "emergency";
  const forbid = open && !urgent ? leastInForce("forbid", q, list) : null;
  const permit = open && !urgent ? leastInForce("permit", q, list) : null;
  const broken = open && urgent && operator ? leastLive(glasses) : null;
  let answer: Decision | null = null;
  let answers = 0;
  const say = (one: Decision) => {
    answer = one;
    answers++;
  };
  if (strange) say(strangeColumn);
  if (own && !strange) say(ownReading);
  if (auditor && !own && !strange) say(noAuditor);
  if (broken !== null) say({ permit: true, ground: `break-glass:${broken}`, breakGlass: true });
  if (forbid !== null) say({ permit: false, ground: forbid });
  if (permit !== null && forbid === null) say({ permit: true, ground: permit, breakGlass: false });
  if (open && forbid === null && permit === null && broken === null) say(noConsent);
  if (answers !== 1) throw new Error(`${answers} answers are due`);
  return answer as unknown as Decision;
}

/** For the person who asks, in force, of the first column. */
export function open(effect: Consent["effect"]): Labelled {
  const found = written([effect], edges).find(({ means, holds }) => means === "person" && holds);
  if (found === undefined) throw new Error("no such consent");
  return found;
}

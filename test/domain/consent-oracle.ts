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

const least = (ids: readonly string[]) => ids.reduce((a, b) => (b < a ? b : a));

/** Every answer there is, each with all that it takes; in a sound oracle exactly one is due. */
export function due({ q, kind, own }: Asked, list: readonly Labelled[], glasses: readonly Glass[]) {
  const strange = kind === "unknown" || (kind === "own" && !own);
  const auditor = q.actorRoles.indexOf("auditor") >= 0;
  const open = !strange && !own && !auditor;
  const urgent = q.purpose === "emergency";
  const inForce = (effect: string) =>
    list.filter(
      ({ consent: c, holds, means }) =>
        holds &&
        c.effect === effect &&
        c.purpose === q.purpose &&
        c.columns.indexOf(q.column) >= 0 &&
        means !== "nobody" &&
        (means === "person" || q.actorRoles.indexOf(means) >= 0),
    );
  const forbids = open && !urgent ? inForce("forbid") : [];
  const permits = open && !urgent ? inForce("permit") : [];
  const broken =
    open && urgent && q.actorRoles.indexOf("operator") >= 0 ? glasses.filter((g) => g.live) : [];
  const ids = (found: readonly Labelled[]) => found.map(({ consent }) => consent.id);
  const answers: Decision[] = [];
  if (strange) answers.push({ permit: false, ground: "unreadable-column" });
  if (own && !strange) answers.push({ permit: true, ground: "own", breakGlass: false });
  if (auditor && !own && !strange) answers.push({ permit: false, ground: "role" });
  if (broken.length > 0)
    answers.push({
      permit: true,
      ground: `break-glass:${least(broken.map(({ glass }) => glass.id))}`,
      breakGlass: true,
    });
  if (forbids.length > 0) answers.push({ permit: false, ground: least(ids(forbids)) });
  if (permits.length > 0 && forbids.length === 0)
    answers.push({ permit: true, ground: least(ids(permits)), breakGlass: false });
  if (open && forbids.length + permits.length + broken.length === 0)
    answers.push({ permit: false, ground: "no-consent" });
  if (answers.length !== 1) throw new Error(`${answers.length} answers are due`);
  return answers[0] as Decision;
}

/** For the person who asks, in force, of the first column. */
export function open(effect: Consent["effect"]): Labelled {
  const found = written([effect], edges).find(({ means, holds }) => means === "person" && holds);
  if (found === undefined) throw new Error("no such consent");
  return found;
}

/**
 * Who lets the caller read something now. The directory only says where to look; each member's own
 * shard says whether it is so, by the same decision that a read falls under. No reading is opened
 * and none is promised: the read decides again.
 */
import { decide } from "../../domain/consent.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { Consent, OrRefusal, Page, RosterEntry } from "../../domain/ports.ts";
import { type Deed, tooMany, writeWhole } from "./audit.ts";
import { consentsFor, rosterName } from "./consents.ts";
import { type Shards, wholeShardOrNone } from "./env.ts";
import { type Actor, roleOf } from "./principal.ts";
import { namesOf } from "./profile.ts";

const entriesPerPageMax = 100;
/** Pages of hints that lead nowhere, in one answer: beyond it, the next page goes on. */
const hintPagesMax = 10;

/**
 * A page may be short, or empty, and have a next one. A cursor is the last member looked at. That
 * the caller looked, and how many they saw, is in the log before they see it.
 */
export async function roster(
  shards: Shards,
  actor: Actor,
  cursor: string | null,
  limit: number,
  nowMs: number,
): Promise<OrRefusal<Page<RosterEntry>>> {
  const asked = Math.min(Math.max(1, Math.trunc(limit) || 1), entriesPerPageMax);
  const grantees = granteesOf(actor);
  const found: Omit<RosterEntry, "name">[] = [];
  let after: string | null = cursor ?? "";
  for (let page = 0; page < hintPagesMax && after !== null && found.length < asked; page++) {
    const size = asked - found.length;
    const hints = await shards.directory.membersFor(grantees, after, size);
    found.push(...(await confirmed(shards, actor, hints, nowMs)));
    after = hints.length < size ? null : (hints.at(-1) ?? null);
  }
  const members = found.map(({ member }) => member);
  const names = await namesOf(shards, members, nowMs);
  const outcome = { outcome: "permitted", ground: "own", rows: found.length };
  if ((await writeWhole(shards, deedOf(actor), outcome, nowMs)) === null) return tooMany;
  return {
    items: found.map((entry) => ({ ...entry, name: names[entry.member] ?? null })),
    next: after,
  };
}

const deedOf = (actor: Actor): Deed => ({
  deed: "see-roster",
  actor,
  role: roleOf(actor, null),
  member: actor.member,
  columns: [],
  purpose: "",
});

const granteesOf = ({ id, roles }: Actor): string[] => [
  rosterName({ kind: "member", id }),
  ...roles.filter((role) => role !== "member").map((id) => rosterName({ kind: "role", id })),
];

/** In the order of the hints. Members of a shard that is not whole are left out. */
async function confirmed(
  shards: Shards,
  actor: Actor,
  hints: readonly string[],
  nowMs: number,
): Promise<Omit<RosterEntry, "name">[]> {
  const byShard = await shards.directory.shardsOf(hints);
  const answers = await Promise.all(
    [...byShard].map(async ([shard, members]) => {
      const vault = await wholeShardOrNone(shards, shard, nowMs);
      return vault === null
        ? []
        : [...(await consentsFor(vault, members, granteesOf(actor), nowMs))];
    }),
  );
  const consents = new Map(answers.flat());
  return hints.flatMap((hint) => {
    const member = hint as MemberId;
    const inForce = permitted(actor, member, consents.get(member) ?? [], nowMs);
    return inForce.length === 0 ? [] : [{ member, consents: inForce }];
  });
}

/** The permits that decide something for the actor, each with the columns that it opens. */
function permitted(
  { id: actor, roles: actorRoles }: Actor,
  member: MemberId,
  consents: readonly Consent[],
  nowMs: number,
): Consent[] {
  return consents.flatMap((consent) => {
    const { purpose } = consent;
    const columns = consent.columns.filter((column) => {
      const question = { actor, actorRoles, member, column, purpose, nowMs };
      const isInForce = decide(question, [consent], []).permit;
      return isInForce && decide(question, consents, []).permit;
    });
    return columns.length === 0 ? [] : [{ ...consent, columns }];
  });
}

/**
 * What the edge knows of a member in the open, for the profile in their export: said as the API
 * says it elsewhere, each list up to its bound, the newest first.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { ExportPage } from "../../domain/ports.ts";
import { streams } from "../../domain/streams.ts";
import { formatMoment } from "../../domain/time.ts";
import { everyLinkOf, type Link, memberRow, refusedClaimsOf } from "./members.ts";
import type { Ports } from "./ports.ts";
import { decisionsMax, shownDecision } from "./routes/decisions.ts";
import { shownZone } from "./routes/me.ts";
import { friendsOf, type Joined, joinedByMember } from "./social.ts";

/** Each is a row of the warehouse: beyond what a member is ever told of in the API. */
const refusedClaimsMax = 1_000;

export async function aboutMember(ports: Ports, member: MemberId): Promise<ExportPage["about"]> {
  const [row, links, refusedClaims, decisions, friends, joined] = await Promise.all([
    memberRow(ports, member),
    everyLinkOf(ports, member),
    refusedClaimsOf(ports, member, refusedClaimsMax),
    ports.ledger(streams.workouts, member).decisions(decisionsMax),
    friendsOf(ports, member),
    joinedByMember(ports, member),
  ]);
  return {
    onBoards: row?.settings.onBoards ?? false,
    zones: row?.settings.zones.map(shownZone) ?? [],
    connections: links.map(shownLink),
    refusedClaims,
    decisions: decisions.map(shownDecision),
    friends,
    teams: joined.teams.map(shownJoined),
    challenges: joined.challenges.map(shownJoined),
  };
}

const shownJoined = ({ id, name, joinedAtMs }: Joined) => ({
  ...{ id, name, joined: formatMoment(joinedAtMs) },
});

const shownLink = ({ id, provider, madeAtMs, endedAtMs, forgottenToMs }: Link) => ({
  ...{ id, provider },
  since: formatMoment(madeAtMs),
  ended: endedAtMs === null ? null : formatMoment(endedAtMs),
  forgottenTo: forgottenToMs === null ? null : formatMoment(forgottenToMs),
});

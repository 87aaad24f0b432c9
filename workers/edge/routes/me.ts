/** Becoming a member, a member's settings, and leaving. Signing in alone makes nobody a member. */
import * as z from "zod";
import type { MemberId } from "../../../domain/identity.ts";
import { isRefusal, type MemberSettings, type Zones } from "../../../domain/ports.ts";
import { type AnyStream, streams } from "../../../domain/streams.ts";
import {
  addDays,
  formatMoment,
  type Instant,
  isZone,
  localDate,
  parseMoment,
} from "../../../domain/time.ts";
import { markClosings } from "../../../durable-objects/closed-boards.ts";
import { randomName } from "../../../durable-objects/erasing.ts";
import { announceFrom } from "../../../durable-objects/samples.ts";
import { askedByMember, eraseMember, receipt } from "../erase.ts";
import { isErased, memberRow } from "../members.ts";
import { type Ports, Unavailable } from "../ports.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { configureMember } from "../social.ts";

const zone = z.string().max(64).refine(isZone, "an IANA zone");
const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const zoneHistoryMax = 200;
/** Concurrent changes of one member's settings that one request gives way to. */
const settingsTriesMax = 10;
/** No control characters and no halves of one: others see the name. */
const printable = /^[^\p{Cc}\p{Cs}]*$/u;

const me = z
  .object({
    id: z.string(),
    displayName: z.string().nullable(),
    onBoards: z.boolean().describe("Off until chosen."),
    zones: z.array(z.object({ zone: z.string(), from: z.string().nullable() })),
  })
  .meta({ id: "Me" });

const changes = z
  .object({
    displayName: z.string().trim().min(1).max(60).regex(printable).optional(),
    zone: zone.optional().describe("IANA zone lived in."),
    zoneFrom: moment.optional().describe("Since when; absent: since ever, if it is the first."),
    onBoards: z.boolean().optional(),
  })
  .strict()
  .refine((c) => c.zoneFrom === undefined || c.zone !== undefined, "zoneFrom dates a zone");
type Changes = z.output<typeof changes>;

export const meRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/me",
    tag: "members",
    access: "member",
    audit: { deed: "see-profile", by: "nobody", why: "members see their own profile" },
    summary: "Who I am here",
    answers: { 200: { description: "The member.", schema: me } },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: show,
  }),
  route({
    method: "put",
    path: "/v1/me",
    tag: "members",
    access: "signed-in",
    audit: { deed: "change-profile", by: "edge", also: ["enrol"] },
    summary: "Become a member, or change display name, zone and board choice",
    body: changes,
    answers: { 200: { description: "The member.", schema: me } },
    problems: ["not-json", "invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: put,
  }),
  route({
    method: "delete",
    path: "/v1/me",
    tag: "members",
    access: "member",
    audit: { deed: "erase-member", by: "vault" },
    summary: "Be forgotten: keys destroyed, readings gone, boards corrected",
    answers: { 200: { description: "What was done, step by step.", schema: receipt } },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: leave,
  }),
];

async function show(call: Call<undefined, undefined, undefined>): Promise<Response> {
  return (await describe(call.ports, call.member)) ?? call.fail("not-a-member");
}

async function describe(ports: Ports, member: MemberId): Promise<Response | null> {
  const [row, names] = await Promise.all([memberRow(ports, member), ports.open.names([member])]);
  if (row === null) return null;
  const { onBoards, zones } = row.settings;
  return json({
    id: member,
    displayName: names[member] ?? null,
    onBoards,
    zones: zones.map(shownZone),
  });
}

/** `from` null: since ever. */
export const shownZone = ({ zone, fromMs }: MemberSettings["zones"][number]) => ({
  zone,
  from: fromMs <= 0 ? null : formatMoment(fromMs),
});

/**
 *   1. the vault binds the person to an id          a crash: the next PUT adopts the same id
 *   2. the warehouse keeps person and member        a crash: as above
 *   3. the vault seals the name                     a crash: saying it again writes it again
 *   4. settings get a new version                   a crash: step 5 is made up for by the next PUT,
 *                                                   of boards by the sweep (social.ts)
 *   5. the ledgers take the settings
 *   6. days of samples are made anew where they    a crash: open totals of some are by the former
 *      begin or end elsewhere now                   zone until those days are settled
 */
async function put(call: Call<undefined, undefined, Changes>): Promise<Response> {
  const { ports, caller, token, body, nowMs } = call;
  if (caller === null) return call.fail("unauthenticated");
  const enrolled = await ports.open.enrol(token, caller.member ?? (randomName("m") as MemberId));
  if (isRefusal(enrolled))
    return call.fail(enrolled.refused === "forbidden" ? "forbidden" : "unauthenticated");
  const { member } = enrolled;
  await ports.sql((db) =>
    db.batch([
      db
        .prepare(
          `INSERT INTO member (id, made_at, settings_version, zones, on_boards)
           VALUES (?, ?, 0, '[]', 0) ON CONFLICT DO NOTHING`,
        )
        .bind(member, nowMs),
      db
        .prepare(
          // Bound to whom they were, an erased person could never be anybody again.
          `INSERT INTO person (hash, member) SELECT ?1, ?2 WHERE NOT ${isErased("?2")}
           ON CONFLICT DO NOTHING`,
        )
        .bind(caller.person, member),
    ]),
  );
  if (body.displayName !== undefined) {
    const renamed = await ports.open.rename(token, body.displayName);
    if (isRefusal(renamed)) return call.fail("unauthenticated");
  }
  const { before, zones } = await changeSettings(ports, member, body, nowMs);
  await configureMember(
    ports,
    member,
    Object.values<AnyStream>(streams).filter((s) => s.followsZones),
  );
  if (before.version > 0) await followZones(ports, member, before.zones, zones, nowMs);
  return (await describe(ports, member)) ?? call.fail("unavailable");
}

/**
 * Reads, changes and writes under the version it read; another change in between starts over. Who
 * leaves boards was seen on them until now; closed ones are made anew.
 */
async function changeSettings(
  ports: Ports,
  member: MemberId,
  change: Changes,
  nowMs: Instant,
): Promise<{ readonly before: MemberSettings; readonly zones: MemberSettings["zones"] }> {
  for (let i = 0; i < settingsTriesMax; i++) {
    const row = await memberRow(ports, member);
    const before = row?.settings ?? { version: 0, zones: [], onBoards: false };
    const zones = zonesAfter(before.zones, change);
    const onBoards = change.onBoards ?? before.onBoards;
    const isNew = before.version === 0;
    const [updated] = await ports.sql((db) =>
      db.batch([
        db
          .prepare(
            `UPDATE member SET settings_version = settings_version + 1, zones = ?1, on_boards = ?2,
               shown_until = CASE WHEN on_boards = 1 AND ?2 = 0 THEN ?5 ELSE shown_until END
             WHERE id = ?3 AND erased_at IS NULL AND settings_version = ?4
             RETURNING settings_version`,
          )
          .bind(JSON.stringify(zones), onBoards ? 1 : 0, member, before.version, nowMs),
        ...(isNew || onBoards === before.onBoards ? [] : [markClosings(db, member, nowMs)]),
      ]),
    );
    if (updated?.results.length === 1) return { before, zones };
  }
  throw new Unavailable("settings", null);
}

function zonesAfter(zones: MemberSettings["zones"], change: Changes): MemberSettings["zones"] {
  const { zone: moved, zoneFrom } = change;
  if (moved === undefined) return zones;
  const since = zoneFrom === undefined ? null : parseMoment(zoneFrom);
  const fromMs = since?.ok ? since.value.atMs : 0;
  return [...zones.filter((z) => z.fromMs !== fromMs), { zone: moved, fromMs }]
    .sort((a, b) => a.fromMs - b.fromMs)
    .slice(-zoneHistoryMax);
}

/** From the day before the first that may begin or end elsewhere. */
async function followZones(
  ports: Ports,
  member: MemberId,
  before: Zones,
  after: Zones,
  nowMs: Instant,
): Promise<void> {
  const changed = changedFrom(before, after);
  if (changed === null) return;
  const ledger = ports.ledger(streams.samples, member);
  const from = addDays(localDate(changed, 0), -1);
  await announceFrom({ ...ports, ledger }, member, from, after, nowMs);
}

/** When the first differing zone begins, and the first of all holds since ever; null: none differs. */
function changedFrom(before: Zones, after: Zones): Instant | null {
  if (before[0]?.zone !== after[0]?.zone) return 0;
  const only = (these: Zones, those: Zones) =>
    these.filter((a) => !those.some((b) => a.zone === b.zone && a.fromMs === b.fromMs));
  const differing = [...only(before, after), ...only(after, before)].map(({ fromMs }) => fromMs);
  return differing.length === 0 ? null : Math.min(...differing);
}

async function leave(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const erased = await eraseMember(askedByMember(call));
  return isRefusal(erased) ? call.fail(refusalOf(erased)) : json(erased);
}

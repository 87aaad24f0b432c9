/**
 * Links by which members show daily aggregates to somebody without an account. The code is told once,
 * behind the `#` of a link, which browsers send to nobody; it is opened by a POST, so that no server
 * on the way writes it down. Whoever opens one needs no token, and is in the member's log.
 */
import * as z from "zod";
import {
  aggregateDaysMax,
  isRefusal,
  type OpenedShare,
  type Refusal,
  type Share,
  shareDaysDefault,
  shareDaysMax,
} from "../../../domain/ports.ts";
import type { Aggregate, DayAggregates } from "../../../domain/samples/aggregate.ts";
import { type Metric, metricOf, metrics, sleepStages } from "../../../domain/samples/metrics.ts";
import {
  isRecipient,
  recipientCharsMax,
  sharesLivingMax,
} from "../../../domain/samples/share-bounds.ts";
import { fromScaled } from "../../../domain/samples/units.ts";
import { addDays, formatMoment, isLocalDate, msPerDay } from "../../../domain/time.ts";
import { settingsOf } from "../aggregates-read.ts";
import { callerDigest } from "../client-address.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { sharedPage } from "../shared-page.ts";

const codeCharsMax = 64;

const day = z.string().refine(isLocalDate, "a day");
const draft = z
  .object({
    recipient: z
      .string()
      .max(recipientCharsMax)
      .refine(isRecipient, "somebody, without control characters")
      .describe("For whom, in the member's words; whoever has the link sees them."),
    types: z.array(z.enum(metrics)).min(1).max(metrics.length),
    start: day.describe("The first local day that is shown."),
    end: day.describe("The last one."),
    days: z
      .number()
      .int()
      .min(1)
      .max(shareDaysMax)
      .default(shareDaysDefault)
      .describe("How many days the link is good for."),
  })
  .strict()
  .refine(({ start, end }) => start <= end && end < addDays(start, aggregateDaysMax), {
    path: ["end"],
    message: `from start on, ${aggregateDaysMax} days at most`,
  });

const shape = z
  .object({
    id: z.string(),
    recipient: z.string(),
    types: z.array(z.enum(metrics)),
    start: z.string(),
    end: z.string(),
    made: z.string(),
    expires: z.string(),
    revoked: z.string().nullable(),
    opened: z.number().int().describe("How often; each time stands in the access log."),
    lastOpened: z.string().nullable(),
  })
  .meta({ id: "Share" });
const made = shape
  .extend({ link: z.string().describe("Told here and never again.") })
  .meta({ id: "ShareMade" });

const code = z
  .object({ code: z.string().min(1).max(codeCharsMax).describe("What stands behind the `#`.") })
  .strict();
const opened = z
  .object({
    recipient: z.string(),
    types: z.array(z.enum(metrics)),
    start: z.string(),
    end: z.string(),
    expires: z.string(),
    days: z.array(
      z.object({
        date: z.string(),
        metrics: z.partialRecord(
          z.enum(metrics),
          z.object({
            value: z.number().describe("The day's sum, its average by time, or its last reading."),
            unit: z.string().describe("UCUM."),
            min: z.number().describe("The least single reading that counted."),
            max: z.number(),
            count: z.number().int(),
            stages: z.partialRecord(z.enum(sleepStages), z.number()).optional(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "OpenedShare" });

const params = z.object({ id: z.string().max(64) });
const path = "/v1/shares";
const common = { tag: "samples", access: "member" } as const;

export const shareRoutes: readonly Route[] = [
  route({
    ...common,
    method: "get",
    path,
    audit: { deed: "see-shares", by: "nobody", why: "members see what they share themselves" },
    summary: "What I share by links, those that hold first, and how often each was opened",
    answers: {
      200: { description: "Shares.", schema: z.object({ items: z.array(shape), next: z.null() }) },
    },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    ...common,
    method: "post",
    path,
    audit: { deed: "share", by: "vault" },
    summary: `Make a link that shows some metrics of some days; at most ${sharesLivingMax} hold at once`,
    body: draft,
    answers: { 201: { description: "Made.", schema: made } },
    problems: [
      ...(["not-json", "invalid-request", "unauthenticated", "not-a-member"] as const),
      ...(["too-many-shares", "too-many", "unavailable"] as const),
    ],
    handle: share,
  }),
  route({
    method: "post",
    path: `${path}/open`,
    tag: "samples",
    access: "public",
    audit: { deed: "open-share", by: "vault" },
    summary: "See what a link shows, with its code and without an account",
    body: code,
    answers: { 200: { description: "Days that have something.", schema: opened } },
    problems: ["not-json", "invalid-request", "not-found", "too-many", "unavailable"],
    handle: open,
  }),
  route({
    ...common,
    method: "delete",
    path: `${path}/:id`,
    audit: { deed: "revoke-share", by: "vault" },
    summary: "Take a link back, at once",
    params,
    answers: { 200: { description: "Revoked.", schema: z.object({ revoked: z.string() }) } },
    problems: ["unauthenticated", "not-a-member", "not-found", "too-many", "unavailable"],
    handle: revoke,
  }),
  route({
    method: "get",
    path: "/shared",
    tag: "samples",
    access: "public",
    audit: { none: "a page with nothing of anyone's; its script opens the link" },
    summary: "Where a link leads: a page that opens it, for somebody without an account",
    answers: { 200: { description: "A page.", type: "text/html" } },
    problems: [],
    handle: sharedPage,
  }),
];

const orNull = (atMs: number | null) => (atMs === null ? null : formatMoment(atMs));

const shown = (of: Share): z.output<typeof shape> => ({
  ...{ id: of.id, recipient: of.recipient, types: [...of.metrics], start: of.from, end: of.to },
  made: formatMoment(of.madeAtMs),
  expires: formatMoment(of.expiresAtMs),
  revoked: orNull(of.revokedAtMs),
  opened: of.opened,
  lastOpened: orNull(of.lastOpenedMs),
});

async function list(call: Call): Promise<Response> {
  const page = await call.ports.open.shares(call.token);
  if (isRefusal(page)) return call.fail(refusalOf(page));
  return json({ items: page.items.map(shown), next: null });
}

async function share(call: Call<undefined, undefined, z.output<typeof draft>>): Promise<Response> {
  const { recipient, types, start, end, days } = call.body;
  const answer = await call.ports.open.share(call.token, {
    ...{ recipient, metrics: types, from: start, to: end },
    expiresAtMs: call.nowMs + days * msPerDay,
  });
  if (isRefusal(answer)) return whyNot(call, answer);
  const { origin } = new URL(call.request.url);
  return json({ ...shown(answer), link: `${origin}/shared#${answer.code}` }, 201);
}

/** The vault takes no more of either: of shares, or of entries in the log for now. */
async function whyNot(
  { ports, token, nowMs, fail }: Call<undefined, undefined, unknown>,
  refusal: Refusal,
): Promise<Response> {
  if (refusal.refused !== "too-many") return fail(refusalOf(refusal));
  const held = await ports.open.shares(token);
  const living = isRefusal(held)
    ? []
    : held.items.filter((of) => of.revokedAtMs === null && of.expiresAtMs > nowMs);
  return fail(living.length < sharesLivingMax ? "too-many" : "too-many-shares");
}

async function revoke(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const revoked = await call.ports.open.revokeShare(call.token, call.params.id);
  return isRefusal(revoked) ? call.fail(refusalOf(revoked)) : json(revoked);
}

/**
 * Whose it is first: the member's days go by their zones, which are not the vault's to know. A share
 * of somebody erased is one that is not there.
 */
async function open(call: Call<undefined, undefined, z.output<typeof code>>): Promise<Response> {
  const { ports, request, body } = call;
  const from = await callerDigest(ports.digest, request.headers);
  const found = await ports.open.shareMember(body.code, from);
  if (isRefusal(found)) return call.fail(refusalOf(found));
  const { zones } = await settingsOf(call, found.member);
  const answer = await ports.open.openShare(body.code, from, zones);
  return isRefusal(answer) ? call.fail(refusalOf(answer)) : json(shownOpened(answer));
}

const shownOpened = ({
  recipient,
  metrics: types,
  from,
  to,
  expiresAtMs,
  days,
}: OpenedShare): z.output<typeof opened> => ({
  ...{ recipient, types: [...types], start: from, end: to, expires: formatMoment(expiresAtMs) },
  days: days.map(shownDay),
});

const shownDay = ({ date, metrics: of }: DayAggregates) => ({
  date,
  metrics: Object.fromEntries(
    Object.entries(of).map(([metric, day]) => [metric, shownMetric(metric as Metric, day)]),
  ),
});

/** No device, and no time of day: nothing finer than a day. */
function shownMetric(metric: Metric, { value, min, max, count, stages }: Aggregate) {
  const inUnit = (n: number) => fromScaled(metric, n);
  const staged = Object.entries(stages ?? {}).map(([stage, n]) => [stage, inUnit(n)]);
  return {
    ...{ value: inUnit(value), unit: metricOf(metric).unit, min: inUnit(min), max: inUnit(max) },
    ...{ count, ...(stages === null ? {} : { stages: Object.fromEntries(staged) }) },
  };
}

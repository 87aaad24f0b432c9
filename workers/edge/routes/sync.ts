/**
 * A member's own phone delivers a batch of workouts, deletions and samples. A bad item never sinks
 * its batch: it is named by its index and answered as an error beside what was taken. A bad workout is
 * parked as well; a bad sample is not kept: the phone still has it, and was told what to change.
 *
 * The answer is kept for a day under the idempotency key, or under the content where no key comes, so
 * a phone that lost it gets the very same one. What was taken is known for ever, by itself. An answer
 * by which something was forgotten is not kept: once that is lifted, the same body is to be taken.
 */
import * as z from "zod";
import { contentHash } from "../../../domain/identity.ts";
import type { LedgerPort } from "../../../domain/ports.ts";
import { err, ok, type Result } from "../../../domain/result.ts";
import { streams } from "../../../domain/streams.ts";
import type { Instant } from "../../../domain/time.ts";
import { takeSamples, zonesOf } from "../../../durable-objects/samples.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { appleHealth, selfAccount } from "../../../providers/apple-health.ts";
import type { Item, ParseFault } from "../../../providers/provider.ts";
import { readSync, type SyncBody, type SyncFault } from "../../../providers/sync/body.ts";
import { bodyFaults } from "../../../providers/sync/faults.ts";
import { ownConnection } from "../accounts.ts";
import { deliver } from "../deliver.ts";
import type { ConnectionRow } from "../members.ts";
import { readBody } from "../read-body.ts";
import { type Call, json, type Route, route } from "../route.ts";
import {
  isUnderstood,
  syncAnswer,
  type Taken,
  type Told,
  takenOf,
  toldOfSamples,
  withMessages,
} from "../sync-answer.ts";
import { syncBodySaid } from "../sync-body-said.ts";

const headers = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("The member's own. Absent: the same content is the same request."),
});

export const syncRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/sync",
    tag: "members",
    access: "member",
    audit: { deed: "import", by: "edge" },
    summary: "A phone delivers a batch of workouts, deletions and samples",
    headers,
    rawBody: { description: syncBodySaid },
    answers: {
      200: { description: "What was taken, and an account of the rest.", schema: syncAnswer },
    },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "not-a-member",
      "timeout",
      "too-large",
      "unsupported-encoding",
      "not-understood",
      "key-reused",
      "unavailable",
    ],
    handle: sync,
  }),
];

type SyncCall = Call<undefined, undefined, undefined>;

interface Batch {
  readonly items: readonly Item[];
  readonly samples: SyncBody["samples"];
}

/** A body without samples is read as leniently as ever: what is odd about it is an item's own. */
function readBatch(text: string, nowMs: Instant): Result<Batch, ParseFault | SyncFault> {
  const read = readSync(text, nowMs);
  if (read.ok && read.value.rest === null) return ok({ items: [], samples: read.value.samples });
  const parsed = appleHealth.parse(read.ok ? JSON.stringify(read.value.rest) : text);
  if (!parsed.ok) return read.ok || parsed.error === "not-json" ? parsed : read;
  if (!read.ok && parsed.value.unknown > 0) return err(read.error);
  return ok({ items: parsed.value.items, samples: read.ok ? read.value.samples : [] });
}

/** Of a body that was refused as a whole: where it is wrong, if that is one place. */
function refused({ fail }: SyncCall, fault: ParseFault | SyncFault): Response {
  if (fault === "not-json" || fault === "not-understood") return fail(fault);
  return fail("not-understood", { fields: [bodyFaults[fault]] });
}

async function sync(call: SyncCall): Promise<Response> {
  const { ports, member } = call;
  const read = await readBody(call.request, appleHealth.facts.bodyBytesMax);
  if (!read.ok) return call.fail(read.error);
  const text = new TextDecoder().decode(read.value);
  const batch = readBatch(text, call.nowMs);
  if (!batch.ok) return refused(call, batch.error);
  const ledger = answersOf(call, batch.value);
  const { key, body } = await keyOf(call, text);
  const earlier = await ledger.remembered(key);
  if (earlier !== null)
    return earlier.body === body
      ? json(withMessages(JSON.parse(earlier.reply) as Taken))
      : call.fail("key-reused");

  const connection = await ownConnection(ports, appleHealth.name, member, call.nowMs);
  if (typeof connection === "string") return call.fail(connection);
  const [workouts, samples] = await Promise.all([
    takeItems(call, connection, batch.value),
    takeReadSamples(call, connection, batch.value),
  ]);
  const told = [...workouts, ...samples];
  const taken = takenOf(told);
  logLine({
    event: "sync",
    requestId: call.requestId,
    items: told.length,
    recorded: taken.synced + taken.corrected,
    duplicates: taken.duplicates,
    parked: taken.errorDetails.filter((e) => e.in !== "samples").length,
    dropped: taken.errorDetails.filter((e) => e.in === "samples").length,
  });
  if (!isUnderstood(told))
    return call.fail("not-understood", { errorDetails: withMessages(taken).errorDetails });
  if (!told.some(({ outcome }) => outcome === "forgotten"))
    await ledger.remember(key, body, JSON.stringify(taken));
  return json(withMessages(taken));
}

/** Where the answer is kept: beside the workouts if there are any, so that samples alone go past them. */
const answersOf = ({ ports, member }: SyncCall, { items, samples }: Batch): LedgerPort =>
  items.length === 0 && samples.length > 0
    ? ports.ledger(streams.samples, member)
    : ports.ledger(streams[appleHealth.stream], member);

/** A key is its member's: the same one of somebody else is another. */
async function keyOf({ ports, member, request }: SyncCall, text: string) {
  const body = await contentHash(ports.digest, text);
  const said = request.headers.get("idempotency-key");
  const key = said === null ? `body ${member} ${body}` : `key ${member} ${said}`;
  return { key: await contentHash(ports.digest, key), body };
}

async function takeItems(
  { ports, nowMs }: SyncCall,
  connection: ConnectionRow,
  { items }: Batch,
): Promise<Told[]> {
  if (items.length === 0) return [];
  const connections = new Map([[selfAccount, connection]]);
  const outcomes = await deliver(ports, appleHealth, items, connections, nowMs);
  return items.map(({ kind }, i) => ({
    part: kind === "deleted" ? "deleted" : "workouts",
    outcome: outcomes[i] ?? "dropped",
  }));
}

async function takeReadSamples(
  { ports, member }: SyncCall,
  { id, forgottenToMs }: ConnectionRow,
  { samples }: Batch,
): Promise<Told[]> {
  const records = samples.flatMap((sample) => (sample.ok ? [sample.value] : []));
  if (records.length === 0) return toldOfSamples(samples, []);
  const zones = (await zonesOf(ports, [member])).get(member) ?? [];
  const ledger = ports.ledger(streams.samples, member);
  const origin = { member, connection: id, forgottenToMs };
  const outcomes = await takeSamples({ work: ports.work, ledger }, origin, records, zones);
  return toldOfSamples(samples, outcomes);
}

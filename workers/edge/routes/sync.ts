/**
 * A member's own phone delivers a batch. A bad item never sinks its batch: it is parked, named by
 * its index and answered as an error beside what was taken. The answer is kept under the
 * idempotency key, so a phone that lost it gets the very same one.
 */
import { z } from "zod";
import { contentHash } from "../../../domain/identity.ts";
import { addsNothing } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { appleHealth, selfAccount } from "../../../providers/apple-health.ts";
import { ownConnection } from "../accounts.ts";
import { deliver, type ItemOutcome } from "../deliver.ts";
import { readBody } from "../read-body.ts";
import { type Call, json, type Route, route } from "../route.ts";

const headers = z.object({ "idempotency-key": z.string().min(1).max(255) });

const answer = z
  .object({
    synced: z.number().int().describe("Workouts that are new."),
    duplicates: z.number().int().describe("Known already, or older than what is known."),
    corrected: z.number().int(),
    deleted: z.number().int(),
    errors: z.number().int(),
    errorDetails: z.array(
      z.object({
        index: z.number().int().describe("Place in `workouts`, or in `deleted`."),
        in: z.enum(["workouts", "deleted"]),
        code: z.string(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: "SyncAnswer" });

export const syncRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/sync",
    tag: "members",
    access: "member",
    audit: { deed: "import", by: "edge" },
    summary: "A phone delivers a batch of workouts and deletions, in HealthKit's own names",
    headers,
    rawBody: {
      description:
        "{ device: { model, os }, workouts: [{ uuid, workoutActivityType, startDate, endDate, duration, totalDistance?: { value, unit }, totalEnergyBurned?: { value, unit }, sourceName, sourceBundle?, metadata?, route?: [{ t, lat, lon, alt? }], heartRate?: [{ t, bpm }] }], deleted?: [uuid] }; at most 500 of each",
    },
    answers: {
      200: { description: "What was taken, and an account of the rest.", schema: answer },
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

async function sync(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const { ports, member } = call;
  const read = await readBody(call.request, appleHealth.facts.bodyBytesMax);
  if (!read.ok) return call.fail(read.error);
  const text = new TextDecoder().decode(read.value);
  const parsed = appleHealth.parse(text);
  if (!parsed.ok) return call.fail(parsed.error);
  const { items } = parsed.value;

  const ledger = ports.ledger(streams[appleHealth.stream], member);
  const idempotencyKey = call.request.headers.get("idempotency-key") ?? "";
  const key = await contentHash(ports.digest, `key ${member} ${idempotencyKey}`);
  const body = await contentHash(ports.digest, text);
  const earlier = await ledger.remembered(key);
  if (earlier !== null)
    return earlier.body === body ? json(JSON.parse(earlier.reply)) : call.fail("key-reused");

  const connection = await ownConnection(ports, appleHealth.name, member, call.nowMs);
  if (connection === null) return call.fail("unavailable");
  const connections = new Map([[selfAccount, connection]]);
  const outcomes = await deliver(ports, appleHealth, items, connections, call.nowMs);
  const taken = account(
    items.map((i) => i.kind),
    outcomes,
  );
  logLine({
    event: "sync",
    requestId: call.requestId,
    items: items.length,
    recorded: taken.synced + taken.corrected,
    duplicates: taken.duplicates,
    parked: taken.errors,
  });
  const isUnderstood = taken.errorDetails.some(({ code }) => code === "forgotten");
  if (items.length > 0 && taken.errors === items.length && !isUnderstood)
    return call.fail("not-understood", { errorDetails: taken.errorDetails });
  await ledger.remember(key, body, JSON.stringify(taken));
  return json(taken);
}

function account(
  kinds: readonly string[],
  outcomes: readonly ItemOutcome[],
): z.output<typeof answer> {
  const taken = { synced: 0, duplicates: 0, corrected: 0, deleted: 0, errors: 0 };
  const errorDetails: z.output<typeof answer>["errorDetails"] = [];
  const places = { workouts: 0, deleted: 0 };
  outcomes.forEach((outcome, i) => {
    const where = kinds[i] === "deleted" ? "deleted" : "workouts";
    const index = places[where]++;
    if (outcome === "new") taken.synced++;
    else if (outcome === "corrected") taken.corrected++;
    else if (outcome === "retracted") taken.deleted++;
    else if (addsNothing(outcome)) taken.duplicates++;
    else {
      const code = typeof outcome === "object" ? outcome.unreadable : outcome;
      taken.errors++;
      const message =
        code === "forgotten"
          ? "This was erased. It is not taken until you lift that for the connection."
          : `This item was not taken (${code}); it is kept aside and can be replayed.`;
      errorDetails.push({ index, in: where, code, message });
    }
  });
  return { ...taken, errorDetails };
}

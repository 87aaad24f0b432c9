/** For operators: what was parked because it could not be read, and reading it again. */
import * as z from "zod";
import {
  isRefusal,
  type OrRefusal,
  type ParkedEntry,
  type Replayed,
  type ReplayedSamples,
} from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment } from "../../../domain/time.ts";
import { zonesOf } from "../../../durable-objects/samples.ts";
import { recordAll } from "../../../kernel/accept.ts";
import { providerNamed } from "../../../providers/index.ts";
import { forgottenToOf } from "../members.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const parked = z
  .object({
    id: z.string(),
    member: z.string(),
    connection: z.string(),
    provider: z.string(),
    reason: z.string(),
    at: z.string(),
  })
  .meta({ id: "ParkedItem" });

const params = z.object({ id: z.string().max(128) });
const query = pageQuery(200);

export const opsRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/ops/parked",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "see-parked", by: "vault" },
    summary: "Items that could not be read, without their content",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(parked), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: list,
  }),
  route({
    method: "post",
    path: "/v1/ops/parked/:id/replay",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "replay", by: "vault", also: ["unpark"] },
    summary: "Read a parked item again by today's rules",
    params,
    answers: {
      200: {
        description:
          "What came of it; `still` says why it stays parked, or what of it could not be read.",
        schema: z.object({ recorded: z.array(z.string()), still: z.string().nullable() }),
      },
    },
    problems: ["unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: replay,
  }),
];

type OneCall = Call<z.output<typeof params>, undefined, undefined>;

const shown = ({ atMs, ...entry }: ParkedEntry) => ({ ...entry, at: formatMoment(atMs) });

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const page = await call.ports.work.parked(
    call.token,
    call.query.cursor ?? null,
    call.query.limit,
  );
  if (isRefusal(page)) return call.fail(refusalOf(page));
  return json({ items: page.items.map(shown), next: page.next });
}

/**
 * The vault reads and seals; the ledger records; only then is the item no longer parked, if nothing of
 * it is left. What turns out to have happened before an erasure is not recorded: of samples the vault
 * takes none of it, and what it sealed of a workout is taken from it again.
 */
async function replay(call: OneCall): Promise<Response> {
  const { ports } = call;
  const read = await readAgain(call);
  if (isRefusal(read)) return call.fail(refusalOf(read));
  if ("merged" in read) return recordSamples(call, read);
  if ("still" in read) return json({ recorded: [], still: read.still });
  const provider = providerNamed(read.entry.provider);
  if (provider === undefined) return json({ recorded: [], still: "unknown-provider" });
  const { member, connection } = read.entry;
  const toMs = (await forgottenToOf(ports, connection)) ?? Number.NEGATIVE_INFINITY;
  const gone = read.statements.filter((one) => "at" in one && one.at <= toMs);
  const left = read.statements.filter((one) => !gone.includes(one));
  const retractions = gone.map(({ id, revision }) => ({ id, revision, retracted: true as const }));
  if (gone.length > 0) await ports.vault.retract(member, retractions);
  const recorded = [
    ...(await recordAll(ports, streams[provider.stream], member, left)),
    ...gone.map(() => "forgotten" as const),
  ];
  return unpark(call, read.entry, recorded);
}

/** Where its member lives is known here, and whose it is by the vault. */
async function readAgain({ ports, token, params: { id } }: OneCall): Promise<OrRefusal<Replayed>> {
  const read = await ports.work.replay(token, id, null);
  const wanted = "wanted" in read ? read.wanted : undefined;
  if (wanted === undefined) return read;
  const { member, connection } = wanted;
  const zones = (await zonesOf(ports, [member])).get(member) ?? [];
  const forgottenToMs = await forgottenToOf(ports, connection);
  return ports.work.replay(token, id, { zones, forgottenToMs });
}

async function recordSamples(
  call: OneCall,
  { entry, merged: { facts, outcomes }, still }: ReplayedSamples,
): Promise<Response> {
  if (facts.length > 0) await call.ports.ledger(streams.samples, entry.member).record(facts);
  return still === null ? unpark(call, entry, outcomes) : json({ recorded: outcomes, still });
}

async function unpark(
  { ports, token, fail }: OneCall,
  { id }: ParkedEntry,
  recorded: readonly string[],
): Promise<Response> {
  const unparked = await ports.work.unpark(token, id);
  return isRefusal(unparked) ? fail(refusalOf(unparked)) : json({ recorded, still: null });
}

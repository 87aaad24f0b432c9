/**
 * For operators: changes that could not land in the archive, and sending them again. A change is
 * open data only, so it may be looked at, but for what its source keeps to its owner; restricted
 * parts never leave the vault.
 */
import * as z from "zod";
import type { Change } from "../../../domain/ports.ts";
import { streamNamed } from "../../../domain/streams.ts";
import { formatMoment, isLocalDate } from "../../../domain/time.ts";
import { isOwnersAlone } from "../../../domain/workouts/merge.ts";
import { displayFields } from "../../../domain/workouts/schema.ts";
import { ownerOnlyProviders } from "../../../providers/index.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const ledgerCharsMax = 512;
const access = { role: "operator" } as const;

const letter = z
  .object({
    id: z.string(),
    ledger: z.string().describe("`?`: the message names none."),
    seq: z.number().int(),
    stream: z.string().nullable(),
    day: z.string().nullable(),
    bucket: z.number().int().nullable(),
    reason: z.string(),
    at: z.string(),
  })
  .meta({ id: "DeadLetter" });

/** Null: what the queue held was no JSON; `reason` says why it is here. */
function messageOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const params = z.object({ id: z.string().max(ledgerCharsMax * 4) });
const query = pageQuery(200);

export const deadLetterRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/ops/dead-letters",
    tag: "operations",
    access,
    audit: { deed: "see-dead-letters", by: "edge" },
    summary: "Changes that could not be archived, without what they say",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(letter), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/ops/dead-letters/:id",
    tag: "operations",
    access,
    audit: { deed: "see-dead-letters", by: "edge" },
    summary: "A change that could not be archived, as it came, but for what is its owner's alone",
    params,
    answers: {
      200: {
        description:
          "`message` is the whole of it, null if it is no JSON: nothing restricted is ever in one. What its source keeps to its owner is left out.",
        schema: letter.extend({ message: z.unknown() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: show,
  }),
  route({
    method: "post",
    path: "/v1/ops/dead-letters/:id/replay",
    tag: "operations",
    access,
    audit: { deed: "replay-dead-letter", by: "edge" },
    summary: "Have its ledger publish what is true today in its place, under a new number",
    params,
    answers: {
      200: {
        description:
          "`still` says why it stays: malformed (it is no change), or not-held (its ledger holds nothing of the kind).",
        schema: z.object({ replayed: z.boolean(), still: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: replay,
  }),
];

interface Row {
  readonly ledger: string;
  readonly seq: number;
  readonly stream: string | null;
  readonly day: string | null;
  readonly bucket: number | null;
  readonly reason: string;
  readonly parked_at: number;
}
const columns = "ledger, seq, stream, day, bucket, reason, parked_at";

/** "seq.ledger", the ledger's name in base64url: it holds a slash. */
const idOf = ({ seq, ledger }: Row): string => {
  const binary = String.fromCharCode(...new TextEncoder().encode(ledger));
  return `${seq}.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
};

function parseId(id: string): { ledger: string; seq: number } | null {
  const [, seq, name = ""] = /^(\d{1,16})\.([\w-]+)$/.exec(id) ?? [];
  if (seq === undefined || !Number.isSafeInteger(Number(seq))) return null;
  try {
    const binary = atob(name.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return { ledger: new TextDecoder().decode(bytes), seq: Number(seq) };
  } catch {
    return null;
  }
}

const shown = ({ parked_at, ...row }: Row) => ({
  ...row,
  id: idOf({ ...row, parked_at }),
  at: formatMoment(parked_at),
});

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { cursor, limit } = call.query;
  const after = afterCursor(cursor, ["", -1] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(
        `SELECT ${columns} FROM parked_change WHERE (ledger, seq) > (?, ?)
         ORDER BY ledger, seq LIMIT ?`,
      )
      .bind(...after, limit + 1)
      .all<Row>(),
  );
  return json(pageOf(results, limit, (r) => [r.ledger, r.seq], shown));
}

type OneCall = Call<z.output<typeof params>, undefined, undefined>;

async function found(call: OneCall): Promise<(Row & { readonly body: string }) | null> {
  const address = parseId(call.params.id);
  if (address === null) return null;
  return call.ports.sql((db) =>
    db
      .prepare(`SELECT ${columns}, body FROM parked_change WHERE ledger = ? AND seq = ?`)
      .bind(address.ledger, address.seq)
      .first<Row & { body: string }>(),
  );
}

async function show(call: OneCall): Promise<Response> {
  const row = await found(call);
  if (row === null) return call.fail("not-found");
  const { body, ...rest } = row;
  return json({ ...shown(rest), message: withoutOwn(messageOf(body)) });
}

/** As much of a change as tells whose eyes it is for. */
const told = z.looseObject({
  statement: z.looseObject({ provider: z.string(), app: z.string().nullish() }),
});

/** What its owner alone may see is named, with what it takes to find it again, and not shown. */
function withoutOwn(message: unknown): unknown {
  const { data } = told.safeParse(message);
  if (data === undefined) return message;
  const { id, revision, provider, app = null } = data.statement;
  if (isOwnersAlone({ provider, app }, ownerOnlyProviders))
    return { ...data, statement: { id, revision, provider } };
  const kept = displayFields.filter((field) => ownerOnlyProviders.includes(`${provider}/${field}`));
  return kept.length === 0 ? message : { ...data, statement: omitted(data.statement, kept) };
}

const omitted = (statement: Readonly<Record<string, unknown>>, kept: readonly string[]) =>
  Object.fromEntries(Object.entries(statement).filter(([name]) => !kept.includes(name)));

/** As much of a change as its ledger needs to know which one it is. */
const addressed = z.looseObject({
  ledger: z.string().max(ledgerCharsMax),
  seq: z.int().nonnegative(),
  day: z.string().refine(isLocalDate),
  statement: z.looseObject({ id: z.string().min(1).max(ledgerCharsMax) }),
});

/**
 *   1. its ledger queues it under a new number   a crash here: still listed; replayed again, the
 *                                                ledger knows that it went out already
 *   2. the letter goes                           a crash before: as above
 */
async function replay(call: OneCall): Promise<Response> {
  const row = await found(call);
  if (row === null) return call.fail("not-found");
  const change = addressed.safeParse(messageOf(row.body));
  const cut = row.ledger.indexOf("/");
  const stream = streamNamed(row.ledger.slice(0, Math.max(0, cut)));
  if (!change.success || stream === undefined) return json({ replayed: false, still: "malformed" });
  const ledger = call.ports.ledger(stream, row.ledger.slice(cut + 1));
  if (!(await ledger.replay(change.data as unknown as Change)))
    return json({ replayed: false, still: "not-held" });
  await call.ports.sql((db) =>
    db
      .prepare("DELETE FROM parked_change WHERE ledger = ? AND seq = ?")
      .bind(row.ledger, row.seq)
      .run(),
  );
  return json({ replayed: true, still: null });
}

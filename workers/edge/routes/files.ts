/**
 * A member hands over files. Each is unpacked, read, delivered and let go before the next is opened,
 * so one upload never holds more than one of them. A file that cannot be taken never sinks the
 * others: it is answered by its place and its reason, and nothing of its name or content.
 *
 *   1. the body's files are read one at a time        nothing is kept yet
 *   2. each one's sessions are delivered              durable, and again is a duplicate; a crash
 *                                                     here leaves the files before it recorded
 *   3. the answer is kept under the idempotency key   a crash: the repetition answers duplicates
 */
import * as z from "zod";
import { contentHash } from "../../../domain/identity.ts";
import { addsNothing, type LedgerPort } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { readFile } from "../../../providers/files/read.ts";
import {
  type FileNote,
  type FileRead,
  type FileRefusal,
  fileNotes,
  filesMax,
  refusals,
  refusedFile,
  type WorkoutRefusal,
  workoutRefusals,
} from "../../../providers/files/session.ts";
import { type Unpacked, unpack, unpackBudget } from "../../../providers/files/unpack.ts";
import { fileAccount, fileItem, files } from "../../../providers/files.ts";
import { ownConnection } from "../accounts.ts";
import { deliver, type ItemOutcome } from "../deliver.ts";
import type { ConnectionRow } from "../members.ts";
import { readBody } from "../read-body.ts";
import { type Call, json, type Route, route } from "../route.ts";

const headers = z.object({ "idempotency-key": z.string().min(1).max(255).optional() });

const said = z.object({ code: z.string(), message: z.string() });

const answer = z
  .object({
    imported: z.number().int().describe("Workouts that are new."),
    duplicates: z.number().int().describe("Known already, or older than what is known."),
    corrected: z.number().int(),
    errors: z.number().int().describe("Files and workouts that were not taken."),
    files: z.array(
      z.object({
        format: z.enum(["fit", "tcx", "gpx"]).nullable(),
        workouts: z.number().int().describe("Workouts that were read from it."),
        notes: z.array(said),
      }),
    ),
    errorDetails: z.array(
      z
        .object({
          index: z.number().int().describe("Place in `files`."),
          workout: z.number().int().nullable().describe("Place in the file; null: all of it."),
        })
        .extend(said.shape),
    ),
  })
  .meta({ id: "FilesAnswer" });
type Answer = z.output<typeof answer>;

export const fileRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/files",
    tag: "members",
    access: "member",
    audit: { deed: "import", by: "edge" },
    summary: "Import workouts from files: FIT, TCX and GPX, single, gzipped or in a ZIP",
    headers,
    rawBody: {
      description:
        "One file's bytes, whatever they are called, or a form with up to 100 of them. At most 10 MiB as sent, 32 MiB unpacked, 100 files.",
      types: ["application/octet-stream", "multipart/form-data"],
    },
    answers: {
      200: { description: "What was taken, and an account of the rest.", schema: answer },
    },
    problems: [
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
    handle: importFiles,
  }),
];

type FilesCall = Call<undefined, undefined, undefined>;

async function importFiles(call: FilesCall): Promise<Response> {
  const { ports, member } = call;
  const read = await readBody(call.request, files.facts.bodyBytesMax);
  if (!read.ok) return call.fail(read.error);
  const parts = await partsOf(call.request, read.value);
  if (parts === null)
    return call.fail("invalid-request", { fields: [{ field: "body", rule: "multipart" }] });

  const ledger = ports.ledger(streams[files.stream], member);
  const kept = await keptAnswer(call, ledger, parts);
  if (kept?.earlier !== undefined) return kept.earlier;
  const connection = await ownConnection(ports, files.name, member, call.nowMs);
  if (typeof connection === "string") return call.fail(connection);
  const taken = await take(call, connection, parts);
  const { imported, corrected, duplicates, errors, errorDetails } = taken;
  logLine({
    event: "files",
    requestId: call.requestId,
    items: taken.files.length,
    recorded: imported + corrected,
    duplicates,
    parked: errors,
  });
  const isUnderstood = errorDetails.some(({ code }) => code === "forgotten");
  if (imported + corrected + duplicates === 0 && !isUnderstood)
    return call.fail("not-understood", { errorDetails });
  if (kept !== null) await ledger.remember(kept.key, kept.body, JSON.stringify(taken));
  return json(taken);
}

/** The body itself, or the files of a form; null for a form that cannot be taken apart. */
async function partsOf(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array[] | null> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) return [body];
  try {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    const parts: Uint8Array[] = [];
    for (const [, part] of form)
      if (typeof part !== "string") parts.push(new Uint8Array(await part.arrayBuffer()));
    return parts.length > 0 && parts.length <= filesMax ? parts : null;
  } catch {
    return null;
  }
}

interface Kept {
  readonly key: string;
  readonly body: string;
  readonly earlier?: Response;
}

/** Null without a key. A form's boundary differs each time, so its files are compared. */
async function keptAnswer(
  call: FilesCall,
  ledger: LedgerPort,
  parts: readonly Uint8Array[],
): Promise<Kept | null> {
  const idempotencyKey = call.request.headers.get("idempotency-key");
  if (idempotencyKey === null) return null;
  const { digest } = call.ports;
  const key = await contentHash(digest, `files key ${call.member} ${idempotencyKey}`);
  const body = await contentHash(digest, JSON.stringify(await Promise.all(parts.map(sha256))));
  const earlier = await ledger.remembered(key);
  if (earlier === null) return { key, body };
  const same = earlier.body === body;
  return { key, body, earlier: same ? json(JSON.parse(earlier.reply)) : call.fail("key-reused") };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function take(
  call: FilesCall,
  connection: ConnectionRow,
  parts: readonly Uint8Array[],
): Promise<Answer> {
  const taken: Answer = {
    imported: 0,
    duplicates: 0,
    corrected: 0,
    errors: 0,
    files: [],
    errorDetails: [],
  };
  for (const unpacked of filesOf(parts)) {
    const index = taken.files.length;
    const read =
      "refused" in unpacked ? refusedFile(null, unpacked.refused) : readFile(unpacked.bytes);
    const { format, sessions, refused, notes } = read;
    taken.files.push({ format, workouts: sessions.length, notes: notes.map(noteOf) });
    if (refused !== null) refuse(taken, index, refused);
    else if ("bytes" in unpacked)
      (await outcomesOf(call, connection, unpacked.bytes, read)).forEach(account(taken, index));
  }
  return taken;
}

/** All files of all parts, within one count and one budget. */
function* filesOf(parts: readonly Uint8Array[]): Generator<Unpacked> {
  const budget = unpackBudget();
  let count = 0;
  for (const part of parts)
    for (const unpacked of unpack(part, budget)) {
      if (count++ === filesMax) return yield { refused: "too-many-files" };
      yield unpacked;
    }
}

/** Unpacked bytes name a file: it is the same one whether it came alone, gzipped or in a ZIP. */
async function outcomesOf(
  { ports, nowMs }: FilesCall,
  connection: ConnectionRow,
  bytes: Uint8Array,
  { sessions }: FileRead,
): Promise<ItemOutcome[]> {
  const digest = await contentHash(ports.digest, await sha256(bytes));
  const items = sessions.map((session) => fileItem(digest, session));
  return deliver(ports, files, items, new Map([[fileAccount, connection]]), nowMs);
}

const noteOf = (code: FileNote) => ({ code, message: fileNotes[code] });

function refuse(taken: Answer, index: number, code: FileRefusal): void {
  taken.errors++;
  taken.errorDetails.push({ index, workout: null, code, message: refusals[code] });
}

const account = (taken: Answer, index: number) => (outcome: ItemOutcome, workout: number) => {
  if (outcome === "new") taken.imported++;
  else if (outcome === "corrected") taken.corrected++;
  else if (addsNothing(outcome)) taken.duplicates++;
  else {
    const code = codeOf(outcome);
    taken.errors++;
    const kept = code === "forgotten" ? "" : " It is kept aside and can be replayed.";
    taken.errorDetails.push({ index, workout, code, message: workoutRefusals[code] + kept });
  }
};

const codeOf = (outcome: ItemOutcome): WorkoutRefusal => {
  const said = typeof outcome === "object" ? outcome.unreadable : outcome;
  return isWorkoutRefusal(said) ? said : "unreadable";
};
const isWorkoutRefusal = (code: string): code is WorkoutRefusal =>
  Object.hasOwn(workoutRefusals, code);

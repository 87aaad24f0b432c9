/**
 * A member hands over what Spotify keeps of their listening: one file of it or the whole ZIP, as it
 * comes. Files are unpacked one at a time and read an entry at a time, so that an upload of any
 * length holds one file and one batch. What is none of ours in the ZIP is passed over.
 *
 *   1. a file's entries are read, a batch at a time     nothing is kept yet
 *   2. each batch is delivered                          durable, and again is a duplicate; a crash
 *                                                       here leaves the batches before it recorded
 */
import * as z from "zod";
import { addsNothing } from "../../../domain/ports.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { type FileRefusal, refusals } from "../../../providers/files/session.ts";
import { type UnpackBudget, unpack } from "../../../providers/files/unpack.ts";
import type { Item } from "../../../providers/provider.ts";
import { elementsOf } from "../../../providers/spotify/elements.ts";
import {
  entryOf,
  faults,
  fileBytesMax,
  type Skip,
  skips,
  spotify,
  spotifyAccount,
  unpackedBytesMax,
} from "../../../providers/spotify.ts";
import { ownConnection } from "../accounts.ts";
import { deliver, type ItemOutcome } from "../deliver.ts";
import type { ConnectionRow } from "../members.ts";
import { readBody } from "../read-body.ts";
import { type Call, json, type Route, route } from "../route.ts";

/** Delivered at once. */
const batchListens = 500;
/** Of one upload; what is left can be handed over file by file. */
export const listensMax = 50_000;
/** What was not taken is named so far. */
export const namedMax = 100;

const refused = {
  ...refusals,
  ...faults,
  "not-a-history": "It is no listening history of Spotify's.",
  "cut-short": "It ends before its end; what was whole was taken.",
  "too-many-listens": `Of an upload ${listensMax} listens are taken; hand over the rest by file.`,
  unreadable: "A value in it is beyond what a listen can be.",
  forgotten: "It was erased here, and is not taken again.",
  dropped: "The connection ended meanwhile.",
} as const;
type Refused = keyof typeof refused;
const isRefused = (code: string): code is Refused => Object.hasOwn(refused, code);

const answer = z
  .object({
    imported: z.number().int().describe("Listens that are new."),
    corrected: z.number().int(),
    duplicates: z.number().int().describe("Known already, or saying less than what is known."),
    skipped: z.number().int().describe("Entries that are no listens."),
    skippedBy: z
      .record(z.enum(Object.keys(skips) as [Skip, ...Skip[]]), z.number().int())
      .describe("Of these, how many for which reason."),
    errors: z.number().int().describe("Files and entries that were not taken."),
    errorDetails: z
      .array(
        z.object({
          index: z.number().int().describe("Place of the file; 0 where there is but one."),
          entry: z.number().int().nullable().describe("Place in the file; null: all of it."),
          code: z.string(),
          message: z.string(),
        }),
      )
      .describe(`Of the errors the first ${namedMax}.`),
  })
  .meta({ id: "ListensImported" });
type Answer = z.output<typeof answer>;

export const listenImportRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/imports/spotify",
    tag: "members",
    access: "member",
    audit: { deed: "import", by: "edge" },
    summary: "Import listens from Spotify's own files: one of them, or the ZIP as it comes",
    rawBody: {
      description:
        "A file of the extended streaming history or of the account data (JSON), or a ZIP of them. " +
        "At most 16 MiB as sent, 24 MiB a file and 256 MiB in all unpacked, 100 files.",
      types: ["application/json", "application/zip", "application/octet-stream"],
    },
    answers: {
      200: { description: "What was taken, and an account of the rest.", schema: answer },
    },
    problems: [
      "unauthenticated",
      "not-a-member",
      "timeout",
      "too-large",
      "unsupported-encoding",
      "not-understood",
      "unavailable",
    ],
    handle: importSpotify,
  }),
];

type ImportCall = Call<undefined, undefined, undefined>;

async function importSpotify(call: ImportCall): Promise<Response> {
  const read = await readBody(call.request, spotify.facts.bodyBytesMax);
  if (!read.ok) return call.fail(read.error);
  const connection = await ownConnection(call.ports, spotify.name, call.member, call.nowMs);
  if (typeof connection === "string") return call.fail(connection);
  const taken = await take(call, connection, read.value);
  const { imported, corrected, duplicates, skipped, errors, errorDetails } = taken;
  logLine({
    event: "listens-import",
    requestId: call.requestId,
    items: imported + corrected + duplicates + skipped + errors,
    recorded: imported + corrected,
    duplicates,
    parked: errors,
  });
  const isUnderstood = errorDetails.some(({ code }) => code === "forgotten");
  if (imported + corrected + duplicates + skipped === 0 && !isUnderstood)
    return call.fail("not-understood", {
      errorDetails: errorDetails.map(({ index, code, message }) => ({ index, code, message })),
    });
  return json(taken);
}

async function take(
  call: ImportCall,
  connection: ConnectionRow,
  body: Uint8Array,
): Promise<Answer> {
  const upload = new Upload(call, connection);
  const budget: UnpackBudget = { left: unpackedBytesMax, aFile: fileBytesMax };
  let index = 0;
  for (const unpacked of unpack(body, budget)) {
    if ("refused" in unpacked) upload.refuse(index, null, unpacked.refused);
    else if (!(await upload.takeFile(index, unpacked.bytes))) break;
    index++;
  }
  return upload.answer(index);
}

class Upload {
  readonly #call: ImportCall;
  readonly #known: ReadonlyMap<string, ConnectionRow>;
  readonly #answer: Answer = {
    ...{ imported: 0, corrected: 0, duplicates: 0, skipped: 0, errors: 0 },
    skippedBy: { private: 0, "not-music": 0, unnamed: 0, unplayed: 0 },
    errorDetails: [],
  };
  #listens = 0;
  #histories = 0;

  constructor(call: ImportCall, connection: ConnectionRow) {
    this.#call = call;
    this.#known = new Map([[spotifyAccount, connection]]);
  }

  refuse(index: number, entry: number | null, code: FileRefusal | Refused): void {
    this.#answer.errors++;
    if (this.#answer.errorDetails.length === namedMax) return;
    this.#answer.errorDetails.push({ index, entry, code, message: refused[code] });
  }

  /** What stands beside a history in a ZIP is passed over; nothing but that is not understood. */
  answer(files: number): Answer {
    if (this.#histories === 0 && this.#answer.errors === 0)
      for (let index = 0; index < files; index++) this.refuse(index, null, "not-a-history");
    return this.#answer;
  }

  /** False: the upload holds more than may be taken of it. */
  async takeFile(index: number, bytes: Uint8Array): Promise<boolean> {
    const odd: number[] = [];
    let [batch, places]: [Item[], number[]] = [[], []];
    let seen = 0;
    const elements = elementsOf(bytes);
    let next = elements.next();
    for (let entry = 0; !next.done; next = elements.next(), entry++) {
      const read = entryOf(next.value.value);
      if (read === null) odd.push(entry);
      else seen++;
      if (typeof read === "string") this.#skip(read);
      if (read === null || typeof read === "string") continue;
      if (this.#listens === listensMax) break;
      this.#listens++;
      batch.push(read);
      places.push(entry);
      if (batch.length < batchListens) continue;
      await this.#deliver(index, batch, places);
      [batch, places] = [[], []];
    }
    await this.#deliver(index, batch, places);
    // A list of something else, as the account data has many.
    if (seen === 0) return true;
    this.#histories++;
    for (const entry of odd) this.refuse(index, entry, "not-an-object");
    if (next.done && next.value === "cut-short") this.refuse(index, null, "cut-short");
    if (!next.done) this.refuse(index, null, "too-many-listens");
    return next.done === true;
  }

  #skip(why: Skip): void {
    this.#answer.skipped++;
    this.#answer.skippedBy[why]++;
  }

  async #deliver(index: number, items: readonly Item[], places: readonly number[]): Promise<void> {
    if (items.length === 0) return;
    const { ports, nowMs } = this.#call;
    const outcomes = await deliver(ports, spotify, items, this.#known, nowMs);
    outcomes.forEach((outcome, i) => {
      this.#account(index, places[i] ?? 0, outcome);
    });
  }

  #account(index: number, entry: number, outcome: ItemOutcome): void {
    if (outcome === "new") this.#answer.imported++;
    else if (outcome === "corrected") this.#answer.corrected++;
    else if (addsNothing(outcome)) this.#answer.duplicates++;
    else {
      const code = typeof outcome === "object" ? outcome.unreadable : outcome;
      this.refuse(index, entry, isRefused(code) ? code : "unreadable");
    }
  }
}

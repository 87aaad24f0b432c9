/**
 * Everything of a member, to take away: asked for once, staged by the vault a step for each time
 * that its status is asked for, and fetched file by file. The edge reads the open part out of the
 * ledger; what is restricted passes through in the answer to its member and is kept nowhere.
 */
import * as z from "zod";
import { type TakenStream, takenStreams } from "../../../domain/export/index.ts";
import {
  type ExportFile,
  type ExportStatus,
  exportFormats,
  exportsAliveMax,
} from "../../../domain/export-ports.ts";
import { isRefusal, type Refusal } from "../../../domain/ports.ts";
import { formatMoment } from "../../../domain/time.ts";
import { byteRange, rangeAsked } from "../byte-range.ts";
import { aboutMember } from "../export-about.ts";
import { exportPage } from "../export-pages.ts";
import { Unavailable } from "../ports.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

/** Of a file that is longer, the next piece is read, and logged, once this one has left. */
const pieceBytes = 4 * 1_048_576;

const asked = z.strictObject({
  formats: z.array(z.enum(exportFormats)).min(1).max(16).optional(),
});
const params = z.object({ id: z.string().regex(/^x_[\w-]{22}$/, "an export's id") });
const fileParams = params.extend({
  name: z.string().regex(/^[a-z]{1,16}-\d{4,8}\.[a-z]{1,8}$/, "a file's name"),
});

const shape = z
  .object({
    id: z.string(),
    formats: z.array(z.enum(exportFormats)),
    state: z.enum(["staging", "ready"]).describe("Each look at a staging one takes it further."),
    asked: z.string(),
    gone: z.string().describe("From then on it is not there any more."),
    workouts: z.number().int().describe("How many are in it by now."),
    listens: z.number().int().describe("The same."),
    sales: z.number().int().describe("The same."),
    files: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        bytes: z.number().int(),
        sha256: z.string(),
        href: z.string(),
      }),
    ),
  })
  .meta({ id: "Export" });

const countsOf = (items: ExportStatus["items"]) =>
  Object.fromEntries(takenStreams.map((name) => [name, items[name] ?? 0])) as Record<
    TakenStream,
    number
  >;

const shown = ({ id, formats, state, items, ...rest }: ExportStatus): z.output<typeof shape> => ({
  ...{ id, formats: [...formats], state },
  asked: formatMoment(rest.askedAtMs),
  gone: formatMoment(rest.goneAtMs),
  ...countsOf(items),
  files: rest.files.map((file) => ({ ...file, href: `/v1/exports/${id}/files/${file.name}` })),
});

export const exportRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/exports",
    tag: "exports",
    access: "member",
    audit: { deed: "export", by: "vault" },
    summary: "Asks for everything of the caller's, in these formats or in all",
    body: asked,
    answers: { 202: { description: "It is staged as its status is looked at.", schema: shape } },
    problems: [
      ...(["not-json", "invalid-request", "unauthenticated", "not-a-member"] as const),
      ...(["too-many-exports", "too-many", "unavailable"] as const),
    ],
    handle: begin,
  }),
  route({
    method: "get",
    path: "/v1/exports",
    tag: "exports",
    access: "member",
    audit: { deed: "export", by: "nobody", why: "shows members which exports they asked for" },
    summary: "The caller's exports that are not gone, newest first",
    answers: {
      200: { description: "Exports.", schema: z.object({ items: z.array(shape) }) },
    },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/exports/:id",
    tag: "exports",
    access: "member",
    audit: { deed: "export", by: "vault" },
    summary: "How far an export is; each look takes a staging one a step further",
    params,
    answers: { 200: { description: "Its state and its files by now.", schema: shape } },
    problems: [
      ...(["invalid-request", "unauthenticated", "not-a-member", "not-found"] as const),
      ...(["too-many", "unavailable"] as const),
    ],
    handle: look,
  }),
  route({
    method: "get",
    path: "/v1/exports/:id/files/:name",
    tag: "exports",
    access: "member",
    audit: { deed: "read-export", by: "vault" },
    summary: "A file of an export, whole or a byte range of it",
    params: fileParams,
    answers: {
      200: { description: "The file, never cached.", type: "application/octet-stream" },
      206: { description: "The range that was asked for.", type: "application/octet-stream" },
    },
    problems: [
      ...(["invalid-request", "unauthenticated", "not-a-member", "not-found"] as const),
      ...(["range-not-satisfiable", "too-many", "unavailable"] as const),
    ],
    handle: fetchFile,
  }),
  route({
    method: "delete",
    path: "/v1/exports/:id",
    tag: "exports",
    access: "member",
    audit: { deed: "drop-export", by: "vault" },
    summary: "Deletes an export before its time",
    params,
    answers: {
      200: { description: "It is gone.", schema: z.object({ dropped: z.string() }) },
    },
    problems: [
      ...(["invalid-request", "unauthenticated", "not-a-member", "not-found"] as const),
      ...(["too-many", "unavailable"] as const),
    ],
    handle: drop,
  }),
];

async function begin(call: Call<undefined, undefined, z.output<typeof asked>>): Promise<Response> {
  const begun = await call.ports.open.beginExport(call.token, call.body.formats ?? exportFormats);
  if (isRefusal(begun)) return call.fail(await whyNot(call, begun));
  return json(shown(begun), 202, { location: `/v1/exports/${begun.id}` });
}

/** The vault takes no more of either: of exports, or of entries in the log for now. */
async function whyNot(call: Call<undefined, undefined, unknown>, refusal: Refusal) {
  if (refusal.refused !== "too-many") return refusalOf(refusal);
  const alive = await call.ports.open.exports(call.token);
  const isFull = !isRefusal(alive) && alive.items.length >= exportsAliveMax;
  return isFull ? "too-many-exports" : "too-many";
}

async function list(call: Call): Promise<Response> {
  const held = await call.ports.open.exports(call.token);
  return isRefusal(held) ? call.fail(refusalOf(held)) : json({ items: held.items.map(shown) });
}

async function look(call: Call<z.output<typeof params>, undefined, undefined>): Promise<Response> {
  const { token, member, ports } = call;
  const before = await ports.open.exportStatus(token, call.params.id);
  if (isRefusal(before)) return call.fail(refusalOf(before));
  if (before.state === "ready") return json(shown(before));
  const page = await exportPage(ports, member, before.cursor);
  const about = before.step === 0 ? await aboutMember(ports, member) : null;
  const step = { step: before.step, ...page, about };
  const after = await ports.open.stageExport(token, before.id, step);
  return isRefusal(after) ? call.fail(refusalOf(after)) : json(shown(after));
}

async function drop(call: Call<z.output<typeof params>, undefined, undefined>): Promise<Response> {
  const dropped = await call.ports.open.dropExport(call.token, call.params.id);
  return isRefusal(dropped) ? call.fail(refusalOf(dropped)) : json(dropped);
}

type FileCall = Call<z.output<typeof fileParams>, undefined, undefined>;

async function fetchFile(call: FileCall): Promise<Response> {
  const { id, name } = call.params;
  const held = await call.ports.open.exportStatus(call.token, id);
  if (isRefusal(held)) return call.fail(refusalOf(held));
  const file = held.files.find((one) => one.name === name);
  if (file === undefined) return call.fail("not-found");
  const { headers } = call.request;
  const range = byteRange(rangeAsked(headers, etagOf(file)), file.bytes);
  if (range === "unsatisfiable") {
    const refused = call.fail("range-not-satisfiable");
    refused.headers.set("content-range", `bytes */${file.bytes}`);
    return refused;
  }
  const { from, to } = range === "whole" ? { from: 0, to: file.bytes } : range;
  const said = headersOf(file, from, to);
  if (range !== "whole") said.set("content-range", `bytes ${from}-${to - 1}/${file.bytes}`);
  const status = range === "whole" ? 200 : 206;
  if (call.request.method === "HEAD") return new Response(null, { status, headers: said });
  const first = await call.ports.open.exportFile(call.token, id, name, from, sizeOf(from, to));
  if (isRefusal(first)) return call.fail(refusalOf(first));
  said.set("audit-entry", `${first.entry.log}/${first.entry.index}`);
  return new Response(streamed(call, first.bytes, from, to), { status, headers: said });
}

const etagOf = ({ sha256 }: ExportFile): string => `"${sha256}"`;
const sizeOf = (from: number, to: number): number => Math.min(pieceBytes, to - from);

const headersOf = (file: ExportFile, from: number, to: number): Headers =>
  new Headers({
    "content-type": file.type,
    "content-length": String(to - from),
    "content-disposition": `attachment; filename="${file.name}"`,
    "accept-ranges": "bytes",
    // Compressed on its way, its length and its strong ETag would be lost, and with them resuming.
    "cache-control": "no-store, no-transform",
    etag: etagOf(file),
  });

/** Piece after piece, as fast as the member takes them; one that is refused breaks the body off. */
function streamed(call: FileCall, first: Uint8Array, from: number, to: number): BodyInit {
  if (first.length === to - from) return first as Uint8Array<ArrayBuffer>;
  const { id, name } = call.params;
  let at = from;
  let piece: Uint8Array | null = first;
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (piece === null) {
        const next = await call.ports.open.exportFile(call.token, id, name, at, sizeOf(at, to));
        if (isRefusal(next)) throw new Unavailable("vault.open", next.refused);
        piece = next.bytes;
      }
      controller.enqueue(piece);
      at += piece.length;
      piece = null;
      if (at >= to) controller.close();
    },
  });
  const { readable, writable } = new FixedLengthStream(to - from);
  source.pipeTo(writable).catch(() => undefined);
  return readable;
}

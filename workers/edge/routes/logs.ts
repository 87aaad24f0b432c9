/**
 * What everybody may check: which logs there are, by which keys, and their public files as
 * c2sp.org/tlog-tiles lays them out. Hashes only: no entry is in them.
 */
import * as z from "zod";
import { logNumber } from "../log-query.ts";
import { type Call, json, type Route, route } from "../route.ts";

const size = z.number().int().min(0);
const log = z
  .object({
    log: z.number().int(),
    origin: z.string(),
    size: size.describe("Entries, those that are not published yet too."),
    published: size.describe("Size of the signed checkpoint."),
    witnessed: size.describe("Size of the newest checkpoint that the witness co-signed."),
    witnessedNotes: size.describe("How many co-signed checkpoints there are: /witnessed/<n>."),
    key: z.string().describe("Verifier key, as c2sp.org/signed-note says."),
    witnesses: z.array(z.string()),
    url: z.string(),
  })
  .meta({ id: "Log" });

const params = z.object({ log: logNumber });
const fileParams = params.extend({ path: z.string().max(64) });
const fullTile = /^(?:\d|[1-5]\d|6[0-3])\/(?:x\d{3}\/){0,6}\d{3}$/;
const partialTile = /\.p\/(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;
const numbered = /^(?:x\d{3}\/){0,6}\d{3}$/;

const forever = "public, max-age=31536000, immutable";
const never = "no-store";
const octets = "application/octet-stream";
const plain = "text/plain; charset=utf-8";
const audit = { none: "hashes of entries, and who signed them" };

const fileAt = (
  path: string,
  summary: string,
  type: string,
  handle: (call: Call<z.output<typeof fileParams>, undefined, undefined>) => Promise<Response>,
): Route =>
  route({
    method: "get",
    path,
    tag: "audit",
    access: "public",
    audit,
    summary,
    params: fileParams,
    answers: { 200: { description: "Never another one.", type } },
    problems: ["invalid-request", "not-found", "unavailable"],
    handle,
  });

export const logRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/logs",
    tag: "audit",
    access: "public",
    audit: { none: "sizes and public keys" },
    summary: "The logs of who looked, their sizes and the keys that sign them",
    answers: {
      200: {
        description: "All of them.",
        schema: z.object({ items: z.array(log), next: z.null() }),
      },
    },
    problems: ["unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/log/:log/checkpoint",
    tag: "audit",
    access: "public",
    audit,
    summary: "A log's newest signed checkpoint",
    params,
    answers: { 200: { description: "A c2sp.org/tlog-checkpoint.", type: plain } },
    problems: ["invalid-request", "not-found", "unavailable"],
    handle: (call) => file(call, "checkpoint", plain, never),
  }),
  fileAt("/log/:log/tile/:path{.+}", "A hash tile of a log: level, number, width", octets, tile),
  fileAt(
    "/log/:log/witnessed/:path{.+}",
    "A checkpoint that the witness co-signed, by its number",
    plain,
    witnessed,
  ),
];

async function list({ ports }: Call<undefined, undefined, undefined>): Promise<Response> {
  const items = (await ports.log.logs()).map(({ log, origin, status, key, witnesses }) => ({
    log,
    origin,
    size: status.size,
    published: status.published,
    witnessed: status.witnessed,
    witnessedNotes: status.notes,
    key,
    witnesses,
    url: `/log/${log}`,
  }));
  return json({ items, next: null });
}

type FileCall = Call<z.output<typeof fileParams>, undefined, undefined>;

async function tile(call: FileCall): Promise<Response> {
  const { path } = call.params;
  if (!fullTile.test(path.replace(partialTile, ""))) return call.fail("not-found");
  return file(call, `tile/${path}`, octets, partialTile.test(path) ? never : forever);
}

async function witnessed(call: FileCall): Promise<Response> {
  const { path } = call.params;
  if (!numbered.test(path)) return call.fail("not-found");
  return file(call, `witnessed/${path}`, plain, forever);
}

async function file(
  call: Call<z.output<typeof params>, undefined, undefined>,
  path: string,
  type: string,
  kept: string,
): Promise<Response> {
  const bytes = await call.ports.log.file(call.params.log, path);
  if (bytes === null) return call.fail("not-found");
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": type, "cache-control": kept },
  });
}

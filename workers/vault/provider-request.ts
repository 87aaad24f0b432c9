/**
 * One call with a member's token: a path of the provider's, an address that it named, or a record
 * by its own id, which is known here alone.
 */
import type {
  KeptRequest,
  NoRequest,
  ProviderReply,
  ProviderRequest,
  RecordRequest,
} from "../../domain/ports.ts";
import { openKept } from "./kept.ts";
import { addressOf, withoutSecrets } from "./provider-call.ts";
import { askAt, type Line, type Tokens } from "./provider-line.ts";
import { openColumn } from "./sealed-read.ts";
import { isUsable, usableTokens } from "./token-refresh.ts";

const sourceIdColumn = "source_id";

interface Target {
  readonly address: URL;
  readonly about: Readonly<Record<string, string>> | null;
  /** What of the address may not be said again. */
  readonly secrets: readonly string[];
}

/**
 * At most one call with the member's token. Tokens are renewed ahead of time, or after a 401: then
 * whoever asked may make the same call again, out of their own budget.
 */
export async function requestOf(
  line: Line,
  request: ProviderRequest | KeptRequest | RecordRequest,
): Promise<ProviderReply | NoRequest> {
  const target = await targetOf(line, request);
  if (!("address" in target)) return target;
  const tokens = await usableTokens(line);
  if (!isUsable(tokens)) return tokens;
  const as = "record" in request ? "json" : request.as;
  const reply = await askWith(line, target, as, tokens);
  if (reply.status !== 401 || tokens.isNew) return reply;
  const fresh = await usableTokens(line, tokens.revision);
  return isUsable(fresh) ? { ...reply, renewed: true } : fresh;
}

async function targetOf(
  line: Line,
  request: ProviderRequest | KeptRequest | RecordRequest,
): Promise<Target | ProviderReply | NoRequest> {
  if ("record" in request) return recordOf(line, request);
  if (!("kept" in request)) return pathOf(line, request);
  const kept = await openKept(line, request.kept);
  if (!("url" in kept)) return kept;
  return { address: kept.url, about: kept.about, secrets: kept.secrets };
}

const pathOf = ({ hosts, link }: Line, request: ProviderRequest): Target => ({
  address: addressOf(hosts.api, request, link.paths),
  about: null,
  secrets: [],
});

async function recordOf(
  line: Line,
  { record, collection }: RecordRequest,
): Promise<Target | NoRequest> {
  const { vault, member, pull } = line;
  const texts = await openColumn(vault, member, sourceIdColumn, [record], Date.now());
  if (texts === "busy") throw new Error("the record kept changing");
  if (texts === "forgotten") return { failed: "forgotten" };
  const text = texts.get(record);
  const sourceId: unknown = text === undefined ? null : JSON.parse(text);
  if (typeof sourceId !== "string" || pull === undefined) return { failed: "no-record" };
  return pathOf(line, pull.one(collection, sourceId));
}

async function askWith(
  { keep }: Line,
  { address, about, secrets }: Target,
  as: ProviderRequest["as"],
  tokens: Tokens,
): Promise<ProviderReply> {
  const reply = withoutSecrets(await askAt(address, as, keep, tokens), secrets);
  return about === null ? reply : { ...reply, about };
}

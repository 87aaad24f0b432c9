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
import { type Asking, askAt, askingOf, lacksAccount } from "./provider-ask.ts";
import { addressOf, withoutSecrets } from "./provider-call.ts";
import type { Line, Tokens } from "./provider-line.ts";
import { openColumn } from "./sealed-read.ts";
import { isUsable, usableTokens } from "./token-refresh.ts";

const sourceIdColumn = "source_id";

interface Target {
  readonly address: URL;
  readonly asking: Asking;
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
  if (lacksAccount(line, tokens)) return { failed: "grant-ended" };
  const reply = await askWith(line, target, tokens);
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
  const { url: address, about, secrets } = kept;
  return { address, asking: askingOf(request), about, secrets };
}

const pathOf = ({ hosts, link }: Line, request: ProviderRequest): Target => ({
  address: addressOf(hosts.api, request, link.paths),
  asking: askingOf(request),
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
  line: Line,
  { address, asking, about, secrets }: Target,
  tokens: Tokens,
): Promise<ProviderReply> {
  const reply = withoutSecrets(await askAt(line, address, asking, tokens), secrets);
  return about === null ? reply : { ...reply, about };
}

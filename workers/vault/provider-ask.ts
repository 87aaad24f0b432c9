/**
 * A call with a member's token: where it carries the token, and what status its answer stands for.
 * Neither the token nor what proves the app comes out, whatever the provider repeats, and an address
 * that carries one is neither logged nor handed back.
 */
import type { AppRequest, ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import {
  addressOf,
  bearing,
  encoded,
  faulty,
  jsonIn,
  send,
  withoutSecrets,
} from "./provider-call.ts";
import { carriedFrom, carriedSecrets, type Door, type Tokens } from "./provider-line.ts";

/** A file that says what went wrong instead of being one is no longer than that. */
const saidBytesMax = 65_536;

export interface Asking {
  readonly method: AppRequest["method"];
  readonly json?: unknown;
  readonly form?: AppRequest["form"] | undefined;
  readonly as?: ProviderRequest["as"] | undefined;
}

/** A form is posted; what has none is got. */
export const askingOf = ({ form, as }: Pick<ProviderRequest, "form" | "as">): Asking => ({
  method: form === undefined ? "GET" : "POST",
  form,
  as,
});

/** One call of the provider's own paths, with this token. */
export const ask = (door: Door, request: ProviderRequest, tokens: Tokens): Promise<ProviderReply> =>
  askAt(door, addressOf(door.hosts.api, request, door.link.paths), askingOf(request), tokens);

/** Without the account where calls have to carry it, none is made: only a new link can tell it. */
export const lacksAccount = (
  { link }: Pick<Door, "link">,
  { account }: Pick<Tokens, "account">,
): boolean => link.bearer !== undefined && !account;

export async function askAt(
  door: Door,
  address: URL,
  { method, as = "json", ...said }: Asking,
  tokens: Tokens,
): Promise<ProviderReply> {
  if (lacksAccount(door, tokens)) return faulty("wrong-type");
  const { credentials, link, keep } = door;
  const body = encoded(said);
  const headers = {
    ...carriedFrom(credentials, link.headers),
    ...(link.accept === undefined || as === "bytes" ? {} : { accept: link.accept }),
    ...(link.bearer === undefined ? bearing(tokens.access) : {}),
    ...body.headers,
  };
  const reply = await send(carrying(link, address, tokens), { ...body, method, headers, keep, as });
  // The status first: one that shows a secret is no answer any more, but may still be a refusal.
  const judged = asItStands(link, reply);
  const secrets = [...secretsOf(tokens), ...carriedSecrets(credentials, link.headers)];
  return withoutSecrets(judged, secrets);
}

const secretsOf = ({ access, refresh }: Tokens): string[] =>
  refresh === null ? [access] : [access, refresh];

/** What the request itself says under these names gives way. */
function carrying({ bearer }: Door["link"], address: URL, { access, account }: Tokens): URL {
  if (bearer === undefined) return address;
  const to = new URL(address);
  to.searchParams.set(bearer.token, access);
  to.searchParams.set(bearer.account, account ?? "");
  return to;
}

function asItStands(link: Door["link"], reply: ProviderReply): ProviderReply {
  if (link.statusIn === undefined || reply.status !== 200 || !reply.complete) return reply;
  const json = jsonIn(textIn(reply));
  const status = json === null ? null : link.statusIn(json.said);
  if (status === null) return reply;
  const { bytes: _, ...rest } = reply;
  return { ...rest, status, body: "" };
}

/** Of a file that is as short as what may stand instead of it, what it says. */
function textIn({ body, bytes }: ProviderReply): string {
  const isShort = bytes !== undefined && bytes.length <= saidBytesMax;
  return isShort ? new TextDecoder().decode(bytes) : body;
}

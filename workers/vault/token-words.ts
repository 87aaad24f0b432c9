/**
 * What a provider says of tokens in words of its own, put into those of RFC 6749 before anybody
 * judges it. That it is down or busy it says by HTTP alone: no body makes a refusal or tokens of it.
 */
import type { ProviderReply } from "../../domain/ports.ts";
import type { TokenWords } from "../../providers/link.ts";
import { jsonIn } from "./provider-call.ts";

/** Of a renewal, what is renewed. */
export interface Before {
  readonly access: string;
  readonly refresh: string;
  readonly refreshExpiresAtMs?: number | undefined;
}

/** What is no JSON, or is an error that the words make a success of, stays as it was said. */
export function inTokenWords(
  words: TokenWords | undefined,
  reply: ProviderReply,
  before: Before | null,
): ProviderReply {
  const isItsOwn = reply.fault !== null || reply.status === 429 || reply.status >= 500;
  if (words === undefined || isItsOwn) return reply;
  const given = jsonIn(reply.body);
  if (given === null) return reply;
  const renewed = before && { access: before.access, refresh: before.refresh };
  const { status, json } = words.read(given.said, renewed);
  if (reply.status >= 400 && status < 400) return reply;
  return { ...reply, status, body: JSON.stringify(json) };
}

/**
 * The provider's own page on which a member links an account there, of a provider whose accounts name
 * their member by a word of ours. It is had in the app's name, step by step, as the provider's file
 * says; the page that it names is opened only on an origin that the deployment lists.
 */

import { type AppRequest, type ProviderReply, sessionCallsMax } from "../../domain/ports.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { VaultEnv } from "./env.ts";
import { type App, askOf } from "./provider-app.ts";
import { type Hosts, hostsOf } from "./provider-line.ts";

const pageCharsMax = 4_096;

/** Null when there is no such page, or it cannot be had now; nothing is thrown for the provider. */
export async function sessionAt(
  env: VaultEnv,
  provider: App,
  reference: string,
  returnTo: string | null,
): Promise<string | null> {
  const session = provider.reference?.session;
  const hosts = hostsOf(env, provider.name);
  if (session === undefined || hosts === undefined) return null;
  const replies: ProviderReply[] = [];
  for (;;) {
    const next = session.next(reference, returnTo, replies);
    if (next === null) return null;
    if ("page" in next) return pageIn(next.page, hosts);
    if (replies.length === sessionCallsMax) return null;
    const reply = await replyTo(env, provider, next);
    if (reply === null || reply.fault !== null) return null;
    replies.push(reply);
  }
}

/** A later step may be made of what the provider said, and lead where nothing may be asked for. */
async function replyTo(
  env: VaultEnv,
  provider: App,
  request: AppRequest,
): Promise<ProviderReply | null> {
  try {
    return await askOf(env, provider, request);
  } catch (error) {
    const { name } = provider;
    logLine({ worker: "vault", event: "session", provider: name, error: errorClass(error) });
    return null;
  }
}

/** Null when it is not the provider's own to the letter; unencrypted only beside its local API. */
function pageIn(text: string, { api, pages = [] }: Hosts): string | null {
  if (text.length > pageCharsMax || !URL.canParse(text)) return null;
  const page = new URL(text);
  const isPrivate = page.protocol === "https:" || page.origin === new URL(api).origin;
  const isBare = page.username === "" && page.password === "";
  return isPrivate && isBare && pages.includes(page.origin) ? page.href : null;
}

/**
 * How the fake provider misbehaves: what strikes, whom, how often, and what it makes of an answer.
 */
import type { ServerResponse } from "node:http";
import { type Answer, type Asked, answer, formOf, refused } from "./provider-answer.ts";
import { isTokenPath } from "./provider-tokens.ts";

/** What goes wrong, for which requests, how many times. An empty object: nothing does. */
export interface Faults {
  status?: number;
  retryAfterSeconds?: number;
  /** The moment instead of the seconds (RFC 9110, section 10.2.3). */
  retryAfterDate?: boolean;
  truncate?: boolean;
  /** The answer is what was asked, the authorization it came with included. */
  echo?: boolean;
  hangMs?: number;
  /** Never answers. */
  hang?: boolean;
  /** A well-formed answer of so many bytes. */
  oversizeBytes?: number;
  /** 302 to there. */
  redirect?: string;
  /** The true answer under this content type. */
  contentType?: string;
  keysetDown?: boolean;
  tokenDown?: boolean;
  /** A refresh is done, and its answer never arrives. */
  loseRefresh?: boolean;
  /** Only paths that start with this. */
  only?: string;
  /** Only what is asked with this account's tokens. */
  account?: string;
  /** Only this page of a list, from 1. */
  page?: number;
  /** How many requests are still hit; without it, all are. */
  remaining?: number;
}

/** Of a request: whose it is, and which page of a list it asks for. */
export interface Target {
  readonly asked: Asked;
  readonly account: string | null;
  readonly page: number | null;
}

/** The faults that hit this request now; spends one of `remaining`. */
export function strike(faults: Faults, { asked, account, page }: Target): Faults {
  const path = asked.url.pathname;
  const isMeant =
    (faults.remaining ?? 1) > 0 &&
    path.startsWith(faults.only ?? "") &&
    (faults.account === undefined || faults.account === account) &&
    (faults.page === undefined || faults.page === page);
  if (!isMeant) return {};
  const down = (faults.keysetDown && path === "/keyset") || (faults.tokenDown && isTokenPath(path));
  const isRefresh = isTokenPath(path) && formOf(asked).get("grant_type") === "refresh_token";
  const {
    keysetDown: _,
    tokenDown: __,
    only,
    account: ___,
    page: ____,
    remaining,
    ...does
  } = faults;
  if (!isRefresh) delete does.loseRefresh;
  if (down) does.status ??= 503;
  const { retryAfterSeconds, retryAfterDate, ...strikes } = does;
  if (Object.values(strikes).every((one) => one === undefined || one === false)) return {};
  if (remaining !== undefined) faults.remaining = remaining - 1;
  return does;
}

/** What is answered instead; null: what was asked for, though perhaps badly. */
export function insteadOf(fault: Faults, asked: Asked): Answer | null {
  const { status, retryAfterSeconds, retryAfterDate, redirect, oversizeBytes } = fault;
  if (fault.echo) return answer(200, { asked: { authorization: asked.authorization } });
  if (redirect !== undefined) return { ...answer(302, ""), headers: { location: redirect } };
  if (oversizeBytes !== undefined)
    return answer(200, { dataPoints: [], pad: "x".repeat(oversizeBytes) });
  if (status === undefined) return null;
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) {
    const at = new Date(Date.now() + retryAfterSeconds * 1000);
    headers["retry-after"] = retryAfterDate ? at.toUTCString() : String(retryAfterSeconds);
  }
  return { ...refused(status, "UNAVAILABLE"), headers };
}

/** A truncated answer states its full length, sends half and drops the connection. */
export function send(response: ServerResponse, reply: Answer, fault: Faults = {}): void {
  const { status, body, headers } = reply;
  if (response.headersSent || response.destroyed) return;
  if (fault.loseRefresh) return void response.destroy();
  const bytes = Buffer.from(reply.bytes ?? JSON.stringify(body));
  const type = { "content-type": "application/json", "content-length": String(bytes.length) };
  const lie = fault.contentType === undefined ? {} : { "content-type": fault.contentType };
  response.writeHead(status, { ...type, ...headers, ...lie });
  if (!fault.truncate) response.end(bytes);
  else response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

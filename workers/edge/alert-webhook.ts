/**
 * One signed message to the operator's webhook, as Standard Webhooks 1.0.0 has it
 * (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md). Nothing is followed
 * and nothing of the answer is read but its status.
 */
import type { Instant } from "../../domain/time.ts";

export interface Message {
  /** The same in every attempt, so that whoever has it already can tell. */
  readonly id: string;
  readonly body: string;
}
/** refused: an answer other than 2xx. unreachable: none. unsigned: the secret is none. */
export type Told = "told" | "refused" | "unreachable" | "unsigned";

const answerWithinMs = 10_000;
const secretBytes = { min: 24, max: 64 };

export async function tell(
  url: string,
  secret: string,
  message: Message,
  nowMs: Instant,
): Promise<Told> {
  const signature = await signed(secret, message, nowMs);
  if (signature === null) return "unsigned";
  try {
    const answer = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithinMs),
      headers: {
        "content-type": "application/json",
        "user-agent": "singlet",
        "webhook-id": message.id,
        "webhook-timestamp": String(secondsOf(nowMs)),
        "webhook-signature": signature,
      },
      body: message.body,
    });
    await answer.body?.cancel();
    return answer.ok ? "told" : "refused";
  } catch {
    return "unreachable";
  }
}

/** `v1,` and the HMAC over `id.timestamp.body`; null when the secret is not one of the form. */
export async function signed(
  secret: string,
  { id, body }: Message,
  nowMs: Instant,
): Promise<string | null> {
  const key = keyOf(secret);
  if (key === null) return null;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]);
  const content = new TextEncoder().encode(`${id}.${secondsOf(nowMs)}.${body}`);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", imported, content));
  return `v1,${btoa(String.fromCharCode(...mac))}`;
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> | null {
  try {
    const key = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (c) => c.charCodeAt(0));
    return key.length >= secretBytes.min && key.length <= secretBytes.max ? key : null;
  } catch {
    return null;
  }
}

const secondsOf = (atMs: Instant): number => Math.floor(atMs / 1000);

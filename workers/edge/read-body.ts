/** Reads a body's bytes within a size and a time; stops reading as soon as either is passed. */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";

const wholeBodyMs = 10_000;
export type BodyFault = "too-large" | "timeout" | "unsupported-encoding";

export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, BodyFault>> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") return err("unsupported-encoding");
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return err("too-large");
  if (request.body === null) return ok(new Uint8Array());
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader.cancel().catch(() => {});
  }, wholeBodyMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late) return err("timeout");
      if (done) break;
      bytes += value.length;
      if (bytes > bytesMax) {
        reader.cancel().catch(() => {});
        return err("too-large");
      }
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return ok(whole);
}

/** Null: it is no UTF-8, and what cannot be read is not guessed at. */
export function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return null;
  }
}

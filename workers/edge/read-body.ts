/**
 * Reads a body's bytes within a size and a time; stops reading as soon as either is passed, or as there
 * is no room for what all bodies come to (shed.ts).
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Place, placeOf } from "./shed.ts";

const wholeBodyMs = 10_000;
/** A body that is not here by then is waited for aside, so that a slow sender keeps nobody from work. */
const promptMs = 1_000;
export type BodyFault = "too-large" | "timeout" | "unsupported-encoding" | "unavailable";

export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, BodyFault>> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") return err("unsupported-encoding");
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return err("too-large");
  if (request.body === null) return ok(new Uint8Array());
  const place = placeOf(request);
  const reader = request.body.getReader();
  let isAside = false;
  const timer = setTimeout(() => {
    isAside = true;
    if (place?.awaitsBody() === false) reader.cancel().catch(() => {});
  }, promptMs);
  try {
    const read = await readWhole(reader, bytesMax, place);
    return read.ok && isAside && place?.hasBody() === false ? err("unavailable") : read;
  } finally {
    clearTimeout(timer);
  }
}

async function readWhole(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
  place: Place | undefined,
): Promise<Result<Uint8Array<ArrayBuffer>, BodyFault>> {
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
      const fault = bytes > bytesMax ? "too-large" : place?.keeps(value.length) === false;
      if (fault !== false) {
        reader.cancel().catch(() => {});
        return err(fault === true ? "unavailable" : fault);
      }
      chunks.push(value);
    }
  } catch {
    // It broke off, or stalled until it was cancelled: the request never came to its end (RFC 9110, 15.5.9).
    return err("timeout");
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

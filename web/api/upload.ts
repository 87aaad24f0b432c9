/**
 * Files to POST /v1/files, one a request, with how much of it has left this browser: `fetch` does not
 * tell, so this is the one request of the pages that it does not make.
 */
import { withToken } from "../session/session.ts";
import type { Answer } from "./client.ts";
import { Problem, Unreachable } from "./problem.ts";

export type FilesAnswer = Answer<"POST /v1/files">;

export interface Uploading {
  /** From 0 to 1. */
  sent(share: number): void;
  readonly signal: AbortSignal;
}

/** Throws a `Problem`, `Unreachable`, or what the signal was aborted for. */
export async function upload(file: Blob, how: Uploading): Promise<FilesAnswer> {
  const response = await withToken((token) => send(file, token, how));
  if (!response.ok) throw await Problem.of(response);
  return (await response.json()) as FilesAnswer;
}

function send(file: Blob, token: string | null, { sent, signal }: Uploading): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/files");
    request.setRequestHeader("content-type", "application/octet-stream");
    if (token !== null) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => sent(total === 0 ? 1 : loaded / total);
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new Unreachable());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const retryAfter = request.getResponseHeader("retry-after");
  const headers = retryAfter === null ? {} : { "retry-after": retryAfter };
  return new Response(request.responseText, { status: request.status, headers });
}

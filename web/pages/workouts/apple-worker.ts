/**
 * Reads and sends Apple Health's export away from the page, which stays quick and may be busy. The
 * page gives it the file and a token, and another token when one is refused.
 */
import type { Batch } from "../../../client/sync-body.ts";
import type { Reply } from "../../../client/sync-queue.ts";
import { type ImportCounts, type ImportEnd, runImport } from "./apple-run.ts";

declare const self: DedicatedWorkerGlobalScope;

export type ToWorker =
  | { readonly kind: "begin"; readonly file: Blob; readonly token: string | null }
  | { readonly kind: "token"; readonly token: string | null };
export type FromWorker =
  | { readonly kind: "counts"; readonly counts: ImportCounts }
  | { readonly kind: "refused"; readonly token: string }
  | { readonly kind: "end"; readonly end: ImportEnd };

const answerWithinMs = 60_000;
/** The page is told this often at most. */
const tellEveryMs = 100;
/** A lost answer is given again within one reading; the next one is told what was known by then. */
const reading = crypto.randomUUID();

let token: string | null = null;
let renewed: (next: string | null) => void = () => {};

const say = (message: FromWorker) => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "token") renewed(data.token);
  else {
    token = data.token;
    void begin(data.file);
  }
};

async function begin(file: Blob): Promise<void> {
  let last: ImportCounts | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    if (last !== null) say({ kind: "counts", counts: last });
  };
  const ports = {
    send,
    sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
    random: Math.random,
  };
  const end = await runImport(file, ports, (counts) => {
    last = counts;
    // The last of many is told too, when nothing follows for as long as an answer is waited for.
    timer ??= setTimeout(tell, tellEveryMs);
  });
  clearTimeout(timer);
  tell();
  say({ kind: "end", end });
}

async function send(batch: Batch): Promise<Reply> {
  const first = await sendAs(batch, token);
  if (first.status !== 401 || token === null) return first;
  const refused = token;
  token = await new Promise<string | null>((resolve) => {
    renewed = resolve;
    say({ kind: "refused", token: refused });
  });
  return token === null ? first : sendAs(batch, token);
}

async function sendAs({ key, body }: Batch, bearer: string | null): Promise<Reply> {
  const response = await fetch("/v1/sync", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "idempotency-key": `${reading} ${key}`,
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body,
    signal: AbortSignal.timeout(answerWithinMs),
  });
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
  return { status: response.status, text: await response.text(), retryAfterMs };
}

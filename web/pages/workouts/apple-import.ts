/**
 * The import of Apple Health's export that runs in this tab: at most one, whichever page is open, in a
 * worker of its own. It ends with the session.
 */
import { useSyncExternalStore } from "react";
import { trustedScript } from "../../offline/trusted.ts";
import { freshToken, onSession, sessionNow } from "../../session/session.ts";
import type { ImportCounts, ImportEnd } from "./apple-run.ts";
import type { FromWorker, ToWorker } from "./apple-worker.ts";
import workerPath from "./apple-worker.ts?worker&url";

export type AppleImport =
  | { readonly state: "none" }
  | { readonly state: "running"; readonly name: string; readonly counts: ImportCounts | null }
  | {
      readonly state: "ended";
      readonly name: string;
      readonly counts: ImportCounts | null;
      readonly end: ImportEnd | "cancelled" | "crashed";
    };

let now: AppleImport = { state: "none" };
let worker: Worker | null = null;
const listeners = new Set<() => void>();

function become(next: AppleImport): void {
  now = next;
  for (const listener of listeners) listener();
}

const isNow = (one: AppleImport): boolean => now === one;

export const useAppleImport = (): AppleImport =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => now,
  );

/** `recorded`: once it ends, for whatever reason; what was sent by then is in. */
export async function beginImport(file: File, recorded: () => void): Promise<void> {
  if (now.state === "running") return;
  const begun: AppleImport = { state: "running", name: file.name, counts: null };
  become(begun);
  const token = await freshToken().catch(() => null);
  // Cancelled, or signed out, while the token was renewed.
  if (!isNow(begun)) return;
  const mine = new Worker(trustedScript(workerPath), { type: "module" });
  worker = mine;
  const say = (message: ToWorker) => mine.postMessage(message);
  mine.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (worker !== mine) return;
    if (data.kind === "counts") become({ ...now, counts: data.counts } as AppleImport);
    else if (data.kind === "end") stop(data.end, recorded);
    else
      void freshToken(data.token)
        .catch(() => null)
        .then((next) => say({ kind: "token", token: next }));
  };
  mine.onerror = () => stop("crashed", recorded);
  say({ kind: "begin", file, token });
}

function stop(end: ImportEnd | "cancelled" | "crashed", recorded: () => void): void {
  worker?.terminate();
  worker = null;
  if (now.state !== "running") return;
  become({ state: "ended", name: now.name, counts: now.counts, end });
  recorded();
}

export const cancelImport = (recorded: () => void): void => stop("cancelled", recorded);

onSession(() => {
  if (sessionNow().state !== "out") return;
  worker?.terminate();
  worker = null;
  become({ state: "none" });
});

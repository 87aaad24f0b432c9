/**
 * Files on their way in: one at a time, in the order in which they were added, each with its own
 * progress and its own end. How one is sent is given, so that the order can be tried without a browser.
 */
import type { FilesAnswer, Uploading } from "../../api/upload.ts";

export type UploadState =
  | { readonly at: "waiting" }
  /** Share of its bytes that left, from 0 to 1; at 1 it is being read over there. */
  | { readonly at: "sending"; readonly share: number }
  | { readonly at: "done"; readonly answer: FilesAnswer }
  | { readonly at: "failed"; readonly error: Error }
  | { readonly at: "cancelled" };

export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly state: UploadState;
}

type Send = (file: File, how: Uploading) => Promise<FilesAnswer>;

export class UploadQueue {
  readonly #send: Send;
  readonly #files = new Map<number, File>();
  readonly #listeners = new Set<() => void>();
  #uploads: readonly Upload[] = [];
  #sending: { readonly id: number; readonly abort: AbortController } | null = null;
  #ids = 0;
  #recorded: () => void = () => {};

  constructor(send: Send) {
    this.#send = send;
  }

  readonly now = (): readonly Upload[] => this.#uploads;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** `recorded`: after each file that was answered. */
  add(files: readonly File[], recorded: () => void): void {
    this.#recorded = recorded;
    const added = files.map((file): Upload => {
      const id = ++this.#ids;
      this.#files.set(id, file);
      return { id, name: file.name, bytes: file.size, state: { at: "waiting" } };
    });
    this.#become([...this.#uploads, ...added]);
    void this.#next();
  }

  cancel(id: number): void {
    if (this.#sending?.id === id) this.#sending.abort.abort();
    else if (this.#stateOf(id)?.at === "waiting") this.#set(id, { at: "cancelled" });
  }

  /** After it failed or was cancelled. */
  again(id: number): void {
    const state = this.#stateOf(id)?.at;
    if (state !== "failed" && state !== "cancelled") return;
    this.#set(id, { at: "waiting" });
    void this.#next();
  }

  /** Whatever still waits or is under way is cancelled, and none of it is remembered. */
  clear(): void {
    this.#files.clear();
    this.#become([]);
    this.#sending?.abort.abort();
  }

  /** Those that came to an end leave the list. */
  clearEnded(): void {
    const isOpen = ({ state }: Upload) => state.at === "waiting" || state.at === "sending";
    this.#become(this.#uploads.filter(isOpen));
    for (const id of this.#files.keys())
      if (this.#stateOf(id) === undefined) this.#files.delete(id);
  }

  async #next(): Promise<void> {
    if (this.#sending !== null) return;
    const upload = this.#uploads.find(({ state }) => state.at === "waiting");
    const file = upload && this.#files.get(upload.id);
    if (upload === undefined || file === undefined) return;
    const { id } = upload;
    const abort = new AbortController();
    this.#sending = { id, abort };
    this.#set(id, { at: "sending", share: 0 });
    const sent = (share: number) => this.#set(id, { at: "sending", share });
    try {
      const answer = await this.#send(file, { sent, signal: abort.signal });
      this.#files.delete(id);
      this.#set(id, { at: "done", answer });
      this.#recorded();
    } catch (error) {
      const failed = error instanceof Error ? error : new Error(String(error));
      this.#set(id, abort.signal.aborted ? { at: "cancelled" } : { at: "failed", error: failed });
    } finally {
      this.#sending = null;
      void this.#next();
    }
  }

  #stateOf(id: number): UploadState | undefined {
    return this.#uploads.find((upload) => upload.id === id)?.state;
  }

  #set(id: number, state: UploadState): void {
    this.#become(this.#uploads.map((each) => (each.id === id ? { ...each, state } : each)));
  }

  #become(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    for (const listener of this.#listeners) listener();
  }
}

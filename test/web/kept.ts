/** What lies in the browser of somebody, as whoever opens it would find it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { patienceMs } from "./support.ts";

/** Longer than pages wait before they keep what is seen. */
const stillMs = 1_500;

/** Names of what the sealed store holds under a name that begins so. */
export const keptNames = (page: Page, prefix: string): Promise<string[]> =>
  page.evaluate(async (begin) => {
    const opened = indexedDB.open("singlet");
    const database = await new Promise<IDBDatabase>((done, fail) => {
      opened.onsuccess = () => done(opened.result);
      opened.onerror = () => fail(opened.error);
    });
    const read = database.transaction("sealed").objectStore("sealed").getAllKeys();
    const names = await new Promise<string[]>((done) => {
      read.onsuccess = () => done(read.result.map(String));
    });
    database.close();
    return names.filter((name) => name.startsWith(begin)).sort();
  }, prefix);

export interface Kept {
  /** Every record of every database. */
  readonly databases: string;
  /** Both storages, every cookie that a script can see, every cached answer and its address. */
  readonly rest: string;
}

/** As text; bytes as Latin-1, so that text in them is found. */
export const keptBytes = (page: Page): Promise<Kept> =>
  page.evaluate(async () => {
    let found: string[] = [document.cookie];
    const latin = (bytes: ArrayBuffer | Uint8Array) =>
      [...new Uint8Array(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))]
        .map((byte) => String.fromCharCode(byte))
        .join("");
    const tell = (value: unknown): void => {
      if (value instanceof ArrayBuffer || value instanceof Uint8Array) found.push(latin(value));
      else if (value instanceof CryptoKey) found.push(`key ${value.extractable}`);
      else if (typeof value === "object" && value !== null) {
        for (const [name, inner] of Object.entries(value)) {
          found.push(name);
          tell(inner);
        }
      } else found.push(String(value));
    };
    for (const storage of [localStorage, sessionStorage]) tell({ ...storage });
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        found.push(request.url);
        const answer = await cache.match(request);
        if (answer !== undefined) found.push(latin(await answer.arrayBuffer()));
      }
    }
    const rest = found.join("\n");
    found = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const opened = indexedDB.open(name);
      const database = await new Promise<IDBDatabase>((done) => {
        opened.onsuccess = () => done(opened.result);
      });
      for (const store of database.objectStoreNames) {
        const entries = database.transaction(store).objectStore(store);
        for (const read of [entries.getAllKeys(), entries.getAll()])
          await new Promise<void>((done) => {
            read.onsuccess = () => {
              tell(read.result);
              done();
            };
          });
      }
      database.close();
    }
    return { databases: found.join("\n"), rest };
  });

/** The worker has every part of the pages, and what was seen is kept: the network may go. */
export async function readyOffline(page: Page): Promise<void> {
  const lacks = () =>
    page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      if (active === null || navigator.serviceWorker.controller === null) return "a worker";
      const written = await (await fetch(active.scriptURL)).text();
      const wanted = new Set(written.match(/\/assets\/[\w.-]+/g));
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys())
          wanted.delete(new URL(url).pathname);
      return [...wanted].join(" ");
    });
  await expect.poll(lacks, { timeout: patienceMs }).toBe("");
  // Kept a moment after the last change: until the same stands there twice.
  let former = "";
  const isStill = async () => {
    const now = await sealedAs(page, "last-seen");
    const isSame = now !== "" && now === former;
    former = now;
    return isSame;
  };
  await expect.poll(isStill, { timeout: patienceMs, interval: stillMs }).toBe(true);
}

/** A sealed record's bytes as they lie there, as Base64; empty: there is none. */
export const sealedAs = (page: Page, name: string): Promise<string> =>
  page.evaluate(async (wanted) => {
    const opened = indexedDB.open("singlet");
    await new Promise((done) => {
      opened.onsuccess = done;
    });
    const read = opened.result.transaction("sealed").objectStore("sealed").get(wanted);
    await new Promise((done) => {
      read.onsuccess = done;
    });
    opened.result.close();
    if (read.result === undefined) return "";
    const { iv, bytes } = read.result as { iv: Uint8Array; bytes: ArrayBuffer };
    return btoa([...iv, ...new Uint8Array(bytes)].map((n) => String.fromCharCode(n)).join(""));
  }, name);

/** Puts them back, as from a copy of the disk. */
export const putBack = (page: Page, name: string, sealed: string): Promise<void> =>
  page.evaluate(
    async ({ to, text }) => {
      const opened = indexedDB.open("singlet");
      await new Promise((done) => {
        opened.onsuccess = done;
      });
      const all = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const writing = opened.result.transaction("sealed", "readwrite");
      writing.objectStore("sealed").put({ iv: all.slice(0, 12), bytes: all.slice(12).buffer }, to);
      await new Promise((done) => {
        writing.oncomplete = done;
      });
      opened.result.close();
    },
    { to: name, text: sealed },
  );

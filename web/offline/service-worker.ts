/**
 * Keeps the pages for when there is no network: the document, scripts and styles of this build, the
 * same for everybody and nothing of anyone's. Answers of the API are never kept here. A visitor's
 * browser keeps the shell; the other parts follow once somebody is signed in, who may open them
 * anywhere. A new build is a new worker with a new cache; the old one's goes when it takes over.
 */
declare const self: ServiceWorkerGlobalScope;

export {};

interface Build {
  /** A hash of all its files. */
  readonly name: string;
  readonly shell: readonly string[];
  readonly rest: readonly string[];
}
/** Written by the build, as JSON. */
const build = JSON.parse("__BUILD__") as Build;
const cacheName = `pages-${build.name}`;
const all: ReadonlySet<string> = new Set([...build.shell, ...build.rest]);

self.addEventListener("install", (event) => {
  const keepShell = async () => {
    await keepThese(build.shell);
    await self.skipWaiting();
  };
  event.waitUntil(keepShell());
});

self.addEventListener("activate", (event) => {
  const takeOver = async () => {
    const old = (await caches.keys()).filter((each) => each !== cacheName);
    await Promise.all(old.map((each) => caches.delete(each)));
    await self.clients.claim();
  };
  event.waitUntil(takeOver());
});

/** What pages say (register.ts): a member's, and one that is nobody's yet. */
self.addEventListener("message", (event) => {
  if (event.data === "keep-all") event.waitUntil(keepAll().catch(() => undefined));
  // Not before it is active; and then it takes over every page by itself.
  if (event.data === "take-me") event.waitUntil(self.clients.claim().catch(() => undefined));
});

/** Nothing, once a newer worker took over and took the cache away: nobody would ever end it again. */
async function keepAll(): Promise<void> {
  if (await caches.has(cacheName)) await keepThese([...all]);
}

/** What is there already is not asked for again. */
async function keepThese(paths: readonly string[]): Promise<void> {
  const cache = await caches.open(cacheName);
  const there = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await cache.addAll(paths.filter((path) => !there.has(path)));
}

/** What the edge worker answers itself; the browser asks it as if nobody stood in between. */
const ours = /^\/(v1|webhooks|oauth|log|shared|docs|openapi\.json|healthz)(\/|$)/;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || ours.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (all.has(pathname)) event.respondWith(file(request));
});

/** The newest document there is; without a network the one of this build. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/", { cacheName });
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Of this build, as its document wants it: what is kept is what would come. Opens no cache anew. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName })) ?? fetch(request);
}

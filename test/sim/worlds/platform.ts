/**
 * The platform in one process of Node, so that the objects' own classes run outside of workerd: what
 * they extend, their tables as text, and time, chance and cryptography that come out the same each
 * time. It is imported before anything that needs it. Cryptography runs on threads of its own: two
 * calls under way end in the order in which they began, and `rest` waits for all of them.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Chance } from "../../oracle/chance.ts";

const workers = `export class DurableObject {
  constructor(ctx, env) { this.ctx = ctx; this.env = env; }
}
export class WorkerEntrypoint extends DurableObject {}
export class RpcTarget {}`;

/** A third of a world's time would be spent on making compressors for a few hundred bytes each. */
const zstdModule = "/workers/archive/zstd.ts";
const uncompressed = `export const zstd = {
  compress: (bytes) => bytes.slice(),
  decompress(bytes, length) {
    if (bytes.length !== length) throw new Error("a page is not as long as its header says");
    return bytes.slice();
  },
};`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: `data:text/javascript,${encodeURIComponent(workers)}`, shortCircuit: true }
      : next(specifier, context),
  load(url, context, next) {
    if (url.endsWith(zstdModule))
      return { format: "module", source: uncompressed, shortCircuit: true };
    if (!url.endsWith(".sql")) return next(url, context);
    const text = readFileSync(fileURLToPath(url), "utf8");
    return {
      format: "module",
      source: `export default ${JSON.stringify(text)}`,
      shortCircuit: true,
    };
  },
});

/** What the code that runs takes for the machine's: set anew for each world. */
export interface Machine {
  nowMs(): number;
  after(ms: number, act: () => void): void;
  readonly chance: Chance;
}
let machine: Machine | null = null;
export const runOn = (next: Machine | null): void => {
  machine = next;
};

const realNow = Date.now;
Date.now = () => machine?.nowMs() ?? realNow();
const realTimeout = globalThis.setTimeout;
const virtualTimeout = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
  if (machine === null) return realTimeout(act, ms, ...args);
  machine.after(ms, () => act(...args));
  return 0;
};
globalThis.setTimeout = virtualTimeout as unknown as typeof setTimeout;

const real = globalThis.crypto;
let underWay = 0;
let last: Promise<unknown> = Promise.resolve();

function inTurn(method: string) {
  const call = (real.subtle as unknown as Record<string, (...args: unknown[]) => unknown>)[method];
  return (...args: unknown[]) => {
    underWay++;
    const run = () => call?.apply(real.subtle, args);
    const mine = last.then(run).finally(() => underWay--);
    last = mine.catch(() => undefined);
    return mine;
  };
}

const bytesOf = (data: BufferSource): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);

const inTurns = new Map<string, (...args: unknown[]) => unknown>();
const subtle = new Proxy(real.subtle, {
  get(_, method) {
    const name = String(method);
    const known = inTurns.get(name);
    if (known !== undefined) return known;
    // A digest is not worth a thread.
    const digest = async (algorithm: AlgorithmIdentifier, data: BufferSource) => {
      const hash = typeof algorithm === "string" ? algorithm : algorithm.name;
      const made = createHash(hash.replace("-", "").toLowerCase()).update(bytesOf(data)).digest();
      return made.buffer.slice(made.byteOffset, made.byteOffset + made.length);
    };
    const call = name === "digest" ? digest : inTurn(name);
    inTurns.set(name, call as (...args: unknown[]) => unknown);
    return call;
  },
});

function drawn<T extends ArrayBufferView>(into: T): T {
  const chance = machine?.chance;
  if (chance === undefined) return real.getRandomValues(into as never);
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = chance.whole(0, 255);
  return into;
}
const uuid = (): string => {
  const hex = [...drawn(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
Object.defineProperty(globalThis, "crypto", {
  configurable: true,
  value: { subtle, getRandomValues: drawn, randomUUID: uuid },
});

/** A macrotask: by then every microtask that was set off has run, and all cryptography. */
export async function rest(): Promise<void> {
  do await new Promise(setImmediate);
  while (underWay > 0);
}

/** Log lines of the code that runs are nobody's here. */
export const silence = (): void => {
  console.log = () => undefined;
};

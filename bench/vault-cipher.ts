/**
 * What the vault's cipher costs in-process: sealing and opening 4 KiB and 200 KiB beside bare
 * AES-GCM over the same bytes (floors/cipher.ts). Both are done in every round and take turns
 * to be first, so noise and warm caches favour neither. What comes on top of the floor is a key for
 * each message (two HMACs, an import) and a call for each 16 KiB, every one of which Node hands to
 * another thread: at 4 KiB the waits for those are most of what is seen.
 */
import { type Bytes, importKey, openMessage, sealMessage } from "../workers/vault/chunked.ts";
import { bareCipher } from "./floors/cipher.ts";
import { percentile, progress, rounded, timed } from "./measure.ts";

const sizesKiB = [4, 200];
const rounds = 2000;
const warmUp = 200;
/** About as long as the place of a sealed value is, written out. */
const contextBytes = 120;
const keyBytes = 32;

const random = (bytes: number): Bytes => crypto.getRandomValues(new Uint8Array(bytes));

/** Medians in microseconds, each with its floor and the ratio to it. */
export async function cipherFigures(): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number> = {};
  for (const sizeKiB of sizesKiB) {
    progress(`${rounds} rounds of ${sizeKiB} KiB by the vault's cipher and by bare AES-GCM`);
    const { own, floor } = await timesOf(sizeKiB * 1024);
    for (const step of ["seal", "open"] as const) {
      const [us, floorUs] = [percentile(own[step], 0.5), percentile(floor[step], 0.5)];
      const name = `${step}Of${sizeKiB}KiB`;
      figures[name] = rounded(us);
      figures[`${name}Floor`] = rounded(floorUs);
      figures[`${name}Ratio`] = rounded(us / floorUs);
      progress(`${step} ${sizeKiB} KiB: ${us.toFixed(0)} µs, bare ${floorUs.toFixed(0)} µs`);
    }
  }
  return figures;
}

/** How one of the two seals, and opens what it sealed. */
interface Cipher {
  seal(plaintext: Bytes): Promise<Bytes>;
  open(sealed: Bytes): Promise<Bytes>;
}
interface Times {
  readonly seal: number[];
  readonly open: number[];
}

async function timesOf(bytes: number): Promise<{ readonly own: Times; readonly floor: Times }> {
  const plaintext = new Uint8Array(bytes).map((_, i) => i % 251);
  const times = { own: { seal: [], open: [] }, floor: { seal: [], open: [] } };
  const own = { cipher: await ownCipher(), times: times.own };
  const floor = { cipher: await bareCipher(), times: times.floor };
  for (let i = 0; i < warmUp + rounds; i++)
    for (const { cipher, times } of i % 2 === 0 ? [own, floor] : [floor, own])
      await measure(cipher, plaintext, i < warmUp ? { seal: [], open: [] } : times);
  return times;
}

async function measure(cipher: Cipher, plaintext: Bytes, times: Times): Promise<void> {
  const sealed = await timed(() => cipher.seal(plaintext));
  const opened = await timed(() => cipher.open(sealed.value));
  if (opened.value.length !== plaintext.length) throw new Error("it opened to another length");
  times.seal.push(sealed.ms * 1000);
  times.open.push(opened.ms * 1000);
}

async function ownCipher(): Promise<Cipher> {
  const [key, context] = [await importKey(random(keyBytes)), random(contextBytes)];
  return {
    seal: (plaintext) => sealMessage(key, context, plaintext, random),
    open: (sealed) => openMessage(key, context, sealed),
  };
}

/**
 * The least that keeps a batch of samples in secret: a worker takes the bytes, another one encrypts
 * all of them by one call of AES-GCM and writes one row, with what is too large for a row in a bucket.
 * No token, no consent, no log; nothing is parsed, merged, told apart or made of them. Less would
 * stand in the clear, or be gone after a crash.
 */
import { WorkerEntrypoint } from "cloudflare:workers";

interface FloorEnv {
  readonly OTHER: Service<Sealer>;
  readonly DB: D1Database;
  readonly BUCKET: R2Bucket;
}

const rowBytesMax = 65_536;
const nonceBytes = 12;
const keyBytes = 32;
let key: Promise<CryptoKey> | null = null;

export class Sealer extends WorkerEntrypoint<FloorEnv> {
  async seal(text: string): Promise<void> {
    key ??= newKey();
    const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const bytes = new TextEncoder().encode(text);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, bytes);
    const name = crypto.randomUUID();
    const isLarge = sealed.byteLength > rowBytesMax;
    if (isLarge) await this.env.BUCKET.put(name, sealed);
    await this.env.DB.prepare("INSERT INTO sealed (name, nonce, body) VALUES (?, ?, ?)")
      .bind(name, iv, isLarge ? null : sealed)
      .run();
  }
}

const newKey = (): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    "raw",
    crypto.getRandomValues(new Uint8Array(keyBytes)),
    "AES-GCM",
    false,
    ["encrypt"],
  );

export default {
  async fetch(request, env) {
    await env.OTHER.seal(await request.text());
    return new Response(null, { status: 200 });
  },
} satisfies ExportedHandler<FloorEnv>;

/**
 * The least that sealing and opening bytes takes: AES-GCM over all of them by one call, with a key
 * that stands ready and one nonce for everything. Nothing is kept, so nothing is given away. What a
 * real cipher adds: a key for each message, and pieces that can be read one by one.
 */
type Bytes = Uint8Array<ArrayBuffer>;

export interface BareCipher {
  seal(plaintext: Bytes): Promise<Bytes>;
  open(sealed: Bytes): Promise<Bytes>;
}

const keyBytes = 32;
const nonceBytes = 12;
const random = (bytes: number): Bytes => crypto.getRandomValues(new Uint8Array(bytes));

export async function bareCipher(): Promise<BareCipher> {
  const usages = ["encrypt", "decrypt"] as const;
  const key = await crypto.subtle.importKey("raw", random(keyBytes), "AES-GCM", false, [...usages]);
  const algorithm = { name: "AES-GCM", iv: random(nonceBytes) };
  return {
    seal: async (bytes) => new Uint8Array(await crypto.subtle.encrypt(algorithm, key, bytes)),
    open: async (bytes) => new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes)),
  };
}

/**
 * What this browser keeps of somebody between visits: sealed with AES-GCM under a key that the browser
 * can use and no script can read out (WebCrypto, not extractable), each thing bound to its name. The
 * key is made by signing in and by nothing else: who is late with something after a sign-out, in
 * whichever tab, has nothing to seal it with. Clearing destroys the key first, so that what a disk
 * still holds of the rest opens no more. Names stand in the clear and tell nothing: they are fixed
 * words, ids and numbers in a row. Nothing else of a member is kept: not in local storage, not in a
 * cache, not in an address.
 */
import { clear, createStore, del, get, keys, update } from "idb-keyval";

const store = createStore("singlet", "sealed");
const keyName = "key";
/** What a member made and Singlet has not answered for: it outlives a session that merely ended. */
export const unsentPrefix = "unsent/";
const ivBytes = 12;
const algorithm = "AES-GCM";

/** `id`: which one it is, for whoever holds it to see that it is still this one. */
interface SealingKey {
  readonly id: string;
  readonly key: CryptoKey;
}
interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

const heldKey = () => get<SealingKey>(keyName, store);

/** From here on things can be kept. A second tab takes the first one's key. */
export async function beginKeeping(): Promise<void> {
  const key = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const made = { id: crypto.randomUUID(), key };
  await update<SealingKey>(keyName, (held) => held ?? made, store);
}

const boundTo = (name: string) => new TextEncoder().encode(name);

/** False: nothing was kept, because nobody is signed in here any more. */
export async function keep(name: string, value: unknown): Promise<boolean> {
  const held = await heldKey();
  if (held === undefined) return false;
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const text = new TextEncoder().encode(JSON.stringify(value));
  const how = { name: algorithm, iv, additionalData: boundTo(name) };
  const bytes = await crypto.subtle.encrypt(how, held.key, text);
  return putUnder(held.id, name, { iv, bytes });
}

/** In one transaction with a look at the key: what was begun before a clearing is not written after. */
const putUnder = (id: string, name: string, sealed: Sealed): Promise<boolean> =>
  store("readwrite", (entries) => {
    let isPut = false;
    const look: IDBRequest<SealingKey | undefined> = entries.get(keyName);
    look.onsuccess = () => {
      isPut = look.result?.id === id;
      if (isPut) entries.put(sealed, name);
    };
    return ended(entries.transaction).then(() => isPut);
  });

const ended = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

/** Undefined: there is none, or none that opens. */
export async function kept<T>(name: string): Promise<T | undefined> {
  const held = await heldKey();
  const sealed = await get<Sealed>(name, store);
  if (held === undefined || sealed === undefined) return undefined;
  const opening = { name: algorithm, iv: sealed.iv, additionalData: boundTo(name) };
  try {
    const text = await crypto.subtle.decrypt(opening, held.key, sealed.bytes);
    return JSON.parse(new TextDecoder().decode(text)) as T;
  } catch {
    await del(name, store);
    return undefined;
  }
}

/** Names of what is kept under a name that begins so, in order. */
export async function keptNames(prefix: string): Promise<string[]> {
  return (await keys<string>(store)).filter((name) => name.startsWith(prefix)).sort();
}

export const letGo = (name: string): Promise<void> => del(name, store);

export async function destroyKept(): Promise<void> {
  await del(keyName, store);
  await clear(store);
}

/**
 * All but what has a name that begins so; without any of it, the key goes as well. In one transaction:
 * what another tab keeps meanwhile is either left, or was never kept.
 */
export const destroyKeptBut = (prefix: string): Promise<void> =>
  store("readwrite", (entries) => {
    const all = entries.getAllKeys();
    all.onsuccess = () => {
      const isLeft = (name: IDBValidKey) => String(name).startsWith(prefix);
      const isKeyLeft = all.result.some(isLeft);
      for (const name of all.result)
        if (!isLeft(name) && !(isKeyLeft && name === keyName)) entries.delete(name);
    };
    return ended(entries.transaction);
  });

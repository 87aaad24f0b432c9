/**
 * Deliveries signed with a shared secret (HMAC), or by Standard Webhooks also with a key pair
 * (Ed25519). Headers are read in their one strict form before any cryptography (proof.ts); what
 * several of them claim alike is claimed once.
 */
import type { Instant } from "../../domain/time.ts";
import type { HmacRecipe, SignedInput, Verdict } from "../recipe.ts";
import { fromBase64, fromHex } from "./encoding.ts";
import { type KeyForm, signingKeyOf } from "./keys.ts";
import { type Claim, provingOf, type SecretKey, type Signature } from "./proof.ts";
import { kidOf, liveSecrets, secretsMax } from "./secrets.ts";

/** How far a signed time may be from ours, either way. */
export const toleranceMs = 300_000;
const headerCharsMax = 4096;
const entriesMax = 16;

const idForm = /^[A-Za-z0-9_-]{1,256}$/;
const timeForms = {
  seconds: /^[0-9]{10}$/,
  milliseconds: /^[0-9]{13}$/,
  either: /^(?:[0-9]{10}|[0-9]{13})$/,
};
const secondsDigits = 10;
const ed25519Bytes = 64;

type Bytes = Uint8Array<ArrayBuffer>;
/** What a header of signatures says; the time only where it stands in the same header. */
interface Said {
  readonly signatures: readonly Signature[];
  readonly time?: string;
}
/** What is signed besides the body. */
interface Head {
  readonly id: string;
  readonly time: string;
  readonly address: string;
}
/** What one set of headers says. */
interface Letter {
  readonly signatures: readonly Signature[];
  readonly head: Head;
}

export async function provenByHmac(
  recipe: HmacRecipe,
  input: SignedInput,
  secrets: unknown,
  nowMs: Instant,
): Promise<Verdict> {
  const claims = claimsOf(recipe, input, nowMs);
  if (claims.length === 0) return { is: "refused" };
  const proving = await provingOf(claims, await keysOf(recipe, secrets, nowMs));
  return proving === null ? { is: "refused" } : { is: "genuine", kid: await kidOf(proving) };
}

/** The newest live secrets that are of the recipe's form. */
export async function keysOf(recipe: KeyForm, secrets: unknown, nowMs: Instant) {
  const keys: SecretKey[] = [];
  for (const secret of liveSecrets(secrets, nowMs)) {
    const key = await signingKeyOf(recipe, secret.text);
    if (key !== null) keys.push({ secret, key });
    if (keys.length === secretsMax) break;
  }
  return keys;
}

/** Whether there is anything to check a signature with. */
export const hasKeys = async (recipe: HmacRecipe, secrets: unknown, nowMs: Instant) =>
  (await keysOf(recipe, secrets, nowMs)).length > 0;

/** One for each message, whichever headers say it; of signatures that are the same, one. */
function claimsOf(recipe: HmacRecipe, input: SignedInput, nowMs: Instant): readonly Claim[] {
  const letters = recipe.headers.flatMap((names) => letterOf(recipe, names, input, nowMs) ?? []);
  const claims = new Map<string, { head: Head; signatures: Map<string, Signature> }>();
  for (const { head, signatures } of letters) {
    const signed = recipe.signed.map((part) => (part === "body" || part === "." ? "" : head[part]));
    const name = JSON.stringify(signed);
    const claim = claims.get(name) ?? { head, signatures: new Map() };
    for (const said of signatures) claim.signatures.set(`${said.by} ${said.bytes.join()}`, said);
    claims.set(name, claim);
  }
  return [...claims.values()].map(({ head, signatures }) => ({
    signatures: [...signatures.values()],
    message: messageOf(recipe, head, input.body),
  }));
}

/** Null when one of these headers is missing, twice there, of another form, or out of time. */
function letterOf(
  recipe: HmacRecipe,
  names: HmacRecipe["headers"][number],
  { headers, body, address = "" }: SignedInput,
  nowMs: Instant,
): Letter | null {
  const header = headers.get(names.signature);
  if (header === null || header.length > headerCharsMax) return null;
  const said = read[recipe.form](recipe, header);
  if (said === null || said.signatures.length === 0) return null;
  const id = names.id === undefined ? "" : (headers.get(names.id) ?? "");
  if (recipe.signed.includes("id") && !idForm.test(id)) return null;
  const time = said.time ?? (names.time === undefined ? "" : (headers.get(names.time) ?? ""));
  if (recipe.time !== undefined && !isInTime(recipe.time, time, nowMs)) return null;
  if (recipe.signed.includes("time") && recipe.time === undefined) return null;
  if (recipe.signed.includes("address") && address === "") return null;
  if (isTimeUnclear(recipe, body)) return null;
  return { signatures: said.signatures, head: { id, time, address } };
}

function isInTime(unit: keyof typeof timeForms, text: string, nowMs: Instant): boolean {
  if (!timeForms[unit].test(text)) return false;
  const saidMs = Number(text) * (text.length === secondsDigits ? 1000 : 1);
  return Math.abs(nowMs - saidMs) <= toleranceMs;
}

/**
 * Where a time of either length runs into the body, a body that begins with a digit could have lent
 * that digit to the time. No provider's body does.
 */
function isTimeUnclear({ time, signed }: HmacRecipe, body: Bytes): boolean {
  const [first = 0] = body;
  const runsOn = signed.some((part, i) => part === "time" && signed[i + 1] === "body");
  return time === "either" && runsOn && first >= 0x30 && first <= 0x39;
}

function messageOf({ signed }: HmacRecipe, head: Head, body: Bytes): Bytes {
  const texts = { ...head, ".": "." };
  const parts = signed.map((part) =>
    part === "body" ? body : new TextEncoder().encode(texts[part]),
  );
  const message = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

const macBytes = (recipe: HmacRecipe) => (recipe.hash === "SHA-1" ? 20 : 32);

/** Decoded, and of exactly the length that such a signature has. */
function sized(by: Signature["by"], bytes: Bytes | null, length: number): Signature | null {
  return bytes?.length === length ? { by, bytes } : null;
}

/** Each form of the header, read strictly: what is not quite of the form says nothing. */
const read: Record<HmacRecipe["form"], (recipe: HmacRecipe, header: string) => Said | null> = {
  hex: (recipe, header) => single(recipe, header, fromHex),
  base64: (recipe, header) => single(recipe, header, fromBase64),
  stamped,
  versioned,
};

function single(
  recipe: HmacRecipe,
  header: string,
  decode: (text: string) => Bytes | null,
): Said | null {
  const { prefix = "" } = recipe;
  if (!header.startsWith(prefix)) return null;
  const signature = sized("HMAC", decode(header.slice(prefix.length)), macBytes(recipe));
  return signature && { signatures: [signature] };
}

/** `t=<time>,v1=<hex>`; entries of other versions are passed over, older and weaker ones too. */
function stamped(recipe: HmacRecipe, header: string): Said | null {
  const entries = header.split(",", entriesMax + 1);
  if (entries.length > entriesMax) return null;
  const signatures: Signature[] = [];
  const times: string[] = [];
  for (const entry of entries) {
    const [, name, value = ""] = /^([a-z][a-z0-9]{0,7})=([\x21-\x7e]+)$/.exec(entry) ?? [];
    if (name === undefined) return null;
    if (name === "t") times.push(value);
    if (name !== "v1") continue;
    const signature = sized("HMAC", fromHex(value), macBytes(recipe));
    if (signature === null) return null;
    signatures.push(signature);
  }
  const [time] = times;
  return time === undefined || times.length > 1 ? null : { signatures, time };
}

/** `v1,<base64> v1a,<base64>`; entries of other versions are passed over. */
function versioned(recipe: HmacRecipe, header: string): Said | null {
  const entries = header.split(" ", entriesMax + 1);
  if (entries.length > entriesMax) return null;
  const signatures: Signature[] = [];
  for (const entry of entries) {
    const [, version, value = ""] = /^(v[0-9]{1,3}[a-z]?),([A-Za-z0-9+/=_-]+)$/.exec(entry) ?? [];
    if (version === undefined) return null;
    if (version !== "v1" && version !== "v1a") continue;
    const signature =
      version === "v1"
        ? sized("HMAC", fromBase64(value), macBytes(recipe))
        : sized("Ed25519", fromBase64(value), ed25519Bytes);
    if (signature === null) return null;
    signatures.push(signature);
  }
  return { signatures };
}

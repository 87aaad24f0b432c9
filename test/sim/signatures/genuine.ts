/** Deliveries that are the provider's own, in every form that its scheme allows. */
import type { HmacRecipe, Keyset, Observed, SignatureRecipe } from "../../../providers/recipe.ts";
import { parseTinkKeyset } from "../../../providers/signature.ts";
import type { Chance } from "../../oracle/chance.ts";
import {
  bodyBy,
  type Entry,
  entryBy,
  headersOf,
  idBy,
  isHex,
  isList,
  type Names,
  type Parts,
  type Trial,
  timeWithin,
  unitBy,
} from "./letter.ts";
import { livingBy } from "./rotation.ts";
import type { Scheme } from "./schemes.ts";
import { genuineShared } from "./shared.ts";
import { curveKey, der, framed, type Key, keyOf, keysetOf, sha256 } from "./signer.ts";

export interface Genuine {
  readonly trial: Trial;
  /** Which key is to be named. */
  readonly kid: string;
  /** What is to be said of a signature that is only observed. */
  readonly observed?: Observed;
}

type Tink = Extract<SignatureRecipe, { kind: "authorization-and-tink" }>;

export const nobodysKeys: Keyset = async () => {
  throw new Error("a scheme without published keys asked for them");
};

const fromMs = Date.parse("2026-01-01T00:00:00Z");
const yearMs = 365 * 86_400_000;
/** Whole seconds half of the time, so that the edges of the window are met exactly. */
export function nowBy(chance: Chance): number {
  const atMs = fromMs + chance.whole(0, yearMs);
  return chance.in100(50) ? atMs - (atMs % 1000) : atMs;
}

const poolOf = 12;
const digits = (chance: Chance) => chance.whole(0, 0xffffffff).toString(16).padStart(8, "0");

/** Five different secrets that a deployment could hold for a text scheme. */
export function textsBy(chance: Chance): (n: number) => string {
  const base = `${digits(chance)}${digits(chance)}`;
  return (n) => `${["path-", "Bearer ", "ключ$&", "", "\u00a0"][n]}${base}`;
}

/** Five different keys of a scheme; a partner in rotation may be of the scheme's other kind. */
export type Keys = readonly [Key, Key, Key, Key, Key];
export function keysBy(chance: Chance, scheme: Scheme<HmacRecipe>): Keys {
  const first = chance.whole(0, poolOf - 1);
  const other = scheme.version === "v1" ? ("v1a" as const) : ("v1" as const);
  const key = (n: number) => {
    const isMixed = n > 0 && scheme.recipe.key === "standard-webhooks" && chance.in100(20);
    return keyOf(scheme.recipe, isMixed ? other : scheme.version, (first + n) % poolOf);
  };
  return [key(0), key(1), key(2), key(3), key(4)];
}

/** Everything there is to say of one delivery by HMAC, before it is written down. */
export interface Plain {
  readonly scheme: Scheme<HmacRecipe>;
  readonly names: Names;
  readonly parts: Parts;
  readonly key: Key;
  readonly nowMs: number;
}

export function plainBy(chance: Chance, scheme: Scheme<HmacRecipe>, key: Key): Plain {
  const { recipe } = scheme;
  const nowMs = nowBy(chance);
  const parts: Parts = {
    id: idBy(chance),
    time: timeWithin(chance, unitBy(chance, recipe.time), nowMs),
    body: bodyBy(chance, recipe),
  };
  return { scheme, names: chance.pick(recipe.headers), parts, key, nowMs };
}

/** Any text of the form of a signature: nobody's. */
export function decoyBy(chance: Chance, recipe: HmacRecipe, version: string): Entry {
  const length = version === "v1a" ? 64 : recipe.hash === "SHA-1" ? 20 : 32;
  const bytes = Buffer.concat([sha256(digits(chance)), sha256(digits(chance))]);
  const text = bytes.subarray(0, length).toString(isHex(recipe) ? "hex" : "base64");
  return { version, text };
}

const entriesMax = 16;

/**
 * Among others of its own or other versions, where the form is a list. Of key pairs' signatures there
 * is one besides, as a sender in rotation has: few are tried.
 */
function amongOthers(chance: Chance, recipe: HmacRecipe, mine: Entry): readonly Entry[] {
  if (!isList(recipe) || chance.in100(50)) return [mine];
  const room = entriesMax - (recipe.form === "stamped" ? 2 : 1);
  const count = chance.in100(10) ? room : chance.whole(1, 4);
  const versions = recipe.form === "stamped" ? ["v1", "v0", "v2"] : ["v1", "v1a", "v2", "v3b"];
  const pairs = decoyBy(chance, recipe, "v1a");
  const others = Array.from({ length: count }, () => {
    const version = chance.pick(versions);
    return version === "v1a" ? pairs : decoyBy(chance, recipe, version);
  });
  return chance.shuffled([mine, ...others]);
}

/** No secrets of Standard Webhooks: no base64, too short, too long, a private key. */
export const brokenStandard = [
  "whsec_",
  "whsec_!!!!",
  `whsec_${Buffer.alloc(23, 7).toString("base64")}`,
  `whsec_${Buffer.alloc(65, 7).toString("base64")}`,
  `whpk_${Buffer.alloc(31, 7).toString("base64")}`,
  `whsk_${Buffer.alloc(64, 7).toString("base64")}`,
];

function genuineHmac(chance: Chance, scheme: Scheme<HmacRecipe>): Genuine {
  const { recipe } = scheme;
  const keys = keysBy(chance, scheme);
  const plain = plainBy(chance, scheme, keys[0]);
  const textOf = (n: number) => keys[n]?.text ?? "";
  const odd = recipe.key === "standard-webhooks" ? brokenStandard : [];
  const { stated, signer, kid } = livingBy(chance, textOf, plain.nowMs, odd);
  const mine = entryBy(recipe, keys[signer] ?? keys[0], plain.parts, chance.in100(30));
  const headers = headersOf(recipe, plain.names, plain.parts, amongOthers(chance, recipe, mine));
  // Another set of headers may say anything: one good set is enough.
  const another = recipe.headers.find((names) => names !== plain.names);
  const beside =
    another !== undefined && chance.in100(30)
      ? headersOf(recipe, another, plain.parts, [decoyBy(chance, recipe, "v1")])
      : {};
  const sent = { headers: { ...beside, ...headers }, pathKey: null, body: plain.parts.body };
  const trial = { sent, secrets: { signing: stated }, keyset: nobodysKeys, nowMs: plain.nowMs };
  return { trial, kid };
}

/** Published keys of three ids; the third is not published. */
export const curveKeys = [curveKey(1), curveKey(0xdeadbeef), curveKey(77)] as const;
const published = parseTinkKeyset(keysetOf(curveKeys.slice(0, 2)));
export const held: Keyset = async () => published;
const before = parseTinkKeyset(keysetOf(curveKeys.slice(0, 1)));
/** Not yet fetched anew: the second key is known only when asked again. */
export const stale: Keyset = async (refresh) => (refresh ? published : before);

const anyBody = { signed: ["body"] } as const;

function genuineTink(chance: Chance, { recipe }: Scheme<Tink>): Genuine {
  const nowMs = nowBy(chance);
  const textOf = textsBy(chance);
  const { stated, signer } = livingBy(chance, textOf, nowMs);
  const body = bodyBy(chance, anyBody);
  const key = curveKeys[chance.whole(0, 1)] ?? curveKeys[0];
  const signature = framed(key.id, der(key.sign(body, chance.whole(0, 63)))).toString("base64");
  const name = chance.pick(recipe.headers);
  const headers: Record<string, string> = { authorization: textOf(signer), [name]: signature };
  const another = recipe.headers.find((other) => other !== name);
  if (another !== undefined && chance.in100(30))
    headers[another] = chance.pick([signature, "", "AA==", "junk"]);
  const keyset = chance.pick([held, stale]);
  const sent = { headers, pathKey: null, body };
  return {
    trial: { sent, secrets: { authorization: stated }, keyset, nowMs },
    kid: String(key.id),
  };
}

export type Path = Extract<SignatureRecipe, { kind: "path-secret" }>;

function genuinePath(chance: Chance, scheme: Scheme<Path>): Genuine {
  const { recipe, ...of } = scheme;
  if (recipe.observed !== undefined)
    return genuineObserved(chance, { ...of, recipe: recipe.observed });
  const nowMs = nowBy(chance);
  const textOf = textsBy(chance);
  const { stated, signer, kid } = livingBy(chance, textOf, nowMs);
  const sent = { headers: {}, pathKey: textOf(signer), body: bodyBy(chance, anyBody) };
  return { trial: { sent, secrets: { pathKeys: stated }, keyset: nobodysKeys, nowMs }, kid };
}

/** The path proves it; what its signature is worth is only said, unless one is demanded. */
function genuineObserved(chance: Chance, scheme: Scheme<HmacRecipe>): Genuine {
  const { trial } = genuineHmac(chance, scheme);
  const textOf = textsBy(chance);
  const { stated, signer, kid } = livingBy(chance, textOf, trial.nowMs);
  const observed = chance.pick(["matches", "matches", "differs", "absent", "unkeyed"] as const);
  const { headers, body } = trial.sent;
  const changed = Buffer.concat([body, Buffer.from(" ")]);
  const sent = {
    headers: observed === "absent" ? {} : headers,
    body: observed === "differs" ? changed : body,
    pathKey: textOf(signer),
  };
  const { signing = [] } = trial.secrets;
  const secrets = {
    pathKeys: stated,
    signing: observed === "unkeyed" ? [] : signing,
    ...(observed === "matches" && chance.in100(50) ? { signatureDemanded: true } : {}),
  };
  return { trial: { ...trial, sent, secrets }, kid, observed };
}

/** Whatever proves it otherwise, a part of the path may be demanded besides. */
function withPath(chance: Chance, genuine: Genuine): Genuine {
  if (!chance.in100(25)) return genuine;
  const { trial } = genuine;
  const textOf = textsBy(chance);
  const { stated, signer } = livingBy(chance, textOf, trial.nowMs);
  const sent = { ...trial.sent, pathKey: textOf(signer) };
  const secrets = { ...trial.secrets, pathKeys: stated };
  return { ...genuine, trial: { ...trial, sent, secrets } };
}

export function genuineBy(chance: Chance, scheme: Scheme): Genuine {
  const { recipe } = scheme;
  switch (recipe.kind) {
    case "hmac":
      return withPath(chance, genuineHmac(chance, { ...scheme, recipe }));
    case "authorization-and-tink":
      return withPath(chance, genuineTink(chance, { ...scheme, recipe }));
    case "shared":
      return withPath(chance, genuineShared(chance, recipe));
    case "path-secret":
      return genuinePath(chance, { ...scheme, recipe });
    case "member-key":
    case "member-token":
      throw new Error("a member's key or token is the route's to check");
  }
}

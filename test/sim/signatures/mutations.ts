/**
 * What may be done to a delivery that is signed by HMAC or by Standard Webhooks' key pair, so that
 * it is the provider's no more. Each is null where it does not apply, or where it would leave a
 * delivery that is still genuine by the rules: that is said where it can be so.
 */
import { createHmac } from "node:crypto";
import type { HmacRecipe, Secret } from "../../../providers/recipe.ts";
import type { Chance } from "../../oracle/chance.ts";
import { decoyBy, type Keys, keysBy, nobodysKeys, type Plain, plainBy } from "./genuine.ts";
import {
  type Entry,
  entryBy,
  flipped,
  flippedText,
  headersOf,
  idBy,
  isHex,
  isList,
  messageOf,
  type Parts,
  signatureText,
  type Trial,
  timeOutside,
  timeWithin,
  type Unit,
} from "./letter.ts";
import { deadBy } from "./rotation.ts";
import type { Scheme } from "./schemes.ts";
import type { Key } from "./signer.ts";

/** One delivery, its key among the secrets of the deployment, and what may be put in their place. */
interface Whole extends Plain {
  readonly keys: Keys;
  readonly entry: Entry;
}
type Part = HmacRecipe["signed"][number];
type Mutation = (chance: Chance, whole: Whole) => Trial | null;

interface Other {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly stated?: readonly Secret[];
}
/** As it was, but for what is given. */
const but = (whole: Whole, other: Other): Trial => ({
  sent: {
    headers: other.headers ?? headersWith(whole, {}),
    pathKey: null,
    body: other.body ?? whole.parts.body,
  },
  secrets: { signing: other.stated ?? [whole.keys[0].text, whole.keys[1].text] },
  keyset: nobodysKeys,
  nowMs: whole.nowMs,
});

interface Said {
  readonly parts?: Parts;
  readonly entries?: readonly Entry[];
}
const headersWith = ({ scheme, names, parts, entry }: Whole, said: Said) =>
  headersOf(scheme.recipe, names, said.parts ?? parts, said.entries ?? [entry]);

/** Signed by `key`, or as it was, over parts of which some are others. */
const signedOver = (whole: Whole, parts: Parts, key = whole.keys[0]): Trial =>
  but(whole, {
    headers: headersWith(whole, { parts, entries: [entryBy(whole.scheme.recipe, key, parts)] }),
    body: parts.body,
  });

const hasTime = ({ recipe }: Scheme<HmacRecipe>) => recipe.time !== undefined;
const hasId = ({ recipe }: Scheme<HmacRecipe>) => recipe.signed.includes("id");
const withText = (whole: Whole, text: string) =>
  but(whole, { headers: headersWith(whole, { entries: [{ ...whole.entry, text }] }) });

/** The same digits in the other case, all of them, are the same signature. */
const isSameHex = (a: string, b: string) =>
  a.toLowerCase() === b.toLowerCase() && (a === a.toLowerCase() || a === a.toUpperCase());

const ofBody: Readonly<Record<string, Mutation>> = {
  "a bit of the body": (chance, whole) =>
    whole.parts.body.length === 0 ? null : but(whole, { body: flipped(chance, whole.parts.body) }),
  "a longer body": (chance, whole) => {
    const more = Buffer.from(chance.pick([" ", "\n", "\u0000", "{}"]));
    const both = [whole.parts.body, more];
    return but(whole, { body: Buffer.concat(chance.in100(50) ? both : both.reverse()) });
  },
  "a shorter body": (_, whole) =>
    whole.parts.body.length === 0 ? null : but(whole, { body: whole.parts.body.subarray(1) }),
  "bytes that read alike": (_, whole) => {
    const body = Buffer.from('{"name":"\ufffd"}');
    const said = signedOver(whole, { ...whole.parts, body });
    return { ...said, sent: { ...said.sent, body: Buffer.from('{"name":"\xff"}', "latin1") } };
  },
};

const ofSignature: Readonly<Record<string, Mutation>> = {
  "a bit of the signature": (chance, whole) => {
    const text = flippedText(chance, whole.entry.text);
    // A comma or a blank could begin another entry, but none that is signed.
    return isHex(whole.scheme.recipe) && isSameHex(text, whole.entry.text)
      ? null
      : withText(whole, text);
  },
  "another signature": (chance, whole) =>
    withText(whole, decoyBy(chance, whole.scheme.recipe, whole.entry.version).text),
  "a longer or shorter signature": (chance, whole) => {
    const { text } = whole.entry;
    const others = [text.slice(1), text.slice(0, -1), text.slice(0, -2), `${text}0`, text + text];
    return withText(whole, chance.pick([...others, text.slice(0, 8), ""]));
  },
  "another encoding": (chance, whole) => {
    const { text } = whole.entry;
    const isText = isHex(whole.scheme.recipe);
    const bytes = Buffer.from(text, isText ? "hex" : "base64");
    const mixed = text.slice(0, 32).toUpperCase() + text.slice(32).toLowerCase();
    const others = isText
      ? [bytes.toString("base64"), `0x${text}`, text.replace(/../g, "$& ").trim(), mixed]
      : [
          bytes.toString("hex"),
          bytes.toString("base64url"),
          text.replace(/=+$/, ""),
          `${text.slice(0, 8)}\n${text.slice(8)}`,
          `${text}=`,
        ];
    const other = chance.pick(others);
    // Without + and / and padding, base64url is the same text; without letters no case is mixed.
    const isSame = other === text || (isText && isSameHex(other, text));
    return isSame ? null : withText(whole, other);
  },
  "left-over bits in base64": (_, whole) => {
    const { text } = whole.entry;
    if (isHex(whole.scheme.recipe) || !text.endsWith("=")) return null;
    const at = text.indexOf("=") - 1;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const next = alphabet[alphabet.indexOf(text[at] ?? "") + 1] ?? "";
    return withText(whole, text.slice(0, at) + next + text.slice(at + 1));
  },
  "without its prefix, or with another": (chance, whole) => {
    const { prefix } = whole.scheme.recipe;
    if (prefix === undefined) return withText(whole, `sha256=${whole.entry.text}`);
    const said = chance.pick(["", "sha1=", prefix.toUpperCase(), prefix + prefix, ` ${prefix}`]);
    const headers = { [whole.names.signature]: said + whole.entry.text };
    return but(whole, { headers: { ...headersWith(whole, {}), ...headers } });
  },
};

const mutedBy = (whole: Whole, key: Key, message: Buffer, wrong: (m: Buffer) => Buffer): Trial => {
  const text = wrong(message).toString(isHex(whole.scheme.recipe) ? "hex" : "base64");
  return but(whole, { headers: headersWith(whole, { entries: [{ version: key.version, text }] }) });
};

const ofKey: Readonly<Record<string, Mutation>> = {
  "another secret": (_, whole) => signedOver(whole, whole.parts, whole.keys[2]),
  "a secret that does not count": (chance, whole) => {
    const stated = deadBy(chance, (n) => whole.keys[n]?.text ?? "", whole.nowMs);
    return but(whole, { stated });
  },
  "another key or hash made of the secret": (chance, whole) => {
    const message = messageOf(whole.scheme.recipe, whole.parts);
    return mutedBy(whole, whole.keys[0], message, chance.pick(whole.keys[0].mistaken));
  },
  "a secret that is none": (chance, whole) => {
    const { recipe, version } = whole.scheme;
    if (version === "v1a") return null;
    const bytes = Buffer.alloc(
      recipe.key === "standard-webhooks" ? chance.pick([0, 16, 23, 65]) : 0,
      7,
    );
    const isStandard = recipe.key === "standard-webhooks";
    const text = isStandard ? `whsec_${bytes.toString("base64")}` : "";
    const message = messageOf(recipe, whole.parts);
    const algorithm = recipe.hash === "SHA-1" ? "sha1" : "sha256";
    const sign = () => createHmac(algorithm, bytes).update(message).digest();
    const { sent, ...rest } = mutedBy(whole, whole.keys[0], message, sign);
    return { sent, ...rest, secrets: { signing: [text, whole.keys[1].text] } };
  },
  "parts parted otherwise": (chance, whole) => {
    const { recipe } = whole.scheme;
    const bare = recipe.signed.filter((part) => part !== ".");
    const dotted = bare.flatMap<Part>((part, i) => (i === 0 ? [part] : [".", part]));
    const orders: (readonly Part[])[] = [bare, dotted, ["body"], recipe.signed.toReversed()];
    const right = messageOf(recipe, whole.parts);
    const wrong = messageOf({ signed: chance.pick(orders) }, whole.parts);
    // An empty body, or only one part, can come to the same bytes.
    if (wrong.equals(right)) return null;
    return mutedBy(whole, whole.keys[0], wrong, (message) => whole.keys[0].sign(message));
  },
};

const ofTime: Readonly<Record<string, Mutation>> = {
  "a time out of bounds": (chance, whole) => {
    if (!hasTime(whole.scheme)) return null;
    const time = timeOutside(chance, unitOf(whole), whole.nowMs);
    return signedOver(whole, { ...whole.parts, time });
  },
  "another time": (chance, whole) => {
    if (!hasTime(whole.scheme)) return null;
    const time = timeWithin(chance, unitOf(whole), whole.nowMs);
    const parts = { ...whole.parts, time };
    return time === whole.parts.time
      ? null
      : but(whole, { headers: headersWith(whole, { parts }) });
  },
  "a time of another form, signed": (chance, whole) => {
    if (!hasTime(whole.scheme)) return null;
    const { time } = whole.parts;
    const junk = [`${time}junk`, `${time}.9`, ` +${time}`, `+${time}`, `0${time}`, `${time} `];
    const odd = [`${time}e0`, `0x${Number(time).toString(16)}`, time.slice(1), "", "NaN", "-1"];
    return signedOver(whole, { ...whole.parts, time: chance.pick([...junk, ...odd]) });
  },
  "a time in the other unit": (_, whole) => {
    const { time: unit } = whole.scheme.recipe;
    if (unit === undefined || unit === "either") return null;
    const { time } = whole.parts;
    const other = unit === "seconds" ? `${time}000` : time.slice(0, -3);
    return signedOver(whole, { ...whole.parts, time: other });
  },
  "another id": (chance, whole) => {
    const parts = { ...whole.parts, id: idBy(chance) };
    const isOther = hasId(whole.scheme) && parts.id !== whole.parts.id;
    return isOther ? but(whole, { headers: headersWith(whole, { parts }) }) : null;
  },
  "an id of another form, signed": (chance, whole) => {
    if (!hasId(whole.scheme)) return null;
    const odd = ["", " ", "m\u0001", "a.b", "ä", "a b", `${whole.parts.id}.`, "m".repeat(257)];
    return signedOver(whole, { ...whole.parts, id: chance.pick(odd) });
  },
};
const unitOf = ({ parts }: Whole): Unit => (parts.time.length === 10 ? "seconds" : "milliseconds");

const ofBoundaries: Readonly<Record<string, Mutation>> = {
  "a dot's worth moved from the body to the id": (_, whole) => {
    if (!hasId(whole.scheme)) return null;
    const { id, time, body } = whole.parts;
    // Signed: id, time, and a body "time.body"; claimed: an id "id.time", the time, the body.
    const inner = Buffer.concat([Buffer.from(`${time}.`), body]);
    const entries = [entryBy(whole.scheme.recipe, whole.keys[0], { id, time, body: inner })];
    const parts = { id: `${id}.${time}`, time, body };
    return but(whole, { headers: headersWith(whole, { parts, entries }), body });
  },
  "a digit moved between time and body": (chance, whole) => {
    const { recipe } = whole.scheme;
    const at = recipe.signed.indexOf("time");
    if (at === -1 || recipe.signed[at + 1] !== "body") return null;
    const moved = chance.pick([1, 3, -1]);
    // Ten digits and three are what the provider itself signs of a time in milliseconds: genuine.
    if (recipe.time === "either" && unitOf(whole) === "seconds" && moved === 3) return null;
    const { id, time, body } = whole.parts;
    const signed = { id, time, body: Buffer.concat([Buffer.from("123"), body]) };
    const entries = [entryBy(recipe, whole.keys[0], moved > 0 ? signed : whole.parts)];
    const parts =
      moved > 0
        ? { id, time: time + "123".slice(0, moved), body: signed.body.subarray(moved) }
        : { id, time: time.slice(0, -1), body: Buffer.concat([Buffer.from(time.slice(-1)), body]) };
    return but(whole, { headers: headersWith(whole, { parts, entries }), body: parts.body });
  },
  "milliseconds moved into the body": (_, whole) => {
    const { recipe } = whole.scheme;
    if (recipe.time !== "either" || unitOf(whole) !== "milliseconds") return null;
    const { id, time, body } = whole.parts;
    // The very bytes that are signed, with a time that counts: told by the body's first digit.
    const parts = {
      id,
      time: time.slice(0, 10),
      body: Buffer.concat([Buffer.from(time.slice(10)), body]),
    };
    return but(whole, { headers: headersWith(whole, { parts }), body: parts.body });
  },
};

/** The headers that the proof needs. */
const neededBy = ({ scheme, names }: Whole): readonly string[] => [
  names.signature,
  ...(names.time === undefined || !hasTime(scheme) ? [] : [names.time]),
  ...(names.id === undefined || !hasId(scheme) ? [] : [names.id]),
];

const withHeader = (whole: Whole, name: string, value: string | null): Trial => {
  const { [name]: _, ...rest } = headersWith(whole, {});
  return but(whole, { headers: value === null ? rest : { ...rest, [name]: value } });
};

const ofHeaders: Readonly<Record<string, Mutation>> = {
  "a header taken away": (chance, whole) => withHeader(whole, chance.pick(neededBy(whole)), null),
  "a header twice": (chance, whole) => {
    const headers = headersWith(whole, {});
    const name = chance.pick(neededBy(whole));
    return withHeader(whole, name, `${headers[name]}, ${headers[name]}`);
  },
  "a header padded": (chance, whole) => {
    const headers = headersWith(whole, {});
    const name = chance.pick(neededBy(whole));
    const said = headers[name] ?? "";
    const padded = [` ${said}`, `${said} `, `\t${said}`, `${said}\u0000`, `"${said}"`, `${said};`];
    return withHeader(whole, name, chance.pick([...padded, `${said},`]));
  },
  "the signature under another set's name": (_, whole) => {
    const another = whole.scheme.recipe.headers.find(
      ({ signature }) => signature !== whole.names.signature,
    );
    // Where the signature is all that a set has, it may stand under either name.
    if (another === undefined || (another.id ?? another.time) === undefined) return null;
    const { [whole.names.signature]: said = "", ...rest } = headersWith(whole, {});
    return but(whole, { headers: { ...rest, [another.signature]: said } });
  },
};

const ofLists: Readonly<Record<string, Mutation>> = {
  "a version that is not known": (chance, whole) => {
    if (!isList(whole.scheme.recipe)) return null;
    const isStamped = whole.scheme.recipe.form === "stamped";
    const other = whole.entry.version === "v1" ? "v1a" : "v1";
    const version = chance.pick([
      "v0",
      "v2",
      "V1",
      "v1 ",
      "v",
      "",
      "v10",
      isStamped ? "s1" : other,
    ]);
    return but(whole, { headers: headersWith(whole, { entries: [{ ...whole.entry, version }] }) });
  },
  "the good one after too many": (chance, whole) => {
    const { recipe } = whole.scheme;
    if (!isList(recipe)) return null;
    const count = chance.pick([16, 17, 40]);
    const many = Array.from({ length: count }, () => decoyBy(chance, recipe, "v1"));
    const entries = chance.in100(50) ? [...many, whole.entry] : [whole.entry, ...many];
    return but(whole, { headers: headersWith(whole, { entries }) });
  },
  "the good one of a key pair after too many": (chance, whole) => {
    const { recipe, version } = whole.scheme;
    if (version !== "v1a") return null;
    const many = Array.from({ length: chance.pick([8, 15]) }, () => decoyBy(chance, recipe, "v1a"));
    return but(whole, { headers: headersWith(whole, { entries: [...many, whole.entry] }) });
  },
  "the good one beside a broken one": (chance, whole) => {
    if (!isList(whole.scheme.recipe)) return null;
    const broken = {
      version: "v1",
      text: chance.pick(["", "AAAA", "zz", whole.entry.text.slice(4)]),
    };
    const entries = chance.shuffled([whole.entry, broken]);
    return but(whole, { headers: headersWith(whole, { entries }) });
  },
  "a header beyond all measure": (_, whole) => {
    const { recipe } = whole.scheme;
    if (!isList(recipe)) return null;
    const long = { version: "v2", text: "A".repeat(4096) };
    return but(whole, { headers: headersWith(whole, { entries: [whole.entry, long] }) });
  },
  "two times, or none, in one header": (chance, whole) => {
    const { recipe } = whole.scheme;
    if (recipe.form !== "stamped") return null;
    const said = signatureText(recipe, whole.parts.time, [whole.entry]);
    const { time } = whole.parts;
    const first = said.slice(said.indexOf(",") + 1);
    const odd = [`t=${time},${said}`, `${said},t=${time}`, `t=1,${said}`, `${said},t=1`, first];
    return withHeader(whole, whole.names.signature, chance.pick([...odd, `t=,${first}`]));
  },
  "only wrong ones": (chance, whole) => {
    const { recipe } = whole.scheme;
    if (!isList(recipe)) return null;
    const count = recipe.form === "stamped" ? 15 : 16;
    const entries = Array.from({ length: count }, () =>
      decoyBy(chance, recipe, whole.entry.version),
    );
    return but(whole, { headers: headersWith(whole, { entries }) });
  },
};

const mutations: readonly (readonly [string, Mutation])[] = Object.entries({
  ...ofBody,
  ...ofSignature,
  ...ofKey,
  ...ofTime,
  ...ofBoundaries,
  ...ofHeaders,
  ...ofLists,
});

export interface Mutated {
  readonly name: string;
  readonly trial: Trial;
}

export function mutatedHmac(chance: Chance, scheme: Scheme<HmacRecipe>): Mutated {
  const keys = keysBy(chance, scheme);
  const plain = plainBy(chance, scheme, keys[0]);
  const entry = entryBy(scheme.recipe, keys[0], plain.parts, chance.in100(30));
  for (;;) {
    const [name, mutate] = chance.pick(mutations);
    const trial = mutate(chance, { ...plain, keys, entry });
    if (trial !== null) return { name, trial };
  }
}

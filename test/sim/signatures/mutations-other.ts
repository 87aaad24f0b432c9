/** What may be done to a delivery that a path or Google's keys prove, so that nothing proves it. */
import type { SignatureRecipe } from "../../../providers/recipe.ts";
import type { Chance } from "../../oracle/chance.ts";
import { curveKeys, held, nobodysKeys, nowBy, textsBy } from "./genuine.ts";
import { bodyBy, flipped, type Trial, wrongText } from "./letter.ts";
import type { Mutated } from "./mutations.ts";
import { deadBy } from "./rotation.ts";
import { der, framed } from "./signer.ts";

type Tink = Extract<SignatureRecipe, { kind: "authorization-and-tink" }>;
const anyBody = { signed: ["body"] } as const;

/** The body proves nothing there: another one under the same path is as genuine. */
export function mutatedPath(chance: Chance): Mutated {
  const nowMs = nowBy(chance);
  const textOf = textsBy(chance);
  const isDead = chance.in100(40);
  const pathKeys = isDead ? deadBy(chance, textOf, nowMs) : [textOf(0), textOf(1)];
  const pathKey = isDead ? textOf(0) : wrongText(chance, textOf(chance.whole(0, 1)), textOf(2));
  const sent = { headers: {}, pathKey, body: bodyBy(chance, anyBody) };
  const name = isDead ? "a secret that does not count" : "another path";
  return { name, trial: { sent, secrets: { pathKeys }, keyset: nobodysKeys, nowMs } };
}

interface Whole {
  readonly name: string;
  readonly body: Buffer;
  readonly authorization: string;
  /** 64 bytes, by the first published key. */
  readonly signature: Buffer;
  readonly textOf: (n: number) => string;
  readonly nowMs: number;
}
type Mutation = (chance: Chance, whole: Whole) => Trial | null;

const [key, , unpublished] = curveKeys;

function but(
  whole: Whole,
  other: {
    readonly signed?: string | null;
    readonly authorization?: string | null;
    readonly body?: Buffer;
  },
): Trial {
  const right = framed(key.id, der(whole.signature)).toString("base64");
  const { signed = right, authorization = whole.authorization } = other;
  const headers: Record<string, string> = {};
  if (authorization !== null) headers.authorization = authorization;
  if (signed !== null) headers[whole.name] = signed;
  const authorizations = [whole.textOf(0), whole.textOf(1)];
  return {
    sent: { headers, pathKey: null, body: other.body ?? whole.body },
    secrets: { authorization: authorizations },
    keyset: held,
    nowMs: whole.nowMs,
  };
}
const framedText = (id: number, signature: Buffer) => framed(id, signature).toString("base64");

const mutations: Readonly<Record<string, Mutation>> = {
  "a bit of the body": (chance, whole) =>
    whole.body.length === 0 ? null : but(whole, { body: flipped(chance, whole.body) }),
  "a longer body": (_, whole) =>
    but(whole, { body: Buffer.concat([whole.body, Buffer.from(" ")]) }),
  // The other root of s is as good a signature, but no bit's worth away.
  "a bit of the signature": (chance, whole) =>
    but(whole, { signed: framedText(key.id, der(flipped(chance, whole.signature))) }),
  "a bit of the frame": (chance, whole) =>
    but(whole, {
      signed: flipped(chance, framed(key.id, der(whole.signature))).toString("base64"),
    }),
  "another key": (chance, whole) => {
    const signature = unpublished.sign(whole.body, chance.whole(0, 63));
    return but(whole, {
      signed: framedText(chance.pick([key.id, unpublished.id]), der(signature)),
    });
  },
  "the key's id of another": (_, whole) =>
    but(whole, { signed: framedText(curveKeys[1].id, der(whole.signature)) }),
  "another encoding": (chance, whole) => {
    const frame = framed(key.id, der(whole.signature));
    const right = frame.toString("base64");
    const texts = [frame.toString("base64url"), frame.toString("hex"), right.replace(/=+$/, "")];
    const other = [framedText(key.id, whole.signature), der(whole.signature).toString("base64")];
    const signed = chance.pick([
      ...texts,
      ...other,
      `${right}=`,
      ` ${right}`,
      `${right}, ${right}`,
    ]);
    // Without + and / and padding, base64url is the same text.
    return signed === right ? null : but(whole, { signed });
  },
  "bytes behind the signature": (_, whole) =>
    but(whole, {
      signed: framedText(key.id, Buffer.concat([der(whole.signature), Buffer.alloc(1)])),
    }),
  "no signature": (chance, whole) => but(whole, { signed: chance.pick([null, "", "AA=="]) }),
  "another authorization": (chance, whole) =>
    but(whole, { authorization: wrongText(chance, whole.authorization, whole.textOf(2)) }),
  "a secret that does not count": (chance, whole) => {
    const authorization = deadBy(chance, whole.textOf, whole.nowMs);
    const trial = but(whole, { authorization: whole.textOf(0) });
    return { ...trial, secrets: { authorization } };
  },
};

export function mutatedTink(chance: Chance, { headers }: Tink): Mutated {
  const textOf = textsBy(chance);
  const body = bodyBy(chance, anyBody);
  const whole: Whole = {
    name: chance.pick(headers),
    body,
    authorization: textOf(chance.whole(0, 1)),
    signature: key.sign(body, chance.whole(0, 63)),
    textOf,
    nowMs: nowBy(chance),
  };
  for (;;) {
    const [name, mutate] = chance.pick(Object.entries(mutations));
    const trial = mutate(chance, whole);
    if (trial !== null) return { name, trial };
  }
}

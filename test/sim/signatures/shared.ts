/** Deliveries that carry a secret as it stands, and what may be done to them so that they do not. */
import type { SignatureRecipe } from "../../../providers/recipe.ts";
import type { Chance } from "../../oracle/chance.ts";
import { type Genuine, nobodysKeys, nowBy, textsBy } from "./genuine.ts";
import { bodyBy, flipped, wrongText } from "./letter.ts";
import type { Mutated } from "./mutations.ts";
import { deadBy, livingBy } from "./rotation.ts";

type Shared = Extract<SignatureRecipe, { kind: "shared" }>;
interface Carried {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const anyBody = { signed: ["body"] } as const;

/** As a deployment writes it down: of two headers with what stands between them. */
function statedBy(chance: Chance, recipe: Shared): (n: number) => string {
  const textOf = textsBy(chance);
  const parts = "field" in recipe ? 1 : recipe.headers.length;
  return (n) => [...Array(parts - 1).fill("client-7"), textOf(n)].join(":");
}

/** What else an event says; the name of the field too, where it is none of the event's own. */
const around = (field: string): readonly object[] => [
  {},
  { event_type: "workout_summary", user: { id: 1, [field]: "theirs" } },
  { list: [{ [field]: "theirs" }, `"${field}":"theirs"`, '\\"', "{[", `\\"${field}`] },
  { note: `"${field}"`, again: field, n: 1e9, no: null },
];

/** JSON allows blanks anywhere, and any letter of a name to be escaped. */
function written(chance: Chance, field: string, value: unknown): string {
  const escaped = (name: string) =>
    `"\\u${(name.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}${name.slice(1)}"`;
  const name = chance.in100(15) ? escaped(field) : JSON.stringify(field);
  const blank = chance.pick(["", "", " ", "\n\t", "\r\n  "]);
  return `${name}${blank}:${blank}${JSON.stringify(value)}`;
}

/** One object, the field's sayings among what else it says. */
function bodyWith(chance: Chance, field: string, sayings: readonly string[]): string {
  const inner = JSON.stringify(chance.pick(around(field))).slice(1, -1);
  const all = chance.shuffled([...(inner === "" ? [] : [inner]), ...sayings]);
  const blank = chance.pick(["", " ", "\n"]);
  return `${blank}{${blank}${all.join(`,${blank}`)}${blank}}${blank}`;
}

function carried(chance: Chance, recipe: Shared, said: string): Carried {
  if ("field" in recipe) {
    const text = bodyWith(chance, recipe.field, [written(chance, recipe.field, said)]);
    return { headers: {}, body: Buffer.from(text) };
  }
  const values = said.split(":");
  const headers = recipe.headers.map((name, i) => [name, values[i] ?? ""]);
  return { headers: Object.fromEntries(headers), body: bodyBy(chance, anyBody) };
}

export function genuineShared(chance: Chance, recipe: Shared): Genuine {
  const nowMs = nowBy(chance);
  const textOf = statedBy(chance, recipe);
  const { stated, signer, kid } = livingBy(chance, textOf, nowMs);
  const sent = { ...carried(chance, recipe, textOf(signer)), pathKey: null };
  return { trial: { sent, secrets: { shared: stated }, keyset: nobodysKeys, nowMs }, kid };
}

type Mutation = (chance: Chance, recipe: Shared, right: string, other: string) => Carried | null;
const inField = (
  make: (chance: Chance, field: string, right: string, other: string) => string | Buffer,
): Mutation => {
  return (chance, recipe, right, other) =>
    "field" in recipe
      ? { headers: {}, body: Buffer.from(make(chance, recipe.field, right, other)) }
      : null;
};
const inHeaders = (
  make: (chance: Chance, names: readonly string[], values: readonly string[]) => [string, string][],
): Mutation => {
  return (chance, recipe, right) =>
    "field" in recipe
      ? null
      : {
          headers: Object.fromEntries(make(chance, recipe.headers, right.split(":"))),
          body: bodyBy(chance, anyBody),
        };
};
const valueAt = (values: readonly string[], i: number) => values[i] ?? "";

const mutations: Readonly<Record<string, Mutation>> = {
  "another value": (chance, recipe, right, other) => {
    const text = wrongText(chance, right, other);
    return text === null ? null : carried(chance, recipe, text);
  },
  "said twice": inField((chance, field, right, other) => {
    const twice = chance.pick([
      [right, right],
      [right, other],
      [other, right],
    ]);
    return bodyWith(
      chance,
      field,
      twice.map((each) => written(chance, field, each)),
    );
  }),
  "no text": inField((chance, field, right) => {
    const value = chance.pick([null, 7, true, [right], { [field]: right }]);
    return bodyWith(chance, field, [written(chance, field, value)]);
  }),
  "deeper, or elsewhere": inField((chance, field, right) =>
    chance.pick([
      `[${bodyWith(chance, field, [written(chance, field, right)])}]`,
      `{"data":${bodyWith(chance, field, [written(chance, field, right)])}}`,
      JSON.stringify(right),
      JSON.stringify({ [`${field} `]: right, [field.toUpperCase()]: right }),
    ]),
  ),
  "no JSON": inField((chance, field, right) => {
    const body = bodyWith(chance, field, [written(chance, field, right)]);
    return chance.pick([`${body}x`, body.slice(0, body.lastIndexOf("}")), `\ufeff${body}`, ""]);
  }),
  "no UTF-8": inField((chance, field, right) => {
    const body = bodyWith(chance, field, [
      written(chance, field, right),
      written(chance, "note", "?"),
    ]);
    return Buffer.from(body.replace('"?"', '"\u00ff"'), "latin1");
  }),
  "in a header, not the body": (_, recipe, right) =>
    "field" in recipe ? { headers: { [recipe.field]: right }, body: Buffer.from("{}") } : null,
  "in the body, not a header": (_, recipe, right) =>
    "field" in recipe
      ? null
      : { headers: {}, body: Buffer.from(JSON.stringify({ [recipe.headers[0] ?? ""]: right })) },
  "one header is missing": inHeaders((chance, names, values) => {
    const gone = chance.whole(0, names.length - 1);
    return names.flatMap((name, i) => (i === gone ? [] : [[name, valueAt(values, i)]]));
  }),
  "a header twice": inHeaders((chance, names, values) => {
    const twice = chance.whole(0, names.length - 1);
    return names.map((name, i) => {
      const value = valueAt(values, i);
      return [name, i === twice ? `${value}, ${value}` : value];
    });
  }),
  "all in one header": inHeaders((chance, names, values) => {
    const whole = values.join(":");
    // Of one header, that is where it belongs.
    if (names.length === 1) return [[`${names[0]}-x`, whole]];
    const one = chance.whole(0, names.length - 1);
    return names.map((name, i) => [name, i === one ? whole : ""]);
  }),
  "parted elsewhere": inHeaders((_, [first = "", ...rest], values) => [
    [first, `${valueAt(values, 0)}:${valueAt(values, 1).slice(0, 1)}`],
    ...rest.map((name, i): [string, string] => [name, valueAt(values, i + 1).slice(1)]),
  ]),
  "a bit of the body": inField((chance, field, right) => {
    const body = JSON.stringify({ [field]: right });
    for (;;) {
      // A flip that leaves the field as it was is no mutation.
      const other = flipped(chance, Buffer.from(body));
      if (!saysSo(other, field, right)) return other;
    }
  }),
};

function saysSo(body: Buffer, field: string, right: string): boolean {
  try {
    return JSON.parse(body.toString())[field] === right;
  } catch {
    return false;
  }
}

export function mutatedShared(chance: Chance, recipe: Shared): Mutated {
  const nowMs = nowBy(chance);
  const textOf = statedBy(chance, recipe);
  const keyset = nobodysKeys;
  if (chance.in100(20)) {
    const shared = deadBy(chance, textOf, nowMs);
    const sent = { ...carried(chance, recipe, textOf(0)), pathKey: null };
    return {
      name: "a secret that does not count",
      trial: { sent, secrets: { shared }, keyset, nowMs },
    };
  }
  const secrets = { shared: [textOf(0), textOf(1)] };
  for (;;) {
    const [name, mutate] = chance.pick(Object.entries(mutations));
    const made = mutate(chance, recipe, textOf(chance.whole(0, 1)), textOf(2));
    if (made !== null)
      return { name, trial: { sent: { ...made, pathKey: null }, secrets, keyset, nowMs } };
  }
}

/**
 * JSON as only malice writes it: under the names that the language itself looks for when a value is
 * made text, number or JSON, where none of them can be called, and nested so deep that whatever goes
 * down into it by calling itself runs out of room. Every reader has to take it for nothing known.
 */
import fc from "fast-check";

export const depth = 5_000;

function nested(around: (inner: unknown) => unknown): unknown {
  let json: unknown = {};
  for (let i = 0; i < depth; i++) json = around(json);
  // What a failed property shows of it.
  return Object.defineProperty(json, fc.toStringMethod, { value: () => "nested deep" });
}

/** By `JSON.parse`, so that `__proto__` is a name like any other, as it is in a body. */
const parsed = (text: string): unknown => JSON.parse(text);

const deep: readonly unknown[] = [nested((inner) => [inner]), nested((inner) => ({ id: inner }))];

/** One of each kind. */
export const hostileValues: readonly unknown[] = [
  ...["toString", "valueOf", "toJSON", "__proto__", "constructor", "length", "then"].map((name) =>
    parsed(`{"${name}":1}`),
  ),
  parsed('{"toString":null,"valueOf":null}'),
  parsed('{"__proto__":{"toString":1},"constructor":{"prototype":{"id":1}}}'),
  [parsed('{"toString":1}')],
  ...deep,
];

/** No text of theirs holds it. */
const mark = "\u0000deep";
const deepTexts = ["[".repeat(depth), '{"id":'.repeat(depth)].map(
  (opened, i) => `${opened}{}${(i === 0 ? "]" : "}").repeat(depth)}`,
);

/** As JSON, which is too deep for `JSON.stringify` to write. */
export const written = (json: unknown): string =>
  deepTexts.reduce(
    (text, inner, i) => text.replaceAll(JSON.stringify(`${mark}${i}`), inner),
    JSON.stringify(json, (_, value) =>
      deep.includes(value) ? `${mark}${deep.indexOf(value)}` : value,
    ) ?? "null",
  );

export const hostile: fc.Arbitrary<unknown> = fc.constantFrom(...hostileValues);

type Path = readonly string[];

/** The way to each value in it, its own first. */
function pathsIn(json: unknown): Path[] {
  const below =
    typeof json !== "object" || json === null
      ? []
      : Object.entries(json).flatMap(([name, value]) =>
          pathsIn(value).map((path) => [name, ...path]),
        );
  return [[], ...below];
}

function put(json: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  if (typeof json !== "object" || json === null || hostileValues.includes(json)) return json;
  const inner = put((json as Record<string, unknown>)[name], rest, value);
  return Array.isArray(json)
    ? json.map((one, i) => (String(i) === name ? inner : one))
    : { ...json, [name]: inner };
}

/** What it becomes when any one value of it is any one of these. */
export function* spoiltOf(json: unknown): Generator<unknown> {
  for (const path of pathsIn(json)) for (const value of hostileValues) yield put(json, path, value);
}

/** The same with several of its values at once. */
export const spoilt = (json: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(fc.tuple(fc.constantFrom(...pathsIn(json)), hostile), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce<unknown>((of, [path, value]) => put(of, path, value), json));

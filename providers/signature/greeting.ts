/**
 * How a provider's greeting of a new address is known and answered. Nothing follows from one, so one
 * that anybody could send is answered too; a word of ours is compared in constant time.
 */
import type { Instant } from "../../domain/time.ts";
import type { Greeted, Greeting, ProviderSecrets, SignedInput } from "../recipe.ts";
import { isFields, jsonOf } from "../untrusted.ts";
import { secretThatIs } from "./secrets.ts";

const bytesMax = 256;
const challengeForm = /^[A-Za-z0-9._~-]{1,256}$/;

/** The status that answers a greeting by POST; null when this is none. */
export async function greetedByPost(
  greeting: Greeting | undefined,
  { headers, body }: SignedInput,
  secrets: ProviderSecrets,
  nowMs: Instant,
): Promise<number | null> {
  switch (greeting?.kind) {
    case "authorised": {
      const given = headers.get("authorization");
      if ((await secretThatIs(given, secrets.authorization, nowMs)) === null) return null;
      const said = smallJson(body);
      return said !== undefined && JSON.stringify(said) === greeting.body ? greeting.status : null;
    }
    case "ping":
      return isPing(greeting.fields, smallJson(body)) ? greeting.status : null;
    default:
      return null;
  }
}

/** Exactly these fields, and perhaps when it was sent. */
function isPing(expected: Readonly<Record<string, string>>, said: unknown): boolean {
  if (!isFields(said)) return false;
  const names = Object.keys(said).filter(
    (name) => name !== "timestamp" || Object.hasOwn(expected, name),
  );
  const wanted = Object.entries(expected);
  return (
    names.length === wanted.length &&
    wanted.every(([name, value]) => Object.hasOwn(said, name) && said[name] === value)
  );
}

/** Undefined when it is too large to be a greeting, or no JSON. */
function smallJson(body: Uint8Array): unknown {
  if (body.length > bytesMax) return undefined;
  try {
    return jsonOf(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** What answers a greeting by GET; null: the provider has none by GET. */
export async function greet(
  greeting: Greeting | undefined,
  query: URLSearchParams,
  secrets: ProviderSecrets,
  nowMs: Instant,
): Promise<Greeted | null> {
  if (greeting?.kind === "hello") return { status: 200, json: greeting.json };
  if (greeting?.kind !== "word" && greeting?.kind !== "challenge") return null;
  const isWord = greeting.kind === "word";
  const word = onlyOne(query, isWord ? greeting.parameter : greeting.word);
  const isRight = (await secretThatIs(word, secrets.verification, nowMs)) !== null;
  if (isWord) return { status: isRight ? greeting.right : greeting.wrong };
  const challenge = onlyOne(query, greeting.challenge) ?? "";
  if (!isRight || !challengeForm.test(challenge)) return { status: greeting.wrong };
  return { status: 200, json: { [greeting.answer]: challenge } };
}

function onlyOne(query: URLSearchParams, name: string): string | null {
  const [value = null, ...more] = query.getAll(name);
  return more.length === 0 ? value : null;
}

/**
 * Card numbers stay out: what a source declares as one becomes the vault's token, in memory, before
 * anything is written; and where one stands anywhere else, nothing of the item is kept at all. A
 * number that could not be read exactly is one that was not looked for, so those are refused first.
 */
import { isCardNumber, mayBeNumber, numberIn } from "../domain/cards/card.ts";
import { findCardNumbers } from "../domain/cards/find.ts";
import type { MemberId, PersonId } from "../domain/identity.ts";
import { type CardPort, type CardRef, cardsMax, type GivenCard } from "../domain/ports.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { CardFields } from "../providers/provider.ts";

export type Unsanitised = "card-number" | "too-deep";

/** Lists and objects within each other. */
const depthMax = 64;
/** Of numbers that name records, those of fewer digits are not taken for cards. */
const recordDigitsMax = 14;

/**
 * The item with `CardRef`s where its declared numbers were, or itself if it had none.
 *
 * 1. everything is looked at             a number in the wrong place: nobody is told of any
 * 2. the declared numbers become tokens  the vault knows them; asked again, it says the same
 */
export async function sanitise(
  cards: CardPort,
  digestPerson: (person: string) => Promise<PersonId>,
  merchant: MemberId,
  fields: CardFields | undefined,
  item: unknown,
): Promise<Result<unknown, Unsanitised>> {
  const look = new Look(fields?.paths ?? []);
  const fault = look.at(item, look.paths, "", 0);
  if (fault !== null) return err(fault);
  if (look.declared.size === 0 && !look.isForged) return ok(item);
  const name = fields?.person(item) ?? null;
  const person = name === null ? null : await digestPerson(name);
  const numbers = [...new Set(look.declared.values())].filter((number) => number !== null);
  const refs = new Map<string, CardRef>();
  for (let at = 0; at < numbers.length; at += cardsMax) {
    const given = numbers.slice(at, at + cardsMax).map((number): GivenCard => ({ number, person }));
    const made = await cards.tokenise(merchant, given);
    given.forEach(({ number }, i) => {
      const ref = made[i];
      if (ref !== undefined) refs.set(number, ref);
    });
  }
  return ok(look.replaced(item, look.paths, refs));
}

/** The ways of the declared paths that go on from here; a step `*` is every element of a list. */
type Paths = readonly (readonly string[])[];

/** One walk that looks and one that replaces, by the same paths. */
class Look {
  readonly paths: Paths;
  /** What stands in declared fields, as it stands → its number; null: it is none, and goes. */
  readonly declared = new Map<string | number, string | null>();
  /** Something else stands in a declared field: what a token of ours looks like, only we say. */
  isForged = false;

  constructor(paths: readonly string[]) {
    this.paths = paths.map((path) => path.split("."));
  }

  at(value: unknown, paths: Paths, key: string, depth: number): Unsanitised | null {
    if (depth > depthMax) return "too-deep";
    if (isDeclared(paths) && this.#isTaken(value)) return null;
    if (typeof value === "string") return findCardNumbers(value).length > 0 ? "card-number" : null;
    if (typeof value === "number") return isNumberOfCard(value, key) ? "card-number" : null;
    if (typeof value !== "object" || value === null) return null;
    if (isDeclared(paths)) this.isForged = true;
    const isList = Array.isArray(value);
    for (const [step, inner] of Object.entries(value)) {
      if (!isList && findCardNumbers(step).length > 0) return "card-number";
      const on = onwards(paths, step, isList);
      const fault = this.at(inner, on, isList ? key : step, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** Takes a declared field's value; false: it is to be looked at like any other. */
  #isTaken(value: unknown): boolean {
    if (typeof value !== "string" && typeof value !== "number") return false;
    const text = String(value);
    const alone = numberIn(text);
    const found = alone === null ? findCardNumbers(text) : [alone];
    if (found.length > 1) return false;
    const number = found[0] ?? null;
    // Mistyped, or a part of one: it is no card's number, and nobody should keep it.
    if (number === null && !mayBeNumber(text)) return false;
    this.declared.set(value, number);
    return true;
  }

  replaced(value: unknown, paths: Paths, refs: ReadonlyMap<string, CardRef>): unknown {
    if (paths.length === 0) return value;
    if (typeof value === "string" || typeof value === "number") {
      const number = isDeclared(paths) ? this.declared.get(value) : undefined;
      if (number === undefined) return value;
      return number === null ? null : (refs.get(number) ?? null);
    }
    if (typeof value !== "object" || value === null) return value;
    if (isDeclared(paths)) return null;
    if (Array.isArray(value)) {
      const on = onwards(paths, "", true);
      return value.map((inner) => this.replaced(inner, on, refs));
    }
    return Object.fromEntries(
      Object.entries(value).map(([step, inner]) => [
        step,
        this.replaced(inner, onwards(paths, step, false), refs),
      ]),
    );
  }
}

const isDeclared = (paths: Paths): boolean => paths.some((path) => path.length === 0);

const onwards = (paths: Paths, step: string, isList: boolean): Paths =>
  paths.flatMap((path) =>
    path.length > 0 && path[0] === (isList ? "*" : step) ? [path.slice(1)] : [],
  );

const namesRecord = (key: string): boolean => /(?:^|[_-])(?:id|Id|ID)s?$|[a-z]I[dD]s?$/.test(key);

function isNumberOfCard(value: number, key: string): boolean {
  const digits = BigInt(Math.trunc(Math.abs(Number.isFinite(value) ? value : 0))).toString();
  if (digits.length <= recordDigitsMax && namesRecord(key)) return false;
  return findCardNumbers(digits).length > 0;
}

/** Digits of which JSON's reader keeps every one. */
const exactDigits = 15;

/**
 * Whether a JSON body has a bare number that is a card's, of more digits than survive being read.
 * Asked of the text, before it is read. Of any other body every digit survives.
 */
export function holdsBareNumber(bodyText: string): boolean {
  if (!isJsonBody(bodyText)) return false;
  for (let at = 0; at < bodyText.length; ) {
    if (bodyText[at] === '"') at = afterString(bodyText, at);
    else if (!isDigit(bodyText, at)) at++;
    else {
      let end = at + 1;
      while (isDigit(bodyText, end) || bodyText[end] === ".") end++;
      if (isLost(bodyText.slice(at, end))) return true;
      at = end;
    }
  }
  return false;
}

const isJsonBody = (text: string): boolean => ["{", "["].includes(text.trimStart()[0] ?? "");

function afterString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

const isDigit = (text: string, at: number): boolean => {
  const char = text[at] ?? "";
  return char >= "0" && char <= "9";
};

/** A card's number, and digits of it would be. */
function isLost(token: string): boolean {
  const [whole = "", rest = ""] = token.split(".", 2);
  if (rest === "" && Number.isSafeInteger(Number(whole))) return false;
  return isBare(whole) || isBare(whole + rest);
}

const isBare = (digits: string): boolean =>
  digits.length > exactDigits && (isCardNumber(digits) || findCardNumbers(digits).length > 0);

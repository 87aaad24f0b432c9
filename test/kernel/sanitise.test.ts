/** What is declared a card's number becomes a token; anywhere else it is reason to keep nothing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factsOf } from "../../domain/cards/card.ts";
import type { MemberId, PersonId } from "../../domain/identity.ts";
import { type CardPort, cardsMax, type GivenCard } from "../../domain/ports.ts";
import { holdsBareNumber, sanitise } from "../../kernel/sanitise.ts";
import type { CardFields } from "../../providers/provider.ts";
import { decimals, escaped, printed, testNumbers } from "../domain/card-spellings.ts";

const shop = "m_shop" as MemberId;
const [visa, master] = ["4242424242424242", "5555555555554444"] as const;
const fields: CardFields = {
  paths: ["payment.card", "payments.*.pan", "tender.*.*.text"],
  person: (item) => (item as { customer?: string }).customer ?? null,
};

/** A vault of which nothing is known but what it was asked. */
function fakeVault() {
  const asked: (readonly GivenCard[])[] = [];
  const cards: Pick<CardPort, "tokenise"> = {
    async tokenise(_, given) {
      asked.push(given);
      return given.map(({ number }) => ({
        token: `card_${number.slice(-4)}`,
        ...factsOf(number),
      }));
    },
  };
  return { asked, cards: cards as CardPort };
}
const digest = async (person: string) => `digest of ${person}` as PersonId;
async function sanitised(item: unknown, of: CardFields | undefined = fields) {
  const { asked, cards } = fakeVault();
  return { answer: await sanitise(cards, digest, shop, of, item), asked };
}
const ref = (number: string) => ({ token: `card_${number.slice(-4)}`, ...factsOf(number) });

describe("a declared number", () => {
  test("becomes what the vault says of it, wherever its path leads", async () => {
    const item = {
      customer: "ann",
      payment: { card: "4242 4242 4242 4242", amount: 12.5 },
      payments: [{ pan: master }, { pan: Number(visa) }, { pan: null }, {}],
      tender: [[{ text: `\uff14${visa.slice(1)}` }]],
      note: "thank you",
    };
    const { answer, asked } = await sanitised(item);
    expect(answer).toEqual({
      ok: true,
      value: {
        customer: "ann",
        payment: { card: ref(visa), amount: 12.5 },
        payments: [{ pan: ref(master) }, { pan: ref(visa) }, { pan: null }, {}],
        tender: [[{ text: ref(visa) }]],
        note: "thank you",
      },
    });
    const person = "digest of ann";
    expect(asked).toEqual([
      [
        { number: visa, person },
        { number: master, person },
      ],
    ]);
    expect(JSON.stringify(answer)).not.toContain(visa);
  });

  test("is nobody's where nobody is named", async () => {
    const { asked } = await sanitised({ payment: { card: visa } });
    expect(asked).toEqual([[{ number: visa, person: null }]]);
  });

  test("is taken with what stands beside it", async () => {
    const { answer } = await sanitised({ payment: { card: `${visa} exp 12/28` } });
    expect(answer).toEqual({ ok: true, value: { payment: { card: ref(visa) } } });
  });

  test("stays as it is where it is masked already, and goes where it is mistyped", async () => {
    const masked = { payment: { card: "•••• •••• •••• 4242" } };
    expect((await sanitised(masked)).answer).toEqual({ ok: true, value: masked });
    const mistyped = { payment: { card: "4242 4242 4242 4241" } };
    const { answer, asked } = await sanitised(mistyped);
    expect(answer).toEqual({ ok: true, value: { payment: { card: null } } });
    expect(asked).toEqual([]);
  });

  test("cannot be put there as a token that the vault never said", async () => {
    for (const forged of [ref(visa), { token: "card_x" }, [visa.slice(0, 6)], {}]) {
      const item = { payment: { card: forged }, payments: [{ pan: master }] };
      const { answer } = await sanitised(item);
      expect(answer).toEqual({
        ok: true,
        value: { payment: { card: null }, payments: [{ pan: ref(master) }] },
      });
      const alone = await sanitised({ payment: { card: forged } });
      expect(alone).toEqual({
        answer: { ok: true, value: { payment: { card: null } } },
        asked: [],
      });
    }
  });

  test("may be many: the vault is asked for no more at once than it takes", async () => {
    const numbers = Array.from({ length: 450 }, (_, i) =>
      luhn(`4000${String(i).padStart(11, "0")}`),
    );
    const { answer, asked } = await sanitised({ payments: numbers.map((pan) => ({ pan })) });
    expect(answer).toEqual({
      ok: true,
      value: { payments: numbers.map((n) => ({ pan: ref(n) })) },
    });
    expect(asked.map((given) => given.length)).toEqual([cardsMax, cardsMax, 50]);
  });

  test("of one is not of two: then nothing is taken", async () => {
    const { answer, asked } = await sanitised({ payment: { card: `${visa} ${master}` } });
    expect([answer, asked]).toEqual([{ ok: false, error: "card-number" }, []]);
  });
});

function luhn(body: string): string {
  const sum = [...body]
    .reverse()
    .map((digit, i) => (i % 2 === 0 ? Number(digit) * 2 : Number(digit)))
    .reduce((n, d) => n + (d > 9 ? d - 9 : d), 0);
  return body + String((10 - (sum % 10)) % 10);
}

/** Any JSON around one place. */
const around = fc.array(
  fc.oneof(
    fc.record({ in: fc.constant("list" as const), before: fc.nat(3) }),
    fc.record({
      in: fc.constant("object" as const),
      key: fc.constantFrom("note", "id", "a b", ""),
    }),
  ),
  { maxLength: 6 },
);
const wrapped = (
  value: unknown,
  layers: readonly { in: string; before?: number; key?: string }[],
) =>
  layers.reduce<unknown>(
    (inner, { before = 0, key = "" }, i) =>
      layers[i]?.in === "list"
        ? [...Array.from({ length: before }, () => "x"), inner]
        : { other: 1, [key]: inner },
    value,
  );
const spellings = Object.entries({ ...decimals, ...escaped }).map(([, spelled]) => spelled);

describe("an undeclared number", () => {
  test("is reason to keep nothing, in any place and any spelling, and nobody is asked", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...testNumbers),
        fc.constantFrom(...spellings),
        around,
        async (number, spelled, layers) => {
          const item = { payment: { card: visa }, ...{ at: wrapped(spelled(number), layers) } };
          const { answer, asked } = await sanitised(item);
          expect([answer, asked]).toEqual([{ ok: false, error: "card-number" }, []]);
        },
      ),
    );
  });

  test.each([
    ["a number", { order: Number(visa) }],
    ["a number with a fraction", { order: 4242424242424242.5 }],
    ["a number named as a record", { order_id: Number(visa) }],
    ["a key", { [printed(visa).join("-")]: 1 }],
    ["an element", { list: [1, [visa]] }],
    ["a declared path's parent", { payment: visa }],
    ["beside a declared path", { payments: { pan: visa } }],
    ["the item itself", visa],
    ["a key that is no key", JSON.parse(`{"__proto__":{"a":"${visa}"}}`)],
  ])("is seen in %s", async (_, item) => {
    expect((await sanitised(item)).answer).toEqual({ ok: false, error: "card-number" });
  });

  test("is seen where nothing is declared at all", async () => {
    const { cards } = fakeVault();
    const answer = await sanitise(cards, digest, shop, undefined, { a: visa });
    expect(answer).toEqual({ ok: false, error: "card-number" });
  });
});

describe("what a shop says without card numbers", () => {
  test("is kept as it came", async () => {
    const item = {
      ...{ id: 6123456789012, order_number: 1001, name: "#1001", checkout_id: 39123456789012 },
      ...{ updated_at: "2026-11-22T14:48:11-05:00", note: null, at: 1763822891123 },
      admin_graphql_api_id: "gid://shopify/Order/4123456789012",
      token: "b1946ac92492d2347c6235b4d2611184",
      line_items: [{ sku: "4006381333931", variant_id: 39465830588566, price: "1499.00" }],
      billing_address: { phone: "+49 176 1234 5678", zip: "10115", latitude: 52.532614 },
    };
    expect(await sanitised(item)).toEqual({ answer: { ok: true, value: item }, asked: [] });
  });

  test("is not read deeper than it is said to be", async () => {
    const deep = (n: number) =>
      wrapped(
        "x",
        Array.from({ length: n }, () => ({ in: "list" })),
      );
    expect((await sanitised(deep(60))).answer.ok).toBe(true);
    expect((await sanitised(deep(100_000))).answer).toEqual({ ok: false, error: "too-deep" });
  });
});

describe("a bare number of more digits than are kept", () => {
  test.each([
    ['{"a":4000000000000000006}', true],
    ['{"a":[1,{"b":6205500000000000004}]}', true],
    [' \ufeff{"a": 4000000000000000006.0 }', true],
    ['{"\\"":1,"a":4000000000000000006}', true],
    // Kept whole, it is seen later; so is a text.
    ['{"a":4242424242424242}', false],
    ['{"a":"4000000000000000006"}', false],
    ['{"a":"\\"4000000000000000006"}', false],
    ['{"a":1842459482133414365,"b":18446744073709551615}', false],
    ["<a>4000000000000000006</a>", false],
    ["", false],
  ])("is seen before the body is read: %s", (text, held) => {
    expect(holdsBareNumber(text)).toBe(held);
  });

  test("is looked for in bodies of any length and shape", () => {
    for (const text of ['"', "1", "{", '"\\', "1.", '[1,"a",'])
      expect(holdsBareNumber(`[${text.repeat(1_000_000)}`)).toBe(false);
  });
});

/** Cards when something fails on the way, or happens at the same time. */
import { afterEach, describe, expect, test } from "vitest";
import type { MemberId, PersonId } from "../../domain/identity.ts";
import { forgetHolder } from "../../workers/vault/card-forget.ts";
import { revealCard } from "../../workers/vault/card-reveal.ts";
import { tokenise } from "../../workers/vault/card-tokens.ts";
import { shardAt, type Vault } from "../../workers/vault/env.ts";
import { type Clock, clock, closeWorld, isAtRest, leaseMs } from "./erasures.ts";
import { makeWorld, type World } from "./world.ts";

const visa = "4242424242424242";
const amex = "378282246310005";
const [ann, bob] = ["ann", "bob"] as unknown as readonly [PersonId, PersonId];
const callsMax = 400;
const homesWithout = 6;

interface Home {
  readonly world: World;
  readonly vault: Vault;
  readonly shop: MemberId;
  readonly now: Clock;
  /** What happens before every call to a store. */
  readonly gate: { before: () => Promise<void> };
}
const homes: Home[] = [];
afterEach(() => {
  for (const { world } of homes.splice(0)) closeWorld(world);
});

async function home(): Promise<Home> {
  const gate = { before: async () => {} };
  const world = makeWorld({ gate: () => gate.before() });
  const now = clock();
  const { member: shop, vault } = await world.enrol("shop", now());
  const made = { world, vault, shop, now, gate };
  homes.push(made);
  return made;
}

const tokenOf = async (
  { vault, shop, now }: Home,
  number: string,
  person: PersonId | null = null,
) => (await tokenise(vault, shop, [{ number, person }], now()))[0]?.token ?? null;
async function revealed({ world, shop, now }: Home, card: string) {
  const finance = { id: "guest_of_finance", member: null, roles: ["finance"] } as const;
  const answer = await revealCard(world.shards, finance, shop, card, "a chargeback", now);
  return "number" in answer ? answer.number : answer.refused;
}
/** What an isolate remembers is gone, and any lease that it left has run out. */
function restarted(before: Home): Home {
  before.now.pass(leaseMs);
  return { ...before, vault: shardAt(before.world.restarted(), before.vault.shard) };
}

/** Does it with the first call failing, then the second, until it is done without that. */
async function everyCut(
  prepare: (at: Home) => Promise<void>,
  act: (at: Home) => Promise<unknown>,
  after: (at: Home) => Promise<void>,
): Promise<number> {
  for (let cut = 1; cut < callsMax; cut++) {
    const at = await home();
    await prepare(at);
    let calls = 0;
    at.gate.before = async () => {
      if (++calls >= cut) throw new Error("cut off");
    };
    const isDone = await act(at).then(
      () => true,
      () => false,
    );
    at.gate.before = async () => {};
    await after(restarted(at));
    closeWorld(homes.pop()?.world ?? at.world);
    if (isDone) return cut;
  }
  throw new Error("it never ends");
}

describe("whichever call fails", () => {
  test("a card has one token, asked again, and its number opens", async () => {
    const cuts = await everyCut(
      async () => {},
      (at) => tokenOf(at, visa, ann),
      async (at) => {
        const token = (await tokenOf(at, visa, bob)) ?? "";
        expect(await tokenOf(at, visa, ann)).toBe(token);
        expect(await revealed(at, token)).toBe(visa);
      },
    );
    expect(cuts).toBeGreaterThan(4);
  });

  test("a customer is forgotten, asked again, and others' cards open", async () => {
    const tokens = new Map<string, string>();
    const cuts = await everyCut(
      async (at) => {
        tokens.set("hers", (await tokenOf(at, visa, ann)) ?? "");
        tokens.set("his", (await tokenOf(at, amex, bob)) ?? "");
      },
      ({ vault, shop, now }) => forgetHolder(vault, shop, ann, now()),
      async (at) => {
        await forgetHolder(at.vault, at.shop, ann, at.now());
        expect(await revealed(at, tokens.get("hers") ?? "")).toBe("not-found");
        expect(await tokenOf(at, visa, ann)).toBeNull();
        expect(await tokenOf(at, amex, bob)).toBe(tokens.get("his"));
        expect(await revealed(at, tokens.get("his") ?? "")).toBe(amex);
        expect(await isAtRest(at.vault, at.shop)).toBe(true);
      },
    );
    expect(cuts).toBeGreaterThan(20);
  });
});

/**
 * Does it, and something else whole before its first call, then before its second, and at last after
 * it. Tokens are random, and a card beside another in one key's care takes fewer calls: so it is over
 * once some homes in a row had no such call.
 */
async function everyGap(
  act: (at: Home) => Promise<unknown>,
  between: (at: Home) => Promise<unknown>,
  after: (at: Home) => Promise<void>,
): Promise<number> {
  let without = 0;
  for (let gap = 1; gap < callsMax; ) {
    const at = await home();
    await tokenOf(at, amex, bob);
    let calls = 0;
    at.gate.before = async () => {
      if (++calls !== gap) return;
      at.gate.before = async () => {};
      await between(at);
    };
    await act(at);
    const wasDone = calls < gap;
    at.gate.before = async () => {};
    if (wasDone) await between(at);
    await after(at);
    closeWorld(homes.pop()?.world ?? at.world);
    without = wasDone ? without + 1 : 0;
    if (without === homesWithout) return gap;
    if (!wasDone) gap++;
  }
  throw new Error("it never ends");
}

/** Whatever there is of cards is of the one customer who is not forgotten. */
async function isHisAlone(at: Home): Promise<void> {
  const { phi } = at.vault;
  const his = await tokenOf(at, amex, bob);
  const rowsOf = async (sql: string) => (await phi.prepare(sql).all()).results;
  expect(await rowsOf("SELECT person, token FROM card_holder")).toEqual([
    { person: bob, token: his },
  ]);
  expect(await rowsOf("SELECT token FROM card")).toEqual([{ token: his }]);
  expect(await rowsOf("SELECT row_id FROM sealed WHERE row_id LIKE 'card/%'")).toEqual([
    { row_id: `card/${his}` },
  ]);
  expect(await tokenOf(at, visa, ann)).toBeNull();
}

describe("at the same time", () => {
  const show = (at: Home) => tokenOf(at, visa, ann);
  const forget = ({ vault, shop, now }: Home) => forgetHolder(vault, shop, ann, now());

  test("a card shown while its holder is forgotten leaves nothing that is nobody's", async () => {
    expect(await everyGap(forget, show, isHisAlone)).toBeGreaterThan(20);
  });

  test("nor does a holder who is forgotten while they show a card", async () => {
    expect(await everyGap(show, forget, isHisAlone)).toBeGreaterThan(4);
  });
});

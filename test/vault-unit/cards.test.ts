/** Tokens for card numbers: what stays the same, what never does, and what is gone for good. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberId, PersonId } from "../../domain/identity.ts";
import type { GivenCard } from "../../domain/ports.ts";
import { forgetHolder } from "../../workers/vault/card-forget.ts";
import { revealCard } from "../../workers/vault/card-reveal.ts";
import { cardRow } from "../../workers/vault/card-rows.ts";
import { tokenise } from "../../workers/vault/card-tokens.ts";
import type { Shards, Vault } from "../../workers/vault/env.ts";
import { shardAt } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { restoreShard } from "../../workers/vault/restore.ts";
import { rotateEpoch } from "../../workers/vault/rotation.ts";
import { type Clock, clock, closeWorld, isAtRest, rowsScope } from "./erasures.ts";
import { deedsIn } from "./log-entries.ts";
import { makeWorld, type World } from "./world.ts";

const visa = "4242424242424242";
const amex = "378282246310005";
const master = "5555555555554444";
const [ann, bob] = ["ann", "bob"] as unknown as readonly [PersonId, PersonId];

let world: World;
let vault: Vault;
let shop: MemberId;
let now: Clock;
beforeEach(async () => {
  now = clock();
  world = makeWorld();
  ({ member: shop, vault } = await world.enrol("shop", now()));
});
afterEach(() => closeWorld(world));

const of = (number: string, person: PersonId | null = null): GivenCard => ({ number, person });
const tokensOf = async (cards: readonly GivenCard[], by = vault, merchant = shop) =>
  (await tokenise(by, merchant, cards, now())).map(({ token }) => token);
const tokenOf = async (number: string, person: PersonId | null = null, by = vault) =>
  (await tokensOf([of(number, person)], by))[0] ?? "";
const finance = { id: "guest_of_finance", member: null, roles: ["finance"] } as const;
const reveal = (card: string, reason = "a chargeback", actor: typeof finance | object = finance) =>
  revealCard(world.shards, actor as typeof finance, shop, card, reason, now);
const revealed = async (card: string, shards: Shards = world.shards) => {
  const answer = await revealCard(shards, finance, shop, card, "a chargeback", now);
  return "number" in answer ? answer.number : answer.refused;
};

describe("a token", () => {
  test("is the same for the same card of the same merchant, whoever shows it", async () => {
    const first = await tokensOf([of(visa, ann), of(amex), of(visa, bob), of(visa)]);
    expect(first[0]).toMatch(/^card_[\w-]{22}$/);
    expect([first[2], first[3]]).toEqual([first[0], first[0]]);
    expect(first[1]).not.toBe(first[0]);
    expect(await tokensOf([of(amex, ann), of(visa)])).toEqual([first[1], first[0]]);
    expect(await tokenOf(visa, null, shardAt(world.restarted(), vault.shard))).toBe(first[0]);
  });

  test("is another for another merchant", async () => {
    const other = await world.enrol("stall", now());
    const [theirs] = await tokensOf([of(visa)], other.vault, other.member);
    expect(theirs).not.toBe(await tokenOf(visa));
    expect(await revealed(theirs ?? "")).toBe("not-found");
  });

  test("is one when two ask at once, and its number opens", async () => {
    const vaults = [
      vault,
      shardAt(world.restarted(), vault.shard),
      shardAt(world.restarted(), vault.shard),
    ];
    const tokens = await Promise.all(vaults.map((one) => tokenOf(visa, ann, one)));
    expect(new Set(tokens).size).toBe(1);
    expect(await revealed(tokens[0] ?? "")).toBe(visa);
  });

  test("comes with what may be shown, and nothing is asked that is no card's number", async () => {
    expect(await tokenise(vault, shop, [of(visa), of(amex)], now())).toMatchObject([
      { bin: "42424242", last4: "4242", brand: "visa", country: "US" },
      { bin: "378282", last4: "0005", brand: "amex", country: "ZZ" },
    ]);
    await expect(tokenise(vault, shop, [of("4242424242424243")], now())).rejects.toThrow();
    await expect(tokenise(vault, shop, [of("4242 4242")], now())).rejects.toThrow();
    const many = Array.from({ length: 201 }, () => of(visa));
    await expect(tokenise(vault, shop, many, now())).rejects.toThrow();
  });

  test("is none of a merchant who is unknown or erased", async () => {
    expect(await tokensOf([of(visa)], vault, "m_nobody" as MemberId)).toEqual([null]);
    await eraseScope(vault, shop, { kind: "member" }, now());
    expect(await tokensOf([of(visa)])).toEqual([null]);
  });

  test("stays through rotations and erasures of other things, and its number opens", async () => {
    const token = await tokenOf(visa, ann);
    const rotate = async () => {
      while (!(await rotateEpoch(world.shards, now(), 5_000)).done) now.pass(1);
    };
    await rotate();
    await eraseScope(vault, shop, rowsScope("some-other-row"), now());
    expect(await tokenOf(visa)).toBe(token);
    expect(await revealed(token)).toBe(visa);
  });

  test("whose number was lost has it again when the card comes next", async () => {
    const token = await tokenOf(visa);
    await vault.phi.prepare("DELETE FROM sealed WHERE row_id = ?").bind(cardRow(token)).run();
    expect(await revealed(token)).toBe("not-found");
    expect(await tokenOf(visa)).toBe(token);
    expect(await revealed(token)).toBe(visa);
  });
});

describe("the vault's databases", () => {
  test("hold no number, whole or hashed without a key, of any card", async () => {
    await tokensOf([of(visa, ann), of(amex, bob), of(master)]);
    const stored = JSON.stringify(
      await Promise.all(
        ["card", "card_holder", "sealed"].map(
          async (table) => (await vault.phi.prepare(`SELECT * FROM ${table}`).all()).results,
        ),
      ),
    );
    for (const number of [visa, amex, master]) {
      expect(stored).not.toContain(number);
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(number));
      const bytes = Buffer.from(hash);
      for (const text of ["hex", "base64", "base64url"] as const)
        expect(stored).not.toContain(bytes.toString(text));
    }
  });

  test("hold nothing of the cards once the merchant is erased", async () => {
    await tokensOf([of(visa, ann), of(amex)]);
    await eraseScope(vault, shop, { kind: "member" }, now());
    for (const table of ["card", "card_holder", "sealed"])
      expect((await vault.phi.prepare(`SELECT * FROM ${table}`).all()).results).toEqual([]);
  });
});

describe("a customer who is forgotten", () => {
  test("has no token any more, and gets none; what may be shown of the card stays", async () => {
    const token = await tokenOf(visa, ann);
    const others = await tokenOf(amex, bob);
    expect(await forgetHolder(vault, shop, ann, now())).toEqual({ tokens: 1 });
    expect(await revealed(token)).toBe("not-found");
    const [again] = await tokenise(vault, shop, [of(visa, ann)], now());
    expect(again).toEqual({
      ...{ token: null, bin: "42424242", last4: "4242", brand: "visa", country: "US" },
    });
    expect(await tokenOf(amex, bob)).toBe(others);
    expect(await revealed(others)).toBe(amex);
    expect(await isAtRest(vault, shop)).toBe(true);
  });

  test("never showed a card: none is made for them later either", async () => {
    expect(await forgetHolder(vault, shop, ann, now())).toEqual({ tokens: 0 });
    expect(await forgetHolder(vault, shop, ann, now())).toEqual({ tokens: 0 });
    expect(await tokenOf(visa, ann)).toBe("");
    expect(await tokenOf(visa, bob)).toMatch(/^card_/);
  });

  test("leaves a card to another who showed it too, and then it goes with them", async () => {
    const token = await tokenOf(visa, ann);
    await tokenOf(visa, bob);
    expect(await forgetHolder(vault, shop, ann, now())).toEqual({ tokens: 1 });
    expect(await tokensOf([of(visa, ann), of(visa, bob)])).toEqual([null, token]);
    expect(await revealed(token)).toBe(visa);
    expect(await forgetHolder(vault, shop, bob, now())).toEqual({ tokens: 1 });
    expect(await revealed(token)).toBe("not-found");
  });

  test("was shown with a card that comes without a name: that is another token", async () => {
    const token = await tokenOf(visa, ann);
    await forgetHolder(vault, shop, ann, now());
    const unnamed = await tokenOf(visa);
    expect(unnamed).toMatch(/^card_/);
    expect(unnamed).not.toBe(token);
    expect(await revealed(unnamed)).toBe(visa);
  });

  test("stays forgotten when the database is put back to an older copy", async () => {
    const token = await tokenOf(visa, ann);
    const kept = await tokenOf(amex, bob);
    const copy = world.stores.phi[vault.shard]?.snapshot();
    await forgetHolder(vault, shop, ann, now());
    if (copy === undefined) throw new Error("there is no copy");
    world.stores.phi[vault.shard]?.restore(copy);
    const shards = world.restarted();
    const after = shardAt(shards, vault.shard);
    while (!(await restoreShard(shards, after, now())).done) now.pass(1);
    expect(await revealed(token, shards)).toBe("not-found");
    expect(await tokenOf(visa, ann, after)).toBe("");
    expect(await tokenOf(amex, bob, after)).toBe(kept);
    expect(await revealed(kept, shards)).toBe(amex);
  });

  test("is named in the log by what was done, and by nothing of theirs", async () => {
    await tokenOf(visa, ann);
    await forgetHolder(vault, shop, ann, now());
    const deeds = deedsIn(world).filter(({ deed }) => deed === "forget-customer");
    expect(deeds).toMatchObject([{ outcome: "permitted", purpose: "erasure" }]);
    expect(JSON.stringify(deedsIn(world))).not.toContain("ann");
  });
});

describe("a number is revealed", () => {
  test("to finance alone, and the log knows who, why and what came of it", async () => {
    const token = await tokenOf(visa, ann);
    expect(await reveal(token)).toEqual({ number: visa });
    const clerk = { ...finance, id: "guest_clerk", roles: ["merchandiser", "operator"] };
    expect(await reveal(token, "curious", clerk)).toEqual({ refused: "forbidden" });
    const deeds = deedsIn(world).filter(({ deed }) => deed === "reveal-card");
    expect(deeds).toMatchObject([
      {
        actor: finance.id,
        role: "finance",
        purpose: "a chargeback",
        outcome: "permitted",
        rows: 1,
      },
      { actor: "guest_clerk", purpose: "curious", outcome: "refused", rows: 0 },
    ]);
    expect(JSON.stringify(deedsIn(world))).not.toContain(visa);
  });

  test("not of a card that is nobody's, and that is in the log too", async () => {
    for (const card of [`card_${"A".repeat(22)}`, "card/../x", visa, ""])
      expect(await reveal(card)).toEqual({ refused: "not-found" });
    const deeds = deedsIn(world).filter(({ deed }) => deed === "reveal-card");
    expect(deeds).toMatchObject([{ outcome: "refused", ground: "no-card" }]);
  });

  test.each(["", " \u200b ", "x".repeat(61), `about ${visa}`])(
    "not for a reason that says nothing, or a number: %j",
    async (reason) => {
      const token = await tokenOf(visa, ann);
      expect(await reveal(token, reason)).toEqual({ refused: "invalid" });
      expect(deedsIn(world).filter(({ deed }) => deed === "reveal-card")).toEqual([]);
    },
  );
});

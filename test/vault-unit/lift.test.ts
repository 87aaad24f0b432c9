/** What was erased may come again at its member's word, and an operator erases under their own name. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { neverReturns } from "../../domain/stream.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseFor } from "../../workers/vault/erase-for.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { liftRows } from "../../workers/vault/lift.ts";
import { pseudonymOf } from "../../workers/vault/pseudonym.ts";
import { retractRows } from "../../workers/vault/sealed-store.ts";
import {
  type Clock,
  clock,
  closeWorld,
  connectionScope,
  garmin,
  google,
  note,
  opened,
  rowsScope,
  said,
  sealAll,
} from "./erasures.ts";
import { deedsIn } from "./log-entries.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const things = [note(garmin, "g1"), note(garmin, "g2"), note(google, "h1")];
const operator = { id: "guest_of_the_house", member: null, roles: ["operator"] } as const;

let world: World;
let vault: Vault;
let member: MemberId;
let now: Clock;
beforeEach(async () => {
  now = clock();
  world = makeWorld();
  ({ member, vault } = await world.enrol("ada", now()));
  await sealAll(vault, member, things, now);
});
afterEach(() => closeWorld(world));

const lift = (...rows: string[]) => liftRows(vault, member, rows, now());
const again = (of = things) => sealAll(vault, member, of, now);
const readable = () => opened(vault, member, now());

describe("lifting", () => {
  test("lets rows come again, and only those that were named", async () => {
    await eraseScope(vault, member, rowsScope("g1", "g2"), now());
    await again();
    expect(await readable()).toEqual(said(things.slice(2)));
    expect(await lift("g1", "h1", "unknown")).toEqual({ lifted: 1 });
    await again();
    expect(await readable()).toEqual(said([...things.slice(0, 1), ...things.slice(2)]));
    expect(await lift("g1")).toEqual({ lifted: 0 });
  });

  test("lets what went with a connection come by another one", async () => {
    await eraseScope(vault, member, connectionScope(garmin), now());
    const retracted = ["g1", "g2"].map((id) => ({
      ...{ id: id as never, revision: Number.MAX_SAFE_INTEGER },
      retracted: true as const,
    }));
    await retractRows(vault, member, retracted, now());
    const relinked = connectionNamed("garmin-anew");
    const anew = [note(relinked, "g1"), note(relinked, "g2")];
    await again(anew);
    expect(await readable()).toEqual(said(things.slice(2)));
    expect(await lift("g1", "g2")).toEqual({ lifted: 2 });
    await again(anew);
    expect(await readable()).toEqual(said([...anew, ...things.slice(2)]));
  });

  test.each([7, neverReturns])("leaves what a source took back itself, as of %d", async (of) => {
    const taken = { id: "g1" as never, revision: of, retracted: true as const };
    await retractRows(vault, member, [taken], now());
    expect(await lift("g1")).toEqual({ lifted: 0 });
    await again();
    expect(await readable()).toEqual(said(things.slice(1)));
  });

  test("does nothing while an erasure is under way, or for one who is erased", async () => {
    await eraseScope(vault, member, rowsScope("g1"), now());
    const until = now() + 60_000;
    await vault.phi.prepare("UPDATE member SET lease = 'held', lease_until = ?").bind(until).run();
    expect(await lift("g1")).toEqual({ refused: "busy" });
    await vault.phi.prepare("UPDATE member SET lease = NULL, lease_until = NULL").run();
    await eraseScope(vault, member, { kind: "member" }, now());
    expect(await lift("g1")).toEqual({ refused: "busy" });
  });
});

describe("an operator", () => {
  const eraseAs = (reason: string, of: string = member) =>
    eraseFor(world.shards, operator, of as MemberId, rowsScope("g1"), reason, now());

  test("erases under their own name, role and reason, for the member to see", async () => {
    const pseudonym = await pseudonymOf(vault, member, now());
    expect(await eraseAs("asked by letter")).toMatchObject({ member });
    expect(await readable()).toEqual(said(things.slice(1)));
    const [deed] = deedsIn(world).filter(({ deed }) => deed === "erase-workouts");
    expect(deed).toMatchObject({
      actor: operator.id,
      role: "operator",
      member: pseudonym,
      purpose: "asked by letter",
      outcome: "permitted",
    });
  });

  test.each(["", "   ", "x".repeat(61)])("gives a reason that fits: %j", async (reason) => {
    expect(await eraseAs(reason)).toEqual({ refused: "invalid" });
    expect(await readable()).toEqual(said(things));
  });

  test("cannot erase somebody unknown", async () => {
    expect(await eraseAs("asked by letter", "m_nobody")).toEqual({ refused: "not-found" });
  });
});

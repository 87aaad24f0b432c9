/**
 * What a member took away stays away, whichever database is put back to an older copy: revoked
 * consents, forbids and privacy zones as well as erasures; and no way leads round the look whether a
 * shard is whole.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { type Consent, type ConsentDraft, isRefusal } from "../../domain/ports.ts";
import { grantConsent, listConsents, revokeConsent } from "../../workers/vault/consents.ts";
import type { Shards, Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import {
  assertWhole,
  entriesAfter,
  isRestored,
  Restored,
  recordFinished,
} from "../../workers/vault/journal.ts";
import { findParked, openParked, parkItems, unpark } from "../../workers/vault/parked-store.ts";
import { enrolPerson } from "../../workers/vault/principal.ts";
import { setPrivacyZones } from "../../workers/vault/privacy.ts";
import { forgetName, namesOf, rename } from "../../workers/vault/profile.ts";
import { read } from "../../workers/vault/readings.ts";
import { restoreShard } from "../../workers/vault/restore.ts";
import { roster } from "../../workers/vault/roster.ts";
import { type Clock, clock, closeWorld, garmin, note, rowsScope, sealAll } from "./erasures.ts";
import { deedsIn } from "./log-entries.ts";
import { makeWorld, type World } from "./world.ts";

const carla = { id: "m_carla", member: "m_carla" as MemberId, roles: ["coach"] as const };
const draft: ConsentDraft = {
  effect: "permit",
  grantee: { kind: "member", id: "m_carla" },
  columns: ["notes", "track"],
  purpose: "coaching",
  notBeforeMs: null,
  notAfterMs: null,
};
const zones = { endsM: 0, places: [{ lat: 48, lon: 11.5, radiusM: 300 }] };
const track = JSON.stringify([0, 1, 2].map((n) => ({ t: n, lat: 48 + n / 10, lon: 11.5 })));

let world: World;
let vault: Vault;
let ada: MemberId;
let now: Clock;
beforeEach(async () => {
  now = clock();
  world = makeWorld();
  ({ vault, member: ada } = await world.enrol("ada", now()));
  await sealAll(vault, ada, [note(garmin, "g1"), note(garmin, "g2")], now);
  await sealAll(vault, ada, [{ connection: garmin, row: "t1", columns: { track } }], now);
});
afterEach(() => closeWorld(world));

const phi = () => world.stores.phi[vault.shard] as World["stores"]["phi"][number];
const keys = () => world.stores.keys[vault.shard] as World["stores"]["keys"][number];
/** What another isolate sees. */
function fresh(): { shards: Shards; vault: Vault } {
  const shards = world.restarted();
  return { shards, vault: shards.all[vault.shard] as Vault };
}
async function restored(): Promise<Vault> {
  const { shards, vault: old } = fresh();
  expect(await isRestored(old)).toBe(true);
  for (let step = 0; step < 100; step++)
    if ((await restoreShard(shards, old, now())).done) {
      await assertWhole(old, now());
      return old;
    }
  throw new Error("the restore does not end");
}
async function granted(changes: Partial<ConsentDraft> = {}): Promise<Consent> {
  const consent = await grantConsent(vault, ada, { ...draft, ...changes }, now());
  if (isRefusal(consent)) throw new Error(consent.refused);
  return consent;
}
const seen = async (from: Vault, column: string, actor: Parameters<typeof read>[1] = carla) => {
  const asked = { member: ada, column, purpose: "coaching", rows: ["g1", "t1"], limit: 10 };
  const answer = await read(
    from,
    actor,
    { ...asked, ownRows: [], take: "all", span: null, after: null },
    now,
  );
  return isRefusal(answer) ? answer.refused : answer.readings.length;
};
const journal = async () =>
  (await entriesAfter(vault, "", 100)).map(({ entry }) => entry.scope.kind);

describe("an old copy of phi", () => {
  test("from before a revocation is refused, and revokes again when it is made whole", async () => {
    const { id } = await granted();
    const later = await granted({ purpose: "care" });
    const copy = phi().snapshot();
    expect(await revokeConsent(vault, ada, id, now())).toEqual({ revoked: id });
    const revokedAtMs = (await listConsents(vault, ada, now())).at(-1)?.revokedAtMs;
    phi().restore(copy);
    const whole = await restored();
    expect(await seen(whole, "notes")).toBe("forbidden");
    expect(await listConsents(whole, ada, now())).toEqual([
      later,
      expect.objectContaining({ id, revokedAtMs }),
    ]);
  });

  test("from before a forbid has it back, word for word, but not one that was revoked", async () => {
    await granted();
    const copy = phi().snapshot();
    const forbid = await granted({ effect: "forbid", columns: ["track"], notBeforeMs: 5 });
    const over = await granted({ effect: "forbid", columns: ["notes"] });
    await revokeConsent(vault, ada, over.id, now());
    phi().restore(copy);
    const whole = await restored();
    expect(await listConsents(whole, ada, now())).toContainEqual(forbid);
    expect(await seen(whole, "track")).toBe("forbidden");
    expect(await seen(whole, "notes")).toBe(1);
  });

  test("from before zones were set shows no track until they are set again", async () => {
    await granted();
    const copy = phi().snapshot();
    await setPrivacyZones(vault, ada, zones, now());
    phi().restore(copy);
    const whole = await restored();
    expect(await seen(whole, "track")).toBe("forbidden");
    expect(deedsIn(world).at(-1)?.ground).toBe("privacy-zones");
    const me = { id: ada, member: ada, roles: [] };
    expect(await seen(whole, "track", me)).toBe(1);
    await setPrivacyZones(whole, ada, zones, now());
    expect(await seen(whole, "track")).toBe(1);
  });

  test("from after zones were set keeps them", async () => {
    await granted();
    await setPrivacyZones(vault, ada, zones, now());
    await setPrivacyZones(vault, ada, zones, now() + 1_000);
    const copy = phi().snapshot();
    await eraseScope(vault, ada, rowsScope("g2"), now());
    phi().restore(copy);
    expect(await seen(await restored(), "track")).toBe(1);
  });

  test("tells nothing of somebody who was erased after all of it", async () => {
    const copy = phi().snapshot();
    await granted({ effect: "forbid" });
    await setPrivacyZones(vault, ada, zones, now());
    await eraseScope(vault, ada, { kind: "member" }, now());
    phi().restore(copy);
    expect(await listConsents(await restored(), ada, now())).toEqual([]);
  });

  test("is known afterwards though an isolate that took it for whole goes on erasing", async () => {
    const ben = await enrolledBeside("ben");
    const copy = phi().snapshot();
    await eraseScope(vault, ada, rowsScope("g1"), now());
    await assertWhole(vault, now());
    phi().restore(copy);
    await expect(eraseScope(vault, ben, rowsScope("g9"), now())).rejects.toThrow(Restored);
    await expect(assertWhole(fresh().vault, now())).rejects.toThrow(Restored);
    await restored();
  });
});

async function enrolledBeside(name: string): Promise<MemberId> {
  for (let n = 0; ; n++) {
    const other = await world.enrol(`${name}${n}`, now());
    if (other.vault === vault) return other.member;
  }
}

describe("what no restore may undo", () => {
  test("is in the journal, also when it had to be said again", async () => {
    const { put } = vault.journal;
    const slow = async (): Promise<never> => {
      throw new Error("the journal is slow");
    };
    const cut = async (act: () => Promise<unknown>) => {
      vault.journal.put = slow;
      await expect(act()).rejects.toThrow("slow");
      vault.journal.put = put;
    };
    const { id } = await granted();
    await cut(() => revokeConsent(vault, ada, id, now()));
    expect(await seen(vault, "notes")).toBe("forbidden");
    await cut(() => granted({ effect: "forbid" }));
    await cut(() => setPrivacyZones(vault, ada, zones, now()));
    expect(await journal()).toEqual([]);
    expect(await isRestored(fresh().vault)).toBe(false);
    await revokeConsent(vault, ada, id, now());
    await granted({ effect: "forbid" });
    await setPrivacyZones(vault, ada, zones, now());
    expect(await journal()).toEqual(["revocation", "forbid", "zones"]);
    expect(await isRestored(fresh().vault)).toBe(false);
  });

  test("is not what only gives a permission", async () => {
    await granted();
    await granted();
    expect(await journal()).toEqual([]);
  });
});

describe("an old copy of the keys alone", () => {
  test("is known by the erasures that were finished since, however many try to finish more", async () => {
    await recordFinished(vault);
    const copy = keys().snapshot();
    await recordFinished(vault);
    await recordFinished(vault);
    expect(await isRestored(fresh().vault)).toBe(false);
    keys().restore(copy);
    for (let n = 0; n < 4; n++) await expect(recordFinished(vault)).rejects.toThrow(Restored);
    const whole = await restored();
    await recordFinished(whole);
    expect(await isRestored(fresh().vault)).toBe(false);
  });

  test("is not seen where erasures only finish at once, or one was cut off", async () => {
    await Promise.all(Array.from({ length: 5 }, () => recordFinished(vault)));
    keys().raw.exec("UPDATE key_state SET finishes = finishes + 1");
    expect(await isRestored(fresh().vault)).toBe(false);
    await recordFinished(vault);
    expect(phi().raw.prepare("SELECT finishes FROM shard_state").get()).toEqual(
      keys().raw.prepare("SELECT finishes FROM key_state").get(),
    );
  });
});

describe("while a shard is an old copy", () => {
  const parkedItem = (member: MemberId) => ({
    ...{ member, connection: garmin, provider: "p", reason: "why", body: "bad" },
  });
  async function broken() {
    const ben = await enrolledBeside("ben");
    await parkItems(world.shards, [parkedItem(ada)], now());
    const id = await vault.phi.prepare("SELECT id FROM parked").first<string>("id");
    const copy = phi().snapshot();
    await eraseScope(vault, ben, { kind: "member" }, now());
    phi().restore(copy);
    return { ...fresh(), parked: id ?? "" };
  }

  test("nothing is parked in it, found, opened or let go, and nobody is enrolled there", async () => {
    const { shards, vault: old, parked } = await broken();
    const person = { hash: "somebody", issuedAtMs: now(), bound: null };
    const named = {
      hash: "person-ada",
      issuedAtMs: now(),
      bound: await shards.directory.principal("person-ada"),
    };
    await shards.directory.setOpen(1 - old.shard, false);
    for (const act of [
      () => parkItems(shards, [parkedItem(ada)], now()),
      () => findParked(shards, parked, now()),
      () => openParked(old, parked, now()),
      () => unpark(old, parked, now()),
      () => enrolPerson(shards, person, "m_new" as MemberId, now()),
      () => enrolPerson(shards, named, ada, now()),
    ])
      await expect(act()).rejects.toThrow(Restored);
  });

  test("pages over several shards only leave its members out", async () => {
    let far = await world.enrol("far", now());
    for (let n = 0; far.vault === vault; n++) far = await world.enrol(`far${n}`, now());
    for (const [of, member] of [
      [vault, ada],
      [far.vault, far.member],
    ] as const) {
      await rename(of, member, `name of ${member}`, now());
      await grantConsent(of, member, draft, now());
    }
    const { shards } = await broken();
    const seen = await roster(shards, carla, null, 10, now());
    if (isRefusal(seen)) throw new Error(seen.refused);
    const { items } = seen;
    expect(items.map(({ member, name }) => [member, name])).toEqual([
      [far.member, `name of ${far.member}`],
    ]);
    expect(await namesOf(shards, [ada, far.member], now())).toEqual({
      [far.member]: `name of ${far.member}`,
    });
  });
});

test("a name that this isolate remembers goes when it is told to forget it", async () => {
  await rename(vault, ada, "Ada", now());
  expect(await namesOf(world.shards, [ada], now())).toEqual({ [ada]: "Ada" });
  await eraseScope(vault, ada, { kind: "member" }, now());
  forgetName(ada);
  expect(await namesOf(world.shards, [ada], now())).toEqual({});
});

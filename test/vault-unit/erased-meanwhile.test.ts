/**
 * A member is erased while something of theirs is being done: before whichever call to a store that
 * is, nothing of it is left that an erasure with nothing beside it would not have left.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { exportFormats } from "../../domain/export-ports.ts";
import type { MemberId, PersonId } from "../../domain/identity.ts";
import { breakGlass } from "../../workers/vault/break-glass.ts";
import { tokenise } from "../../workers/vault/card-tokens.ts";
import { grantConsent, revokeConsent } from "../../workers/vault/consents.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { beginExport } from "../../workers/vault/export.ts";
import { keep } from "../../workers/vault/kept.ts";
import { parkItems } from "../../workers/vault/parked-store.ts";
import { setPrivacyZones } from "../../workers/vault/privacy.ts";
import { rename } from "../../workers/vault/profile.ts";
import { setGoals } from "../../workers/vault/sample-settings.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { makeShare } from "../../workers/vault/shares.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 10, 14);
const dayMs = 86_400_000;
/** More than any of these takes. */
const callsMax = 120;
/** Nothing was called for so long: the erasure waits for what waits for it. */
const stallMs = 5;

const terms = {
  columns: ["title"],
  purpose: "coaching",
  notBeforeMs: null,
  notAfterMs: null,
} as const;
const coach = { kind: "role", id: "coach" } as const;

type Deed = (vault: Vault, member: MemberId, world: World) => Promise<unknown>;
const deeds: Record<string, Deed> = {
  "a share": (vault, member) =>
    makeShare(
      vault,
      member,
      {
        ...{ recipient: "a doctor", metrics: ["steps"], from: "2026-11-10", to: "2026-11-12" },
        expiresAtMs: nowMs + 7 * dayMs,
      },
      nowMs,
    ),
  "a permission": (vault, member) =>
    grantConsent(vault, member, { ...terms, effect: "permit", grantee: coach }, nowMs),
  "a forbid that is taken back": async (vault, member) => {
    const draft = { ...terms, effect: "forbid", grantee: coach } as const;
    const granted = await grantConsent(vault, member, draft, nowMs);
    if (!("refused" in granted)) await revokeConsent(vault, member, granted.id, nowMs);
  },
  "a name": (vault, member) => rename(vault, member, "Ada", nowMs),
  "privacy zones": (vault, member) =>
    setPrivacyZones(vault, member, { endsM: 100, places: [] }, nowMs),
  goals: (vault, member) => setGoals(vault, member, { steps: 9_000 }, nowMs),
  "an export": (vault, member) => beginExport(vault, member, exportFormats, nowMs),
  "a card": (vault, member) =>
    tokenise(vault, member, [{ number: "4111111111111111", person: "p_1" as PersonId }], nowMs),
  "a reading": (vault, member) => {
    const columns = { heart_rate: JSON.stringify([{ t: nowMs, bpm: 61 }]), title: '"Ride"' };
    return sealRows(
      vault,
      member,
      connectionNamed("ride"),
      [{ row: "f_1", revision: 1, columns }],
      nowMs,
    );
  },
  "a callback address": (vault, member) =>
    keep(vault, member, connectionNamed("ping"), "f_2", { url: "https://a.test/b", about: {} }),
  "a broken glass": (vault, member, { shards }) => {
    const actor = { id: "m_olaf", member: null, roles: ["operator"] } as const;
    return breakGlass(vault, actor, member, "found unconscious", nowMs, shards);
  },
  "a parked item": (_, member, { shards }) => {
    const connection = connectionNamed("bad");
    return parkItems(
      shards,
      [{ member, connection, provider: "garmin", reason: "bad", body: "b" }],
      nowMs,
    );
  },
};

/** Tables of the directory, the shards and the keys with rows that name the member, and how many. */
function leftOf({ stores }: World, member: string): readonly string[] {
  const databases = { directory: [stores.directory], phi: stores.phi, keys: stores.keys };
  return Object.entries(databases).flatMap(([name, all]) =>
    all.flatMap(({ raw }, n) => {
      const listed = raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      return listed.flatMap(({ name: table }) => {
        const rows = raw.prepare(`SELECT * FROM ${table}`).all();
        const naming = rows.filter((row) => Object.values(row).includes(member)).length;
        return naming === 0 ? [] : [`${name} ${n} ${table}: ${naming}`];
      });
    }),
  );
}

/**
 * What is left when the erasure comes before the `at`th call; null: there was no such call. A call to
 * a log is waited for by those after it, the erasure's own too: then both go on side by side.
 */
async function left(deed: Deed, at: number): Promise<readonly string[] | null> {
  let [calls, passed] = [0, 0];
  let erase: (() => Promise<unknown>) | null = null;
  let erased: Promise<unknown> | null = null;
  const gate = async () => {
    passed++;
    if (erase === null || ++calls !== at) return;
    erased = erase();
    erase = null;
    const isOver = erased.then(() => true);
    for (let before = 0; passed > before; ) {
      before = passed;
      if (await Promise.race([isOver, sleep(stallMs).then(() => false)])) return;
    }
  };
  const world = makeWorld({ shards: 1, gate });
  const { member, vault } = await world.enrol("ada", nowMs);
  const eraseAll = () => eraseScope(vault, member, { kind: "member" }, nowMs + 1);
  erase = eraseAll;
  // Refused, failed or done: all the same to what is left.
  await deed(vault, member, world).catch(() => null);
  erase = null;
  await (erased ?? eraseAll());
  const found = leftOf(world, member);
  for (const db of [world.stores.directory, ...world.stores.phi, ...world.stores.keys])
    db.raw.close();
  return erased === null && at < callsMax ? null : found;
}

it.each(Object.entries(deeds))("nothing of %s outlives its member", async (_, deed) => {
  const alone = await left(async () => {}, callsMax);
  let at = 1;
  for (; at < callsMax; at++) {
    const found = await left(deed, at);
    if (found === null) break;
    expect([at, found]).toEqual([at, alone]);
  }
  expect(at).toBeLessThan(callsMax);
});

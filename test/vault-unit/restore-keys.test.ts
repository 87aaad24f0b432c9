/** A restore and keys that are spoilt, or replaced while it looks: what opens stays, the rest goes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { isRefusal } from "../../domain/ports.ts";
import { Unopenable } from "../../workers/vault/chunked.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { Restored } from "../../workers/vault/journal.ts";
import { replaceMemberKey, withLease } from "../../workers/vault/lease.ts";
import { setPrivacyZones } from "../../workers/vault/privacy.ts";
import { read } from "../../workers/vault/readings.ts";
import { restoreShard } from "../../workers/vault/restore.ts";
import { dropLost } from "../../workers/vault/restore-lost.ts";
import { rotateEpoch } from "../../workers/vault/rotation.ts";
import {
  type Clock,
  clock,
  closeWorld,
  garmin,
  isAtRest,
  long,
  note,
  opened,
  rowsScope,
  said,
  sealAll,
} from "./erasures.ts";
import { makeWorld, type World } from "./world.ts";

const things = [note(garmin, "g1"), long(garmin, "g2")];
const zones = { endsM: 900, places: [] };

let world: World;
let vault: Vault;
let ada: MemberId;
let now: Clock;
beforeEach(async () => {
  now = clock();
  world = makeWorld();
  await world.shards.directory.setOpen(1, false);
  ({ vault, member: ada } = await world.enrol("ada", now()));
  await sealAll(vault, ada, things, now);
});
afterEach(() => closeWorld(world));

const keys = () => world.stores.keys[0] as World["stores"]["keys"][number];
const phi = () => world.stores.phi[0] as World["stores"]["phi"][number];
const rows = (table: string): number =>
  Number(phi().raw.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);

async function restore(shards = world.restarted()) {
  for (let step = 0; step < 100; step++) {
    const status = await restoreShard(shards, shards.all[0] as Vault, now());
    if (!status.done) continue;
    const counts = Object.fromEntries(status.steps.map(({ step, count }) => [step, count]));
    return { shards, vault: shards.all[0] as Vault, counts };
  }
  throw new Error("the restore does not end");
}
async function rotates(shards = world.restarted()): Promise<boolean> {
  for (let step = 0; step < 20; step++)
    if ((await rotateEpoch(shards, now(), 1_000)).done) return true;
  return false;
}
const spoil = () => keys().raw.exec("UPDATE member_key SET wrapped = zeroblob(length(wrapped))");

describe("a member's key that does not open", () => {
  test("is taken from its copy, and rotations end again", async () => {
    expect(await rotates()).toBe(true);
    await sealAll(vault, ada, [note("c_later" as typeof garmin, "n1")], now);
    spoil();
    expect(await rotates()).toBe(false);
    const whole = await restore();
    expect(whole.counts).toMatchObject({ "broken-keys": 1, lost: 0 });
    const all = [...things, note("c_later" as typeof garmin, "n1")];
    expect(await opened(whole.vault, ada, now())).toEqual(said(all));
    expect(await rotates(whole.shards)).toBe(true);
    expect(await opened(whole.vault, ada, now())).toEqual(said(all));
  });

  test("of another generation than its copy is replaced by that", async () => {
    expect(await rotates()).toBe(true);
    keys().raw.exec(`UPDATE member_key SET key_id = 'x', wrapped = zeroblob(60);
      UPDATE data_key SET generation = 'x', wrapped = zeroblob(60)`);
    phi().raw.exec("UPDATE member SET key_id = 'x'");
    const whole = await restore();
    expect(whole.counts).toMatchObject({ "broken-keys": 1, lost: 0 });
    expect(await opened(whole.vault, ada, now())).toEqual(said(things));
    expect(await isAtRest(whole.vault, ada)).toBe(true);
  });

  test("and has no copy goes with what it sealed, and rotations end again", async () => {
    spoil();
    const whole = await restore();
    expect(whole.counts).toMatchObject({ "broken-keys": 1, lost: 3 });
    expect(await opened(whole.vault, ada, now())).toEqual({});
    expect(await rotates(whole.shards)).toBe(true);
    await sealAll(whole.vault, ada, [note(garmin, "g9")], now);
    expect(await opened(whole.vault, ada, now())).toEqual(said([note(garmin, "g9")]));
  });

  test("because a key above it is another one, or spoilt, costs nothing", async () => {
    const other = Buffer.from(new Uint8Array(32).fill(7)).toString("base64");
    await expect(restore(world.restarted({ ROOT_KEY: other }))).rejects.toThrow();
    const { keyring } = world.stores;
    const name = [...keyring.objects.keys()].find((key) => key.startsWith("epoch")) ?? "";
    const aside = keyring.snapshot();
    const { customMetadata = {} } = (await keyring.head(name)) ?? {};
    await keyring.put(name, new Uint8Array(100), { customMetadata });
    await expect(restore()).rejects.toThrow(Unopenable);
    keyring.restore(aside);
    const whole = await restore();
    expect(whole.counts).toMatchObject({ "broken-keys": 0, lost: 0 });
    expect(await opened(whole.vault, ada, now())).toEqual(said(things));
  });
});

describe("what is lost", () => {
  const replaceKey = () =>
    withLease(vault, ada, now(), async (lease) => {
      await replaceMemberKey(vault, lease, { renew: [], drop: [] }, now());
      return { done: true, value: null };
    });
  /** The same shard; before the first look at its keys, or at an object, something happens. */
  function interrupted(at: "keys" | "objects", happens: () => Promise<unknown>): Vault {
    let once = happens;
    const first = async () => {
      const act = once;
      once = async () => {};
      await act();
    };
    const { database } = vault.keyring;
    const delayed = (sql: string, values: unknown[]) => ({
      bind: (...more: unknown[]) => delayed(sql, more),
      all: () =>
        first().then(() =>
          database
            .prepare(sql)
            .bind(...values)
            .all(),
        ),
    });
    const keyring = { database: { prepare: (sql: string) => delayed(sql, []) } };
    const objects = {
      head: (name: string) => first().then(() => vault.objects.head(name)),
    };
    return { ...vault, ...(at === "keys" ? { keyring } : { objects }) } as unknown as Vault;
  }

  test("is nothing while a member's key is replaced", async () => {
    const between = interrupted("keys", replaceKey);
    await expect(dropLost(between, "", now())).rejects.toThrow("not there");
    world.stores.sealed.objects.clear();
    const later = interrupted("objects", replaceKey);
    expect((await dropLost(later, "", now())).count).toBe(0);
    expect(rows("sealed")).toBe(3);
    expect((await dropLost(vault, "", now())).count).toBe(1);
  });

  test("is nothing while a member's key is not to be found", async () => {
    const copy = keys().snapshot();
    keys().raw.exec("DELETE FROM member_key; DELETE FROM data_key");
    await expect(dropLost(vault, "", now())).rejects.toThrow("not there");
    keys().restore(copy);
    expect(await opened(vault, ada, now())).toEqual(said(things));
  });

  test("has its objects listed, so that they are destroyed", async () => {
    keys().raw.exec("DELETE FROM data_key");
    expect((await dropLost(vault, "", now())).count).toBe(3);
    expect([rows("sealed"), rows("orphan")]).toEqual([0, 1]);
  });

  test("of privacy zones hides the track, and does not show it to the default", async () => {
    const track = JSON.stringify([0, 1, 2].map((n) => ({ t: n, lat: 48 + n / 10, lon: 11.5 })));
    await setPrivacyZones(vault, ada, zones, now());
    keys().raw.exec("DELETE FROM data_key");
    const whole = await restore();
    await sealAll(whole.vault, ada, [{ connection: garmin, row: "t1", columns: { track } }], now);
    phi().raw.exec(`INSERT INTO consent (id, member, version, grantee_kind, grantee, columns, purpose,
      granted_at) VALUES ('c', '${ada}', 1, 'member', 'm_carla', '["track"]', 'coaching', 1)`);
    const carla = { id: "m_carla", member: "m_carla" as MemberId, roles: ["coach"] as const };
    const asked = { member: ada, column: "track", purpose: "coaching", rows: ["t1"], limit: 10 };
    const request = { ...asked, ownRows: [], take: "all", span: null, after: null } as const;
    expect(await read(whole.vault, carla, request, now)).toEqual({ refused: "forbidden" });
    await setPrivacyZones(whole.vault, ada, zones, now());
    expect(isRefusal(await read(whole.vault, carla, request, now))).toBe(false);
  });
});

test("keys put back alone, to before an erasure, stay shut through any number of rotations", async () => {
  const copy = keys().snapshot();
  await eraseScope(vault, ada, rowsScope("g1"), now());
  keys().restore(copy);
  await expect(rotates()).rejects.toThrow(Restored);
  const whole = await restore();
  expect(await opened(whole.vault, ada, now())).toEqual(said([long(garmin, "g2")]));
  expect(await isAtRest(whole.vault, ada)).toBe(true);
});

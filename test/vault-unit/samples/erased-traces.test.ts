/** What an erased connection leaves in what the vault keeps beside its samples: nothing. */
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../../domain/ports.ts";
import { eraseScope } from "../../../workers/vault/erasure.ts";
import { sampleChunks } from "../../../workers/vault/sample-resolve.ts";
import {
  acknowledge,
  acknowledgedBy,
  devicesOf,
  setDeviceOrder,
} from "../../../workers/vault/sample-settings.ts";
import { isAtRest } from "../erasures.ts";
import {
  chunkFactsIn,
  day,
  type Home,
  home,
  merge,
  named,
  phone,
  phoneDevice,
  steps,
  watch,
} from "./home.ts";

const erase = (at: Home, connection: typeof phone) =>
  eraseScope(at.vault, at.member, { kind: "connection", connection }, at.now());
async function devices(at: Home) {
  const known = await devicesOf(at.vault, at.member, at.now());
  if (isRefusal(known)) throw new Error(known.refused);
  return known;
}
const idsOf = async (at: Home) => (await devices(at)).devices.map(({ id }) => id);

describe("an erased connection", () => {
  test("takes the devices with it that it alone told of, out of every order too", async () => {
    const at = await home();
    await merge(at, phone, [steps(0, 7, { device: phoneDevice })]);
    await merge(at, watch, [steps(1, 9)]);
    const [watchId, phoneId] = [await named(at).device("W-1"), await named(at).device("P-1")];
    const order = { from: day, devices: [phoneId, watchId] };
    await setDeviceOrder(at.vault, at.member, order, at.now());
    await erase(at, phone);
    expect(await devices(at)).toEqual({
      devices: [expect.objectContaining({ id: watchId })],
      orders: [{ from: day, devices: [watchId] }],
    });
    expect(await isAtRest(at.vault, at.member)).toBe(true);
  });

  test("leaves a device that another one told of as well, until that is erased", async () => {
    const at = await home();
    await merge(at, phone, [steps(0, 7)]);
    await merge(at, watch, [steps(1, 9)]);
    await erase(at, phone);
    expect(await idsOf(at)).toEqual([await named(at).device("W-1")]);
    await erase(at, watch);
    expect(await idsOf(at)).toEqual([]);
  });

  test("leaves no key by which an older copy of its devices would open", async () => {
    const at = await home();
    await merge(at, phone, [steps(0, 7)]);
    // As after an erasure before it: no day is kept that would ask for another key.
    const { phi, keyring } = at.vault;
    await phi.prepare("DELETE FROM sealed WHERE row_id LIKE 'day/%'").run();
    const row = "SELECT key_id FROM sealed WHERE row_id = 'devices'";
    const sealing = await phi.prepare(row).first<{ key_id: string }>();
    await erase(at, phone);
    const keys = await keyring.database
      .prepare("SELECT key_id FROM data_key")
      .all<{ key_id: string }>();
    expect(keys.results.map(({ key_id }) => key_id)).not.toContain(sealing?.key_id);
  });

  test("leaves nothing of which insights were taken note of", async () => {
    const at = await home();
    await merge(at, phone, [steps(0, 7)]);
    await acknowledge(at.vault, at.member, `unusual.heart_rate.${day}`, at.now());
    await erase(at, phone);
    expect(await acknowledgedBy(at.vault, at.member, at.now())).toEqual({ ids: [] });
  });
});

test("what is sealed of some days is named, and no more once it is erased", async () => {
  const at = await home();
  const { facts } = await merge(at, watch, [steps(-1, 7), steps(0, 7), steps(1440, 7)]);
  const [, id] = chunkFactsIn(facts).sort((a, b) => a.at - b.at);
  const named = () => sampleChunks(at.vault, at.member, { from: day, to: "2026-11-15" }, 10);
  expect(await named()).toEqual([id?.id]);
  await eraseScope(at.vault, at.member, { kind: "rows", rows: await named() }, at.now());
  expect(await named()).toEqual([]);
});

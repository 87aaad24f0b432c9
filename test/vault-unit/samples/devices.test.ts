/** Devices are told apart by what their source calls them, which their member is shown. */
import { expect, test } from "vitest";
import { isRefusal } from "../../../domain/ports.ts";
import { devicesText, knownDevices, readDevices } from "../../../workers/vault/sample-devices.ts";
import { devicesOf } from "../../../workers/vault/sample-settings.ts";
import { device, type Home, home, merge, named, steps, watch } from "./home.ts";

const shown = async (at: Home) => {
  const known = await devicesOf(at.vault, at.member, at.now());
  if (isRefusal(known)) throw new Error(known.refused);
  return known.devices;
};

test("two watches without a model show what their source calls each", async () => {
  const at = await home();
  const long = `W-${"😀".repeat(300)}`;
  const records = ["W-1", "W-2", long].map((id, i) => steps(i, 5, { device: device(id, "watch") }));
  await merge(at, watch, records);
  const stated = (await shown(at)).map((one) => one.stated);
  expect(stated).toEqual(["W-1", "W-2", `W-${"😀".repeat(198)}`]);
});

test("one that was kept before is called nothing, until it is heard from again", async () => {
  const at = await home();
  const id = await named(at).device("W-1");
  const old = { id, kind: "watch", model: null, app: null, firstMs: 5 };
  const text = JSON.stringify({ devices: [old], orders: [], by: { [id]: [watch] } });
  const before = readDevices(text);
  expect(before.devices).toEqual([{ ...old, stated: null }]);
  const again = await knownDevices(before, [steps(0, 5)], named(at), watch);
  expect([again.isChanged, again.isReordered]).toEqual([true, false]);
  expect(again.devices.devices).toEqual([{ ...old, stated: "W-1" }]);
  const kept = readDevices(devicesText(again.devices));
  expect((await knownDevices(kept, [steps(0, 5)], named(at), watch)).isChanged).toBe(false);
});

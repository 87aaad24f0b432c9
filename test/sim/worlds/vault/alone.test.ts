/** Worlds of the vault alone: nothing is wrong in any, and every planted bug shows. */
import { afterAll, describe, expect, it } from "vitest";
import { cryptoAtOnce } from "../../../fakes/at-once-crypto.ts";
import { vaultAlone } from "./alone.ts";
import { vaultPlants } from "./plants.ts";

afterAll(cryptoAtOnce());

const worlds = 25;
const seed = 20_261_122;
/** The command goes to a thousand; these show much sooner. */
const plantedWorldsMax = 100;

describe("a world of the vault alone", () => {
  it(`keeps every promise, whatever fails: ${worlds} worlds (seed ${seed})`, async () => {
    const wrong: string[] = [];
    for (let n = 0; n < worlds; n++)
      for (const what of await vaultAlone(seed + n, null)) wrong.push(`${seed + n}: ${what}`);
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(vaultPlants))("shows a planted bug: %s", async (plant) => {
    let found: readonly string[] = [];
    for (let n = 0; n < plantedWorldsMax && found.length === 0; n++)
      found = await vaultAlone(seed + n, plant);
    expect(found).not.toEqual([]);
  });
});

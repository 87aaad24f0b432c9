/** From its second edition on, a provider's reading says which one it is; the first says nothing. */
import { afterEach, expect, test } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { shape } from "../../kernel/accept.ts";
import { garmin } from "../../providers/garmin.ts";
import { garminActivity } from "../fakes/rides.ts";
import { MemoryWorld } from "./memory-world.ts";

const origin = {
  member: "m_1" as MemberId,
  connection: "c_1" as ConnectionId,
  provider: "garmin",
  account: "hash",
};
const startMs = Date.UTC(2026, 9, 14, 7);
const ride = { account: "a", id: "1", startMs, elapsedSeconds: 600, distanceM: 5_000 };

async function editionSaid(edition?: number) {
  const { digest, ledger } = new MemoryWorld().ports;
  const draft = garmin.normalise("activities", garminActivity(ride), startMs);
  if (!draft.ok) throw new Error(draft.error);
  const from = edition === undefined ? origin : { ...origin, edition };
  const [shaped] = await shape(digest, () => ledger(workouts, "m_1"), workouts, from, [
    draft.value,
  ]);
  if (shaped?.kind !== "fact") throw new Error("not read");
  expect(JSON.stringify(shaped.row)).not.toContain("edition");
  return "edition" in shaped.statement ? shaped.statement.edition : "nothing";
}

afterEach(() => void Object.assign(garmin, { edition: 1 }));

test("as the list of providers has it", async () => {
  expect(await editionSaid()).toBe("nothing");
  Object.assign(garmin, { edition: 2 });
  expect(await editionSaid()).toBe(2);
});

test("as its origin has it, who knows better", async () => {
  expect(await editionSaid(7)).toBe(7);
  Object.assign(garmin, { edition: 2 });
  expect(await editionSaid(1)).toBe("nothing");
});

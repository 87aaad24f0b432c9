/**
 * A world with nothing but the vault in it, for its own test and for looking closer: the same acts,
 * faults and proofs, without the ledgers and the archive beside it.
 */
import type { ConnectionId, MemberId } from "../../../../domain/identity.ts";
import { type Chance, chanceOf } from "../../../oracle/chance.ts";
import { Crash, type VaultSide, type WorldMember } from "../side.ts";
import { vaultSide } from "./side.ts";

const startMs = Date.UTC(2026, 9, 1);
const betweenMsMax = 120_000;
const membersMax = 3;
const actsMin = 10;
const actsMax = 25;
const eraseIn100 = 3;
const faultsMax = { fail: 10, crash: 1 };
/** Whoever waits for a log that died waits for ever: nobody waits longer than so many turns. */
const turnsMax = 200;
const restMs = 3_600_000;

const membersOf = (chance: Chance): WorldMember[] =>
  Array.from({ length: chance.whole(1, membersMax) }, (_, i) => ({
    id: `m_p${i}` as MemberId,
    connections: Array.from(
      { length: chance.whole(1, 2) },
      (_c, j) => `c_p${i}${j}` as ConnectionId,
    ),
  }));

async function within(work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  work.then(end, end);
  for (let turn = 0; turn < turnsMax && !isDone; turn++)
    await new Promise((resolve) => setImmediate(resolve));
}

/** What was wrong in the world of this seed. */
export async function vaultAlone(seed: number, plant: string | null): Promise<readonly string[]> {
  const [chance, trouble] = [chanceOf(seed), chanceOf(seed ^ 0x5bd1e995)];
  const members = membersOf(chance);
  const share = (most: number) => (chance.in100(33) ? 0 : chance.next() * most);
  const [fail, crash] = [share(faultsMax.fail), share(faultsMax.crash)];
  let nowMs = startMs;
  let isCalm = false;
  let side: VaultSide | null = null;
  const call = async <T>(port: string, effect: () => T | Promise<T>): Promise<T> => {
    if (isCalm) return effect();
    if (trouble.in100(crash)) {
      side?.crash();
      throw new Crash(port);
    }
    const fails = trouble.in100(fail) ? trouble.pick(["before", "after"]) : null;
    if (fails === "before") throw new Error(`${port}: nobody answered`);
    const answer = await effect();
    if (fails === "after") throw new Error(`${port}: the answer was lost`);
    return answer;
  };
  side = await vaultSide({
    ...{ seed, chance, members, own: members, plant, faults: { call }, told: () => undefined },
    clock: { nowMs: () => nowMs },
  });
  const erased = new Set<MemberId>();
  for (let acts = chance.whole(actsMin, actsMax); acts > 0; acts--) {
    nowMs += chance.whole(0, betweenMsMax);
    const { id } = chance.pick(members);
    const isErasure = chance.in100(eraseIn100);
    if (isErasure) erased.add(id);
    const act = chance.pick(side.acts);
    const own = chanceOf(chance.whole(0, 2 ** 31));
    await within(isErasure ? side.erase(id, { kind: "member" }) : act.run(own));
  }
  isCalm = true;
  nowMs += restMs;
  for (const id of erased) await side.erase(id, { kind: "member" });
  await side.settle();
  return side.violations();
}

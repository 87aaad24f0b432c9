/** Runs one scenario from its first moment to its judgement. */
import type { FactId } from "../../../domain/identity.ts";
import { factId } from "../../../domain/identity.ts";
import { judge, type Said, safety } from "./oracle.ts";
import type { Scenario } from "./scenario.ts";
import { ledgersOf, settledBytes, stateOf } from "./state.ts";
import { World, type WorldOptions } from "./world.ts";

/** A run that settles nothing costs as much as all that happened before: so many worlds have one. */
const settledTwiceEvery = 3;

export interface Outcome {
  readonly violations: readonly string[];
  readonly calls: number;
  /** Of them, those that were made while faults were on. */
  readonly risked: number;
  readonly crashes: number;
  readonly failures: number;
  readonly rounds: number;
}

export async function runScenario(scenario: Scenario, options: WorldOptions): Promise<Outcome> {
  const world = await World.make(scenario, options);
  try {
    const violations = await violationsOf(world);
    const { calls, crashes, failures } = world.wire;
    return { violations, calls, risked: world.risked, crashes, failures, rounds: world.rounds };
  } finally {
    world.close();
  }
}

async function violationsOf(world: World): Promise<string[]> {
  const said = saidIn(world);
  await world.happen();
  const early = await safety(said, world.edge, ledgersOf(world));
  const isAtRest = await world.converge();
  if (!isAtRest) return [...early, `it does not come to rest: ${world.restless().join(", ")}`];
  const changed = world.scenario.seed % settledTwiceEvery === 0 ? await settledTwice(world) : [];
  const now = await world.outside(() => stateOf(world));
  const late = await judge(said, now, world.wire.clock.now());
  return [
    ...early,
    ...changed,
    ...late,
    ...world.violated(),
    ...(await world.vault.side.violations()),
  ];
}

async function settledTwice(world: World): Promise<string[]> {
  const before = settledBytes(world);
  await world.again();
  return settledBytes(world) === before ? [] : ["settled again, other bytes came of it"];
}

function saidIn(world: World): Said {
  const { scenario, residents } = world;
  const ids = new Map<string, Promise<FactId>>();
  return {
    scenario,
    members: residents.map(({ id }) => id),
    erased: world.edge.erased,
    leaving: world.edge.leaving,
    idOf(person, account, sourceId) {
      const key = JSON.stringify([person, account, sourceId]);
      const { provider = "" } = scenario.people[person]?.accounts[account] ?? {};
      const hash = residents[person]?.accounts[account] ?? "";
      const known = ids.get(key) ?? factId(world.digest, scenario.stream, provider, hash, sourceId);
      ids.set(key, known);
      return known;
    },
  };
}

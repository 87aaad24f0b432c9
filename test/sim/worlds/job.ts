/**
 * A process that runs worlds for the command, one message in, one message out: the platform of
 * `platform.ts` is the whole process's, so worlds have one to themselves.
 */
import "./platform.ts";
import { cryptoAtOnce } from "../../fakes/at-once-crypto.ts";
import type { Asked, Told } from "./jobs.ts";
import type { Scenario } from "./scenario.ts";
import type { WorldOptions } from "./world.ts";

const { silence } = await import("./platform.ts");
const { runScenario } = await import("./run.ts");
const { scenarioOf, seedOf } = await import("./scenario.ts");
const { headOf } = await import("./script.ts");
const { shrink } = await import("./shrink.ts");
const { fixedScenarios } = await import("./every-call.ts");
const { vaultSide } = await import("./vault/side.ts");
silence();
cryptoAtOnce();

/** Of a world, so much happens in the vault. */
const actsOfWorld = 12;
const run = (scenario: Scenario, plant: string | null, more: Partial<WorldOptions> = {}) =>
  whatever(
    runScenario(scenario, { plant, one: null, vault: vaultSide, told: () => undefined, ...more }),
  );

/** What throws is a violation as well: of the code that runs, or of the simulation itself. */
async function whatever(work: ReturnType<typeof runScenario>): ReturnType<typeof runScenario> {
  try {
    return await work;
  } catch (error) {
    const violations = [`it threw: ${(error as Error).stack ?? String(error)}`];
    return { violations, calls: 0, risked: 0, crashes: 0, failures: 0, rounds: 0 };
  }
}

async function answer(asked: Asked): Promise<Told> {
  switch (asked.kind) {
    case "worlds": {
      const sums = { calls: 0, crashes: 0, failures: 0 };
      const began = process.cpuUsage();
      const spentMs = () => {
        const { user, system } = process.cpuUsage(began);
        return Math.round((user + system) / 1000);
      };
      const wrong: { nth: number; violations: readonly string[] }[] = [];
      for (let nth = asked.from; nth < asked.to; nth++) {
        const outcome = await run(scenarioOf(seedOf(asked.seed, nth), actsOfWorld), asked.plant);
        sums.calls += outcome.calls;
        sums.crashes += outcome.crashes;
        sums.failures += outcome.failures;
        if (outcome.violations.length === 0) continue;
        wrong.push({ nth, violations: outcome.violations });
        if (asked.untilFirst) break;
      }
      const done = (asked.untilFirst ? (wrong[0]?.nth ?? asked.to - 1) + 1 : asked.to) - asked.from;
      return { kind: "worlds", done, wrong, ...sums, cpuMs: spentMs() };
    }
    case "one": {
      const lines: string[] = [];
      const scenario = scenarioOf(seedOf(asked.seed, asked.nth), actsOfWorld);
      const told = (line: string) => lines.push(line);
      const { violations } = await run(scenario, asked.plant, { told });
      return { kind: "one", lines, violations };
    }
    case "shrink": {
      const scenario = scenarioOf(seedOf(asked.seed, asked.nth), actsOfWorld);
      const fails = async (less: Scenario) => (await run(less, asked.plant)).violations.length > 0;
      const { scenario: least, tries } = await shrink(scenario, fails, asked.triesMax);
      const script = [...headOf(least)];
      const { violations } = await run(least, asked.plant, { told: (line) => script.push(line) });
      return { kind: "shrink", script, tries, violations };
    }
    case "every-call": {
      const fixed = fixedScenarios[asked.scenario];
      if (fixed === undefined) throw new Error("there is no such scenario");
      const { violations, risked } = await run(fixed.scenario, null, { one: asked.one });
      return { kind: "every-call", violations, calls: risked };
    }
  }
}

process.on("message", (asked: Asked) => {
  void answer(asked).then((told) => process.send?.(told));
});

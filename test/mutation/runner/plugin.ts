/**
 * Runs the tests of a part for Stryker, within the process that it starts for it. A mutant is a
 * switch in the copied code: the modules are loaded anew, the switch is set, the tests that come by
 * are run until one fails.
 */
import { join } from "node:path";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { type Part, partAsked } from "../parts.ts";
import { loaderOf } from "./modules.ts";
import { collect, type Ran, run } from "./vitest.ts";

/** Where the instrumented code looks for the mutant that is on, and counts what comes by. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: {
    static: Record<string, number>;
    perTest: Record<string, Record<string, number>>;
  };
}
const switches: Switches = {};
Object.assign(globalThis, { __stryker__: switches });

const between = " :: ";

const toResult = (file: string, { name, failure, ms }: Ran): TestResult => {
  const of = {
    id: `${file}${between}${name}`,
    name,
    fileName: join(process.cwd(), file),
    timeSpentMs: ms,
  };
  return failure === null
    ? { ...of, status: TestStatus.Success }
    : { ...of, status: TestStatus.Failed, failureMessage: failure };
};

class Runner implements TestRunner {
  readonly #loader = loaderOf(process.cwd());
  readonly #tests: readonly string[];
  readonly #without: readonly string[];

  constructor({ tests, without = [] }: Part) {
    this.#tests = tests;
    this.#without = without;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    switches.mutantCoverage = { static: {}, perTest: {} };
    const tests = await this.#run(this.#tests, null, false, () => undefined);
    const { mutantCoverage } = switches;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter = null, hitLimit, mutantActivation } = options;
    const isStatic = mutantActivation === "static";
    switches.activeMutant = isStatic ? activeMutant.id : undefined;
    switches.hitCount = 0;
    switches.hitLimit = hitLimit;
    const files = this.#tests.filter(
      (file) => testFilter?.some((id) => id.startsWith(file + between)) ?? true,
    );
    const tests = await this.#run(files, testFilter, !options.disableBail, () => {
      switches.activeMutant = activeMutant.id;
    });
    const isEndless = determineHitLimitReached(switches.hitCount, hitLimit);
    return toMutantRunResult(isEndless ?? { status: DryRunStatus.Complete, tests });
  }

  /** A file that does not even load has one test that fails. */
  async #run(
    files: readonly string[],
    only: readonly string[] | null,
    isEnoughOne: boolean,
    begin: () => void,
  ): Promise<TestResult[]> {
    const results: TestResult[] = [];
    this.#loader.renew();
    for (const file of files) {
      const idOf = (name: string): string => `${file}${between}${name}`;
      try {
        const all = await collect(() => this.#loader.load(join(process.cwd(), file)));
        const asked = all
          .filter(({ name }) => !this.#without.some((held) => name.includes(held)))
          .filter(({ name }) => only?.includes(idOf(name)) ?? true);
        begin();
        const ran = await run(asked, isEnoughOne, (name) => {
          switches.currentTestId = idOf(name);
        });
        results.push(...ran.map((one) => toResult(file, one)));
      } catch (error) {
        results.push(toResult(file, { name: "loads", failure: String(error), ms: 0 }));
      } finally {
        switches.currentTestId = undefined;
      }
      if (isEnoughOne && results.some(({ status }) => status === TestStatus.Failed)) break;
    }
    return results;
  }
}

const runnerOf = (): Runner => {
  // What a mutant leaves unawaited says nothing of the tests, and must not end the process.
  process.on("unhandledRejection", () => undefined);
  return new Runner(partAsked());
};

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "in-process", runnerOf)];

/**
 * One part under Stryker: a copy of the repository with a mutant at a time, and what its tests made
 * of it. Nothing is written but in `.singlet/mutation`.
 */
import { join } from "node:path";
import type { LogLevel } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import { type PartName, parts } from "./parts.ts";

const home = ".singlet/mutation";

/** How long a mutant may take beyond its tests; machines are shared, and a slow one is no killer. */
const graceMs = 6_000;
const slowerTimes = 4;

/** Modules that were loaded are never forgotten: a process makes room for the next one. */
const mutantsOfAProcess = 150;

/** What neither the mutated files nor their tests read. */
const notCopied = ["web", "docs", "dist", "bench", "client", ".git", ".singlet", ".wrangler"];

/** TypeScript 7 has no API to read a configuration by; Stryker does without when there is none. */
const noTsconfig = "no-tsconfig.json";

export interface Asked {
  readonly files: readonly string[];
  /** How many mutants are tried at once. */
  readonly concurrency: number;
  /** What a former run found stands, where neither the code nor the names of its tests changed. */
  readonly isAgain: boolean;
}

type Mutants = Awaited<ReturnType<Stryker["runMutationTest"]>>;
export type Mutant = Mutants[number];

export async function mutate(name: PartName, asked: Asked): Promise<Mutants> {
  process.env.MUTATED_PART = name;
  const stryker = new Stryker({
    mutate: [...asked.files],
    testRunner: "in-process",
    plugins: [join(import.meta.dirname, "runner/plugin.ts")],
    testRunnerNodeArgs: ["--disable-warning=ExperimentalWarning"],
    maxTestRunnerReuse: mutantsOfAProcess,
    checkers: [],
    coverageAnalysis: "perTest",
    reporters: ["progress-append-only"],
    logLevel: "warn" as LogLevel,
    warnings: false,
    tsconfigFile: noTsconfig,
    ignorePatterns: notCopied,
    tempDirName: `${home}/sandbox-${name}`,
    cleanTempDir: "always",
    incremental: true,
    incrementalFile: `${home}/${name}.json`,
    force: !asked.isAgain,
    concurrency: asked.concurrency,
    timeoutMS: graceMs,
    timeoutFactor: slowerTimes,
  });
  const mutants = await stryker.runMutationTest();
  return mutants.filter(({ fileName }) =>
    parts[name].files.some((file) => fileName.endsWith(file)),
  );
}

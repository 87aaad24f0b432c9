/**
 * Suites that start a runtime share two cores, generous time each, longer than any one wait. Drills
 * mostly wait for clocks, pages and sums keep a core busy: so there are more files at a time than
 * cores, and kinds take turns from beginning to end. What takes minutes begins first, so that nothing
 * long is left to run alone at the end. Files of one worker share what they import: loading it anew
 * for each nearly doubled what unit tests cost, so a test that changes its process puts it back.
 */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const longest = [
  "vault-unit/consent-model.test.ts",
  "drills/eviction.test.ts",
  "drills/rotation.test.ts",
  "drills/connections-faults.test.ts",
  "connection-sim/week.test.ts",
  "drills/queue.test.ts",
  "drills/read-kills.test.ts",
  "drills/restart.test.ts",
  "drills/provider.test.ts",
];
const kinds = ["/test/web/", "/test/drills/", "/test/system/", "/test/conformance/", ""];

/** In turns: each kind's files are spread evenly over the whole. */
function inTurns(files: readonly TestSpecification[]): TestSpecification[] {
  const kindOf = ({ moduleId }: TestSpecification) => kinds.find((k) => moduleId.includes(k));
  const placed = kinds.flatMap((kind) => {
    const of = files.filter((file) => kindOf(file) === kind);
    return of.map((file, i) => ({ file, place: (i + 0.5) / of.length }));
  });
  return placed.toSorted((a, b) => a.place - b.place).map(({ file }) => file);
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isOf = (name: string) => (file: TestSpecification) => file.moduleId.endsWith(name);
    const first = longest.flatMap((name) => files.filter(isOf(name)));
    const rest = (await super.sort(files)).filter((file) => !first.includes(file));
    return [...first, ...inTurns(rest)];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/web/build.ts",
    maxWorkers: 5,
    isolate: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { sequencer: LongestFirst },
    env: { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
  },
});

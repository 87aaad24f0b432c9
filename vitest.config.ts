/**
 * Suites that start a runtime share two cores: few files at a time, generous time each, longer than
 * any one wait. What takes minutes begins first, so that nothing long is left to run alone at the
 * end; a drill mostly waits for clocks, so there is always one more file than cores.
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
const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = longest.findIndex((name) => moduleId.endsWith(name));
  return place < 0 ? longest.length : place;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/web/build.ts",
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    env: { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
  },
});

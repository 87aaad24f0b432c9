/**
 * `npm run bench -- NAME`: measures one thing against a floor in the same run. `all` runs every bench
 * in a process of its own, one after another, whatever becomes of those before.
 */
import { benches } from "./catalogue.ts";
import { progress } from "./measure.ts";
import { capacityText, writePages } from "./pages.ts";
import { keepResult } from "./results.ts";
import { runAll } from "./run-all.ts";

const help = `npm run bench             this list
npm run bench -- NAME     one of these; --write puts its result into docs/performance.md
npm run bench -- all      all of them, one after another, and goes on after one that fails;
                          --write likewise; what else is said is said to bill
npm run bench -- capacity what one account carries, reckoned from what was measured (docs/capacity.md);
                          --write puts it there, and every other --write does too

${Object.entries(benches)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join("\n")}

  bill takes --facts N, --polls N, --details, --baseline, and with --write puts its tables into docs/bill.md.
  Machines are shared and noisy: compare the ratio to the floor, which was measured in the same run.
  The last line is RESULT {json} with name, value, unit, floor, ratio, spread and level.
`;

const [name = "--help", ...rest] = process.argv.slice(2);
const writes = rest.includes("--write");

async function runOne(bench: (typeof benches)[string]): Promise<void> {
  const result = await bench.run();
  if (writes) await keepResult(result, new Date());
  // Also when only the bill's baseline was, or its page: capacity is reckoned from them.
  if (writes || rest.includes("--baseline")) await writePages();
  progress(`RESULT ${JSON.stringify(result)}`);
}

const bench = benches[name];
if (bench !== undefined) await runOne(bench);
else if (name === "all") process.exitCode = await runAll(rest);
else if (name === "capacity") {
  progress(await capacityText());
  if (writes) await writePages();
} else {
  process.stdout.write(help);
  process.exitCode = name === "--help" ? 0 : 2;
}

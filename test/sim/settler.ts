/**
 * The system in a process of its own, so that it can be killed: goes on with a run until it is
 * finished, a line of progress at a time. `node test/sim/settler.ts STATE RUN`
 */
import { startSystem } from "../../local/system.ts";
import { watch } from "./runs.ts";

const [state = "", run = ""] = process.argv.slice(2);
const system = await startSystem({ state });
await watch(system, run, (progress) => process.stdout.write(`${JSON.stringify(progress)}\n`));
await system.close();

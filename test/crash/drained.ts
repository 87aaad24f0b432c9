/** When nothing is killed any more: until all is said, sent, landed and settled. */

import { resendAfterMsMax } from "../../kernel/publish.ts";
import { runSweep, type System } from "../../local/system.ts";
import { eachOf, ledgersNamed } from "../sim/members.ts";
import { askFor, watch } from "../sim/runs.ts";
import { patiently } from "./patiently.ts";
import type { Lived } from "./run.ts";
import { ledgerNames } from "./shown.ts";

/**
 * What was on a queue when the runtime was killed is lost here, where queues are memory: its ledger
 * sends it again, after a wait that grew with each time that it was lost.
 */
const silentWithinMs = resendAfterMsMax + 120_000;
/** As in workers/edge/sweep.ts. */
const ledgersPerSweep = 200;
const nudgePauseMs = { least: 500, most: 5_000, share: 0.1 } as const;

/** What did not come to an end. */
export async function drained(
  { system, clients, company }: Lived,
  say: (text: string) => void,
): Promise<string[]> {
  const sometimes = everySeconds(say);
  say("left alone: clients say what is left");
  await clients.finish(system, (left) => sometimes(`  ${left} facts to tell`));
  await patiently(() => company.rotate(system));
  const wrong = [...(await patiently(() => company.finish(system)))];
  await patiently(() => company.readOnce(system));
  const silence = () =>
    fallSilent(system, (n) => sometimes(`  ${n} ledgers have something to send`));
  const busy = await patiently(silence);
  if (busy > 0) wrong.push(`${busy} ledgers never fell silent`);
  say("settling");
  await patiently(() => askFor(system, "crash-settle"));
  const { outcome } = await patiently(() =>
    watch(system, "crash-settle", (p) => sometimes(`  ${p.stage} ${p.done} of ${p.total}`)),
  );
  if (outcome !== "done") wrong.push(`settling ended as ${outcome}`);
  await patiently(silence);
  const ledgers = (await patiently(() => ledgerNames(system))).length;
  for (let swept = 0; swept < ledgers; swept += ledgersPerSweep)
    await patiently(() => runSweep(system));
  return wrong;
}

/** How many ledgers are still busy in the end. */
async function fallSilent(system: System, said: (busy: number) => void): Promise<number> {
  const ledgerOf = await ledgersNamed(system);
  let busy = await ledgerNames(system);
  const beganMs = performance.now();
  while (busy.length > 0) {
    const left: string[] = [];
    await eachOf(busy, async (name) => {
      if ((await ledgerOf(name).nudge()).least !== null) left.push(name);
    });
    busy = left;
    said(busy.length);
    const waitedMs = performance.now() - beganMs;
    if (busy.length === 0 || waitedMs > silentWithinMs) break;
    const { least, most, share } = nudgePauseMs;
    const pauseMs = Math.min(most, Math.max(least, share * waitedMs));
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
  return busy.length;
}

const sayEveryMs = 5_000;
function everySeconds(say: (text: string) => void): (text: string) => void {
  let saidMs = 0;
  return (text) => {
    if (Date.now() - saidMs < sayEveryMs) return;
    saidMs = Date.now();
    say(text);
  };
}

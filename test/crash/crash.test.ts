/**
 * A short cut of `npm run crash`: a hundred and fifty facts, killed at two named steps and once at any
 * moment. How long it was away is the command's to judge.
 */
import { expect, it, onTestFailed } from "vitest";
import { type Crashed, crash } from "./run.ts";
import { steps } from "./steps.ts";

const nowMs = Date.UTC(2026, 10, 20, 12);
/** What was lost on a queue is sent again after minutes (drained.ts); mostly it takes half of one. */
const timeout = 900_000;
const named = ["recorded, before answering", "landing: object, before its row"];

it.runIf(process.platform === "linux")(
  "killed at named steps and at any moment, it loses nothing acknowledged and doubles nothing",
  async () => {
    const said: string[] = [];
    const beganMs = performance.now();
    const say = (text: string) => {
      said.push(`${((performance.now() - beganMs) / 1000).toFixed(1)} s ${text}`);
    };
    // Where it was when its time was over.
    onTestFailed(() => void process.stderr.write(`${said.join("\n")}\n`));
    const crashed: Crashed = await crash(
      {
        ...{ kills: 3, facts: 150, seed: 14, nowMs, say },
        // First at any moment, then at each of these.
        steps: [undefined, ...steps.filter(({ name }) => named.includes(name))],
      },
      () => false,
    );
    const wrong = crashed.lines.filter((line) => line.wrong.length > 0);
    expect([wrong, crashed.wrong]).toEqual([[], []]);
    expect(crashed.live).toBeGreaterThan(0);
    expect(crashed.kills.filter(({ step, isReached }) => step !== null && isReached)).toHaveLength(
      2,
    );
  },
  timeout,
);

/**
 * A run goes on in bounded steps: a stage does one unit of work after another, and how far it came
 * is in the row after each. The step sends itself its next message; the minute's cron finds runs
 * whose message or holder was lost. Every unit may be done again.
 */
import type { RunMessage } from "../../domain/ports.ts";
import { type Instant, localDate, msPerDay } from "../../domain/time.ts";
import type { SettlePorts } from "../../kernel/settle/ports.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { ownerOnlyProviders } from "../../providers/index.ts";
import { dropAside } from "./closed-aside.ts";
import { dropHalfway } from "./compare.ts";
import type { ArchiveEnv } from "./env.ts";
import { indexOf } from "./index-store.ts";
import { objectsOf } from "./objects.ts";
import { backoff } from "./partition.ts";
import { eraseStages } from "./run-erase.ts";
import { rebuildStages } from "./run-rebuild.ts";
import { redactStages } from "./run-redact.ts";
import { settleStages } from "./run-settle.ts";
import { snapshotStages } from "./run-snapshot.ts";
import { type Run, type RunKind, type RunState, RunStore, turnMs } from "./run-store.ts";
import { tellAgain } from "./tell-again.ts";
import { zstd } from "./zstd.ts";

/**
 * With the time that a step takes, well inside the thousand times that one invocation may ask D1: a
 * unit over one partition asks some twenty times. A stage whose units ask more has fewer.
 */
const unitsPerStepMax = 30;
const stepMsMax = 20_000;
/** Times in a row that nothing could be done; an erasure is never given up, nor is a redaction. */
const triesMax: Readonly<Record<RunKind, number>> = {
  settle: 30,
  rebuild: 30,
  erase: Number.POSITIVE_INFINITY,
  snapshot: 30,
  redact: Number.POSITIVE_INFINITY,
};
const wokenPerMinuteMax = 20;

/** What a stage works with. The clock and chance are arguments. */
export interface Step {
  readonly env: ArchiveEnv;
  readonly ports: SettlePorts;
  readonly store: RunStore;
  readonly run: Run;
  readonly now: () => Instant;
}
export interface Progress {
  /** wait: nothing could be done yet. */
  readonly go: "more" | "next" | "wait";
  /** Where the stage goes on; without it, where it was. */
  readonly cursor?: string | null;
  readonly done?: number;
  readonly counts?: Readonly<Record<string, number>>;
}
export interface Stage {
  readonly name: string;
  /** A step that comes to this stage ends with so many units. */
  readonly unitsPerStepMax?: number;
  /** How much there is to do, for whoever watches. */
  size?(step: Step): Promise<number>;
  unit(step: Step): Promise<Progress>;
}

const stagesOf: Readonly<Record<RunKind, readonly Stage[]>> = {
  settle: settleStages,
  rebuild: rebuildStages,
  erase: eraseStages,
  snapshot: snapshotStages,
  redact: redactStages,
};

export const settlePortsOf = (env: ArchiveEnv): SettlePorts => ({
  objects: objectsOf(env.ARCHIVE),
  index: indexOf(env.WAREHOUSE),
  zstd,
  vault: env.VAULT_WORK,
  tellAgain: (stream, subjects, day) => tellAgain(env, stream, subjects, day),
  ownerOnly: ownerOnlyProviders,
});

/** A turn's message; the edge sends one without a turn. */
type TurnMessage = RunMessage & { readonly turn?: string };

/** The queue's side: a message that fails comes again; one that is lost, the cron makes up for. */
export async function goOnWithRuns(
  batch: MessageBatch,
  env: ArchiveEnv,
  now: () => Instant,
  random: () => string,
): Promise<void> {
  for (const message of batch.messages) {
    const startedMs = now();
    const told = { worker: "archive", event: "run" };
    try {
      const said = await takeStep(message.body as TurnMessage, env, now, random);
      message.ack();
      logLine({ ...told, ...said, durationMs: now() - startedMs });
    } catch (error) {
      message.retry({ delaySeconds: backoff(message.attempts) });
      const failed = { outcome: "failed", error: errorClass(error) };
      logLine({ ...told, ...failed, durationMs: now() - startedMs });
    }
  }
}

/**
 *   1. the lease is taken              a crash from here on: it runs out, the cron wakes the run
 *   2. units are done, each saved      a crash here: at most one unit is done again
 *   3. the row waits for the message   a crash here: it was not sent; the cron wakes the run
 *   4. the message is sent
 */
async function takeStep(
  message: TurnMessage,
  env: ArchiveEnv,
  now: () => Instant,
  random: () => string,
): Promise<{ outcome: string; items: number }> {
  const store = new RunStore(env.WAREHOUSE);
  const holder = random();
  const taken = await store.take(message.run, message.turn ?? null, holder, now());
  if (taken === null) return { outcome: "not-its-turn", items: 0 };
  const until = now() + stepMsMax;
  const ports = settlePortsOf(env);
  let run = taken;
  let units = 0;
  for (; units < unitsPerStepMax && now() < until; units++) {
    const stage = stageOf(run);
    if (stage === null) return { outcome: await finish(store, run, now), items: units };
    if (units >= (stage.unitsPerStepMax ?? unitsPerStepMax)) break;
    const next = await unitOf(stage, { env, ports, store, run, now });
    run = next.run;
    if (run.state.tries > triesMax[run.kind]) {
      await dropHalfway(env, run.id);
      await dropAside(env, run.id);
      await store.finish(run, "given-up", now());
      return { outcome: "given-up", items: units };
    }
    if (next.waits) break;
    if (!(await store.save(run.id, holder, run, now()))) return { outcome: "lost", items: units };
  }
  const delaySeconds = run.state.tries === 0 ? 0 : backoff(run.state.tries);
  const turn = random();
  const untilMs = now() + delaySeconds * 1000 + turnMs;
  if (!(await store.handOver(run.id, holder, run, turn, untilMs)))
    return { outcome: "lost", items: units };
  const next: TurnMessage = { run: run.id, turn };
  await env.RUNS.send(next, { delaySeconds });
  return { outcome: run.stage, items: units };
}

/** Null: all are done. */
function stageOf(run: Run): Stage | null {
  const stages = stagesOf[run.kind];
  if (run.stage === "done") return null;
  return stages.find(({ name }) => name === run.stage) ?? stages[0] ?? null;
}

/** One unit; what fails for other reasons than the archive's objects is tried again later. */
async function unitOf(stage: Stage, step: Step): Promise<{ run: Run; waits: boolean }> {
  try {
    const run = await sized(stage, step);
    const progress = await stage.unit({ ...step, run });
    return { run: advanced(stage, run, progress), waits: progress.go === "wait" };
  } catch (error) {
    const { id, kind } = step.run;
    const told = { worker: "archive", event: "run", outcome: "retried", requestId: id };
    logLine({ ...told, reason: `${kind} ${stage.name}`, error: errorClass(error) });
    return { run: advanced(stage, step.run, { go: "wait" }), waits: true };
  }
}

async function sized(stage: Stage, step: Step): Promise<Run> {
  const { run } = step;
  if (run.state.counted === stage.name) return run;
  const total = run.done + ((await stage.size?.(step)) ?? 0);
  return { ...run, total, stage: stage.name, state: { ...run.state, counted: stage.name } };
}

function advanced(stage: Stage, run: Run, progress: Progress): Run {
  const { state } = run;
  const isNext = progress.go === "next";
  const done = run.done + (progress.done ?? 0);
  const next: RunState = {
    counted: isNext ? null : state.counted,
    cursor: isNext ? null : progress.cursor === undefined ? state.cursor : progress.cursor,
    tries: progress.go === "wait" ? state.tries + 1 : 0,
    counts: added(state.counts, progress.counts ?? {}),
  };
  const stages = stagesOf[run.kind];
  const after = stages[stages.indexOf(stage) + 1]?.name ?? "done";
  return {
    ...run,
    stage: isNext ? after : stage.name,
    state: next,
    done,
    total: Math.max(run.total, done),
  };
}

function added(
  to: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sums = { ...to };
  for (const [name, n] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}

async function finish(store: RunStore, run: Run, now: () => Instant): Promise<string> {
  const outcome = (await store.faults(run.id)) > 0 ? "faults" : "done";
  await store.finish(run, outcome, now());
  return outcome;
}

// -- by the clock ---------------------------------------------------------------------------

/** Each minute: open runs that nobody is at go on. */
export async function wakeRuns(env: ArchiveEnv, now: () => Instant): Promise<void> {
  const idle = await new RunStore(env.WAREHOUSE).idle(now(), wokenPerMinuteMax);
  for (const run of idle) await env.RUNS.send({ run });
}

/** Each night: everything that waits is settled. The same night begins one run, however often. */
export async function beginNightly(env: ArchiveEnv, now: () => Instant): Promise<void> {
  const nowMs = now();
  const run = `settle-${localDate(nowMs, 0)}`;
  const night = Math.floor(nowMs / msPerDay);
  await new RunStore(env.WAREHOUSE).begin(run, "settle", { night }, nowMs);
  await env.RUNS.send({ run });
}

/**
 * No revocation is outrun: whatever the order in which the steps of grants, revocations, reads and
 * an erasure reach the stores, a read opens what was permitted in the batch that decided it, and
 * nothing else, and the log says which.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { cryptoAtOnce } from "../fakes/at-once-crypto.ts";
import { tries } from "../long.ts";
import {
  type ActorName,
  type Content,
  type GrantAsked,
  type Model,
  makeModel,
  type ReadAsked,
  type Standing,
} from "./consent-model.ts";

afterAll(cryptoAtOnce());

/** One run: what was begun, and what is known of consents by then. */
interface Run {
  readonly model: Model;
  readonly reads: ReturnType<Model["read"]>[];
  readonly others: Promise<unknown>[];
  readonly known: { readonly id: string; readonly standing: Standing }[];
  begun: number;
}
type Step = fc.AsyncCommand<object, Run>;

const step = (text: string, begin: (run: Run, name: string) => void): Step => ({
  check: () => true,
  run: async (_, run) => begin(run, String.fromCharCode(97 + run.begun++)),
  toString: () => text,
});

const granting = (asked: GrantAsked): Step =>
  step(`grant ${JSON.stringify(asked)}`, (run, name) => {
    const granted = run.model.grant(name, asked).then(({ answer, gave }) => {
      if ("refused" in answer) return expect(gave).toBeNull();
      if (gave === null) throw new Error("a grant was answered that did not take effect");
      run.known.push({ id: answer.id, standing: gave });
    });
    run.others.push(granted);
  });
const revoking = (which: number): Step =>
  step(`revoke ${which}`, (run, name) => {
    const one = run.known[which % run.known.length];
    if (one !== undefined) run.others.push(run.model.revoke(name, one.id, one.standing));
  });
const reading = (asked: ReadAsked): Step =>
  step(`read ${JSON.stringify(asked)}`, (run, name) => run.reads.push(run.model.read(name, asked)));
const erasing: Step = step("erase", (run, name) => run.others.push(run.model.erase(name)));

const columnSets = [["heart_rate"], ["track"], ["heart_rate", "track"], ["notes", "track"]];
function stepsOver(columns: readonly string[], take: fc.Arbitrary<ReadAsked["take"]>) {
  const grant = fc.record({
    effect: fc.constantFrom<GrantAsked["effect"]>("permit", "permit", "permit", "forbid"),
    to: fc.constantFrom<GrantAsked["to"]>("carla", "coaches"),
    columns: fc.constantFrom(...columnSets.filter((set) => set.some((c) => columns.includes(c)))),
    later: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  const asked = fc.record({
    by: fc.constantFrom<ActorName>("carla", "carla", "carla", "dan", "dan", "ada", "eve"),
    column: fc.constantFrom(...columns),
    take,
  });
  const steps = fc.oneof(
    { weight: 36, arbitrary: grant.map(granting) },
    { weight: 30, arbitrary: fc.nat(5).map(revoking) },
    { weight: 44, arbitrary: asked.map(reading) },
    // It costs many times what the others do, and ends the run's variety.
    { weight: 1, arbitrary: fc.constant(erasing) },
  );
  return fc.array(steps, { minLength: 4, maxLength: 5 });
}

/** A read that no batch decided is never as due. */
function isAsDue({ due, answer, whole }: Awaited<Run["reads"][number]>): boolean {
  if (due === null) return false;
  if (!due) return isDeepStrictEqual(answer, { refused: "forbidden" });
  if ("refused" in answer || answer.next !== null) return false;
  const opened = answer.readings.map(({ row, column, value }) => ({ row, column, value }));
  return isDeepStrictEqual(opened, whole);
}

async function explore(
  content: Content,
  runs: number,
  take: fc.Arbitrary<ReadAsked["take"]>,
  checkObjects: (objects: number) => void = () => {},
) {
  const model = await makeModel(content);
  checkObjects(model.stores.sealed.objects.size);
  const interleavings = new Set<string>();
  const seen = { permitted: 0, refused: 0 };
  const steps = stepsOver(Object.keys(content.columns), take);
  const property = fc.asyncProperty(fc.scheduler(), steps, async (scheduler, commands) => {
    model.startOver();
    const run: Run = { model, reads: [], others: [], known: [], begun: 0 };
    model.runBy(scheduler);
    await fc.scheduledModelRun(scheduler, () => ({ model: {}, real: run }), commands);
    await scheduler.waitFor(Promise.allSettled([...run.reads, ...run.others]));
    await Promise.all(run.others);
    for (const read of await Promise.all(run.reads)) {
      if (!isAsDue(read)) throw new Error(`not as due: ${JSON.stringify(read)}`);
      seen[read.due ? "permitted" : "refused"]++;
    }
    interleavings.add(`${commands.join()} ${model.trace()}`);
  });
  // Not shrunk: runs share a log that grows, so none runs twice quite alike.
  await fc.assert(property, { numRuns: runs, endOnFailure: true });
  model.checkLog();
  return { interleavings: interleavings.size, ...seen };
}

const startMs = 1_760_000_000_000;
const beats = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ t: startMs + i * 1000, bpm: 60 + (i % 90) }));
/** On a meridian, 1.1 km from one to the next: the first and the last lie in a zone of their own. */
const way = Array.from({ length: 6 }, (_, i) => ({ t: startMs + i * 1000, lat: i / 100, lon: 5 }));

const interleavings = tries(100_000, 5_000);

describe("a read, whatever comes between its steps,", () => {
  it(`opens what stood permitted in its batch: ${interleavings} interleavings`, async () => {
    const columns = { heart_rate: JSON.stringify(beats(1)), notes: JSON.stringify("easy") };
    const seen = await explore(
      { rows: ["r1"], columns },
      interleavings * 1.01,
      fc.constant("first"),
    );
    expect(seen.interleavings).toBeGreaterThanOrEqual(interleavings);
    expect(seen.permitted).toBeGreaterThan(interleavings * 0.3);
    expect(seen.refused).toBeGreaterThan(interleavings * 0.3);
  }, 600_000);

  it("does so of streams that lie outside the database", async () => {
    const columns = { heart_rate: JSON.stringify(beats(9_000)) };
    const runs = tries(800, 100);
    const seen = await explore({ rows: ["r1"], columns }, runs, fc.constant("first"), (objects) =>
      expect(objects).toBe(1),
    );
    expect(seen.permitted).toBeGreaterThan(runs / 8);
    expect(seen.refused).toBeGreaterThan(runs / 8);
  }, 600_000);

  it("does so of ranges, and of tracks that are cut for others", async () => {
    const columns = { heart_rate: JSON.stringify(beats(6)), track: JSON.stringify(way) };
    const span = { fromMs: startMs + 1000, toMs: startMs + 5000 };
    const shows = (column: string, isOwn: boolean) => {
      if (column === "heart_rate") return JSON.stringify(beats(6).slice(1));
      return JSON.stringify(isOwn ? way.slice(1) : way.slice(1, -1));
    };
    const content = { rows: ["r1", "r2", "r3"], columns, span, shows };
    const runs = tries(3_000, 400);
    const seen = await explore(content, runs, fc.constant("all"));
    expect(seen.permitted).toBeGreaterThan(runs / 6);
    expect(seen.refused).toBeGreaterThan(runs / 6);
  }, 600_000);
});

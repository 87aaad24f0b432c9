/**
 * What a test file gets for `vitest` when it runs against a mutant: the same expectations and spies,
 * and a plain collector of tests in place of workers, so that a mutant costs milliseconds. It knows
 * what the tests of the mutated parts use, and nothing else: no timeouts, no fake clocks.
 */
import { expect, vi } from "vitest";

export { expect, vi };

type Body = (...given: never[]) => unknown;
type Step = () => unknown;

interface Suite {
  readonly within: Suite | null;
  readonly name: string;
  readonly before: Step[];
  readonly after: Step[];
  readonly beforeOnce: Step[];
  readonly afterOnce: Step[];
}

export interface Collected {
  /** Unique within its file. */
  readonly name: string;
  readonly suite: Suite;
  readonly body: Step;
}

const suiteIn = (within: Suite | null, name: string): Suite => ({
  within,
  name,
  before: [],
  after: [],
  beforeOnce: [],
  afterOnce: [],
});

let suite = suiteIn(null, "");
let collected: Collected[] = [];

function describeOne(name: string, body: Step): void {
  const outer = suite;
  suite = suiteIn(outer, `${outer.name}${name} > `);
  body();
  suite = outer;
}

function testOne(name: string, body: Step): void {
  const full = `${suite.name}${name}`;
  const namesakes = collected.filter((other) => other.name.split(" ~")[0] === full).length;
  collected.push({ name: namesakes === 0 ? full : `${full} ~${namesakes}`, suite, body });
}

/** A row that is an array is spread, as vitest does it; the name is told apart by its number. */
const each =
  (one: (name: string, body: Step) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, body: Body) => {
    for (const [at, row] of rows.entries())
      one(`${name} #${at}`, () => body(...((Array.isArray(row) ? row : [row]) as never[])));
  };

export const describe = Object.assign(describeOne, { each: each(describeOne) });
export const test = Object.assign(testOne, { each: each(testOne) });
export const it = test;
export const beforeEach = (step: Step): number => suite.before.push(step);
export const afterEach = (step: Step): number => suite.after.push(step);
export const beforeAll = (step: Step): number => suite.beforeOnce.push(step);
export const afterAll = (step: Step): number => suite.afterOnce.push(step);

/** The tests of what `load` imports, in order. */
export async function collect(load: () => Promise<unknown>): Promise<readonly Collected[]> {
  suite = suiteIn(null, "");
  collected = [];
  await load();
  return collected;
}

const around = (one: Suite | null): readonly Suite[] =>
  one === null ? [] : [...around(one.within), one];

export interface Ran {
  readonly name: string;
  /** Null: it passed. */
  readonly failure: string | null;
  readonly ms: number;
}

/** So many looks in a row at a process that does nothing: what is awaited never comes. */
const idleLooks = 30;
const lookEveryMs = 100;
const idleMicrosMost = 5_000;

/** Rejects when nothing happens any more while it is awaited; nothing is said of how long it takes. */
async function patiently(step: Step): Promise<void> {
  const going = step();
  if (!(going instanceof Promise)) return;
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<never>((_, reject) => {
    let looks = 0;
    let before = process.cpuUsage();
    timer = setInterval(() => {
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      looks = user + system < idleMicrosMost ? looks + 1 : 0;
      if (looks >= idleLooks) reject(new Error("what is awaited never comes"));
    }, lookEveryMs);
  });
  try {
    await Promise.race([going, idle]);
  } finally {
    clearInterval(timer);
  }
}

/**
 * One after another, until the first that fails when `isEnoughOne`. A step before all of a suite
 * runs before its first test that is asked for.
 */
export async function run(
  tests: readonly Collected[],
  isEnoughOne: boolean,
  begin: (name: string) => void,
): Promise<readonly Ran[]> {
  const ran: Ran[] = [];
  const begun = new Set<Suite>();
  for (const { name, suite: of, body } of tests) {
    const suites = around(of);
    const startedMs = performance.now();
    let failure: string | null = null;
    try {
      for (const one of suites.filter((s) => !begun.has(s))) {
        begun.add(one);
        for (const step of one.beforeOnce) await patiently(step);
      }
      begin(name);
      for (const step of suites.flatMap(({ before }) => before)) await patiently(step);
      await patiently(body);
    } catch (error) {
      failure = error instanceof Error ? `${error.message}` : String(error);
    }
    try {
      for (const step of suites.toReversed().flatMap(({ after }) => after)) await patiently(step);
    } catch (error) {
      failure ??= String(error);
    }
    ran.push({ name, failure, ms: performance.now() - startedMs });
    if (failure !== null && isEnoughOne) break;
  }
  for (const one of [...begun].toReversed()) for (const step of one.afterOnce) await step();
  return ran;
}

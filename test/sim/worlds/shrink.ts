/**
 * Makes a failing scenario short: people, happenings, single statements and kinds of trouble are left
 * out, one after the other and many at a time, for as long as it still fails. Bounded by tries.
 */
import type { Happening, Scenario, Troubles } from "./scenario.ts";

export const shrinkTriesMax = 150;

export interface Shrunk {
  readonly scenario: Scenario;
  readonly tries: number;
}

export async function shrink(
  failing: Scenario,
  fails: (scenario: Scenario) => Promise<boolean>,
  triesMax = shrinkTriesMax,
): Promise<Shrunk> {
  let [best, tries] = [failing, 0];
  const better = async (scenario: Scenario): Promise<boolean> => {
    if (tries >= triesMax) return false;
    tries++;
    if (!(await fails(scenario))) return false;
    best = scenario;
    return true;
  };
  for (let before: Scenario | null = null; before !== best && tries < triesMax; ) {
    before = best;
    await withoutHappenings(() => best, better);
    for (const [kind, share] of Object.entries(best.troubles) as [keyof Troubles, number][])
      if (share > 0) await better({ ...best, troubles: { ...best.troubles, [kind]: 0 } });
    await withoutDrafts(() => best, better);
  }
  return { scenario: best, tries };
}

type Better = (scenario: Scenario) => Promise<boolean>;

/** Halves, quarters, and so on down to one by one. Whoever nothing happens to is not there. */
async function withoutHappenings(now: () => Scenario, better: Better): Promise<void> {
  for (let size = Math.ceil(now().happenings.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let from = 0; from < now().happenings.length; ) {
      const { happenings } = now();
      const left = happenings.filter((_, i) => i < from || i >= from + size);
      if (!(await better({ ...now(), happenings: left }))) from += size;
    }
}

async function withoutDrafts(now: () => Scenario, better: Better): Promise<void> {
  for (let i = 0; i < now().happenings.length; i++)
    for (let n = 0; ; ) {
      const one = now().happenings[i];
      if (one?.kind !== "deliver" || one.drafts.length < 2 || n >= one.drafts.length) break;
      const fewer = { ...one, drafts: one.drafts.filter((_, k) => k !== n) };
      const happenings = now().happenings.map((h, k): Happening => (k === i ? fewer : h));
      if (!(await better({ ...now(), happenings }))) n++;
    }
}

/**
 * Deliveries by number: each one's seed is made of the world's and its own, so that any of them can
 * be repeated alone. One genuine and one mutated delivery go to the verifier; what it says is counted.
 */
import type { Verdict } from "../../../providers/recipe.ts";
import { verify } from "../../../providers/signature.ts";
import { type Chance, chanceOf } from "../../oracle/chance.ts";
import { genuineBy } from "./genuine.ts";
import { address, type Trial } from "./letter.ts";
import { type Mutated, mutatedHmac } from "./mutations.ts";
import { mutatedPath, mutatedTink } from "./mutations-other.ts";
import { demanded, offAddress } from "./mutations-path.ts";
import { type Scheme, schemes } from "./schemes.ts";
import { mutatedShared } from "./shared.ts";

/** Of one recipe. */
export interface Figures {
  genuineAccepted: number;
  genuineRefused: number;
  mutatedAccepted: number;
  mutatedRefused: number;
}
export interface Tally {
  readonly by: Record<string, Figures>;
  /** How often each mutation was tried. */
  readonly mutations: Record<string, number>;
  readonly wrong: string[];
}
export const noTally = (): Tally => ({ by: {}, mutations: {}, wrong: [] });
export const noFigures = (): Figures => ({
  genuineAccepted: 0,
  genuineRefused: 0,
  mutatedAccepted: 0,
  mutatedRefused: 0,
});

/** As many wrong verdicts are shown; all are counted. */
export const wrongShownMax = 10;
const atOnce = 64;

export function add(to: Tally, from: Tally): void {
  for (const [name, figures] of Object.entries(from.by)) {
    to.by[name] ??= noFigures();
    const mine = to.by[name];
    for (const [key, n] of Object.entries(figures)) mine[key as keyof Figures] += n;
  }
  for (const [name, n] of Object.entries(from.mutations))
    to.mutations[name] = (to.mutations[name] ?? 0) + n;
  to.wrong.push(...from.wrong.slice(0, wrongShownMax - to.wrong.length));
}

/** Numbers from `from` up to, and without, `to`. */
export async function tried(seed: number, from: number, to: number): Promise<Tally> {
  const tally = noTally();
  for (let n = from; n < to; n += atOnce)
    await Promise.all(
      Array.from({ length: Math.min(atOnce, to - n) }, (_, i) => tryOne(seed, n + i, tally)),
    );
  return tally;
}

/** Far apart for neighbouring numbers and seeds. */
function chanceFor(seed: number, number: number): Chance {
  const chance = chanceOf(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
  for (let i = 0; i < 4; i++) chance.next();
  return chance;
}

async function tryOne(seed: number, number: number, tally: Tally): Promise<void> {
  const chance = chanceFor(seed, number);
  const scheme = schemes[number % schemes.length] as Scheme;
  tally.by[scheme.name] ??= noFigures();
  const figures = tally.by[scheme.name] as Figures;
  const show = (what: string) => {
    if (tally.wrong.length < wrongShownMax)
      tally.wrong.push(`number ${number} of seed ${seed}, ${scheme.name}: ${what}`);
  };

  const { trial, kid, observed } = genuineBy(chance, scheme);
  const said = await verdictOn(scheme, trial);
  const isRight = said.is === "genuine" && said.kid === kid && said.observed === observed;
  figures[isRight ? "genuineAccepted" : "genuineRefused"]++;
  if (!isRight) show(`genuine by ${kid}, ${observed}, but ${JSON.stringify(said)}`);

  const mutated = mutatedBy(chance, scheme);
  const answer = await verdictOn(scheme, mutated.trial);
  tally.mutations[mutated.name] = (tally.mutations[mutated.name] ?? 0) + 1;
  const isRefused = answer.is === "refused";
  figures[isRefused ? "mutatedRefused" : "mutatedAccepted"]++;
  if (!isRefused) show(`${mutated.name}, but ${JSON.stringify(answer)}`);
}

function verdictOn(scheme: Scheme, { sent, secrets, keyset, nowMs }: Trial): Promise<Verdict> {
  const headers = { get: (name: string) => sent.headers[name] ?? null };
  const body = Uint8Array.from(sent.body);
  const input = { headers, pathKey: sent.pathKey, address, body };
  return verify(scheme.recipe, scheme.greeting, input, secrets, keyset, nowMs);
}

function mutatedBy(chance: Chance, scheme: Scheme): Mutated {
  const { recipe } = scheme;
  if (recipe.kind !== "path-secret" && chance.in100(15))
    return offAddress(chance, genuineBy(chance, scheme).trial);
  switch (recipe.kind) {
    case "hmac":
      return mutatedHmac(chance, { ...scheme, recipe });
    case "authorization-and-tink":
      return mutatedTink(chance, recipe);
    case "shared":
      return mutatedShared(chance, recipe);
    case "path-secret":
      return recipe.observed !== undefined && chance.in100(50)
        ? demanded(chance, mutatedHmac(chance, { ...scheme, recipe: recipe.observed }))
        : mutatedPath(chance);
    case "member-key":
    case "member-token":
      throw new Error("a member's key or token is the route's to check");
  }
}

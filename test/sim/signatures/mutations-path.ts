/** What a demanded part of the path, and a demanded signature beside it, refuse. */
import type { Chance } from "../../oracle/chance.ts";
import { textsBy } from "./genuine.ts";
import { type Trial, wrongText } from "./letter.ts";
import type { Mutated } from "./mutations.ts";
import { deadBy } from "./rotation.ts";

/** A genuine delivery, but elsewhere than where the deployment said. */
export function offAddress(chance: Chance, trial: Trial): Mutated {
  const textOf = textsBy(chance);
  const isDead = chance.in100(40);
  // Entries that say nothing are a setting all the same; no entry at all is none.
  const dead = isDead ? deadBy(chance, textOf, trial.nowMs) : [];
  const pathKeys = dead.length > 0 ? dead : [textOf(0), textOf(1)];
  const pathKey = dead.length > 0 ? textOf(0) : wrongText(chance, textOf(0), textOf(2));
  const sent = { ...trial.sent, pathKey };
  const secrets = { ...trial.secrets, pathKeys };
  return { name: "a part of the path that is not ours", trial: { ...trial, sent, secrets } };
}

/** At the right address, with a signature that is no good where one is demanded. */
export function demanded(chance: Chance, { name, trial }: Mutated): Mutated {
  const pathKey = textsBy(chance)(0);
  const sent = { ...trial.sent, pathKey };
  const secrets = { ...trial.secrets, pathKeys: [pathKey], signatureDemanded: true };
  return { name: `demanded: ${name}`, trial: { ...trial, sent, secrets } };
}

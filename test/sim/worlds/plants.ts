/**
 * Bugs to be found. Each is put in at a seam of the simulation, where the parts of a world meet; the
 * code that runs is as it is. The vault's own are its side's.
 */
import type { Digest } from "../../../domain/identity.ts";
import type { Change, LedgerPort, OpenFact, OpenStatement } from "../../../domain/ports.ts";
import { isRetraction, neverReturns } from "../../../domain/stream.ts";
import { addDays } from "../../../domain/time.ts";
import type { Chance } from "../../oracle/chance.ts";

export const dataPlants = {
  "lost-outbox": "the archive's confirmation comes for what was never sent",
  "double-apply": "what is said again is somebody else's statement",
  "stale-revision": "what goes out again is what it was at first",
  "wrong-day": "a change goes out under the day after its own",
  "unguarded-retraction": "a deletion wins whatever its revision",
} as const;
export const vaultPlants = {
  "missed-entry": "a reading is answered though the log has no entry of it",
  "stale-permit": "consent is judged before the batch that reads",
} as const;
export type Plant = keyof typeof dataPlants | keyof typeof vaultPlants;
export const plants: readonly Plant[] = [
  ...(Object.keys(dataPlants) as Plant[]),
  ...(Object.keys(vaultPlants) as Plant[]),
];

/** Of a hundred chances, so many are taken: now and then, as such bugs do. */
const shownIn100 = 20;

export interface Seams {
  send(changes: readonly Change[], on: (changes: readonly Change[]) => void): void;
  ledger(port: object): object;
  digest(of: Digest): Digest;
}
interface Reach {
  confirm(ledger: string, seqs: readonly number[]): Promise<void>;
}

export function seamsOf(plant: string | null, chance: Chance, reach: Reach): Seams {
  const bites = (name: Plant) => plant === name && chance.in100(shownIn100);
  const first = new Map<string, OpenStatement>();
  const digested = new Set<string>();
  return {
    send(changes, on) {
      const [{ ledger } = { ledger: "" }] = changes;
      if (bites("lost-outbox")) {
        void reach.confirm(
          ledger,
          changes.map(({ seq }) => seq),
        );
        return;
      }
      if (bites("wrong-day"))
        return on(changes.map((change) => ({ ...change, day: addDays(change.day, 1) })));
      if (plant !== "stale-revision") return on(changes);
      on(
        changes.map((change) => {
          const key = JSON.stringify([change.day, change.statement.id]);
          const statement = first.get(key) ?? change.statement;
          first.set(key, statement);
          return { ...change, statement };
        }),
      );
    },
    ledger(port) {
      if (plant !== "unguarded-retraction") return port;
      const ledger = port as LedgerPort;
      const record = (statements: readonly OpenStatement[]) =>
        ledger.record(
          statements.map((s) =>
            isRetraction<OpenFact>(s) && chance.in100(shownIn100)
              ? { ...s, revision: neverReturns }
              : s,
          ),
        );
      return new Proxy(port, {
        get: (of, method) => (method === "record" ? record : Reflect.get(of, method)),
      });
    },
    digest: (of) => (identity) => {
      const isAgain = identity[0] === "fact" && digested.has(JSON.stringify(identity));
      digested.add(JSON.stringify(identity));
      return of(isAgain && bites("double-apply") ? [...identity, "again"] : identity);
    },
  };
}

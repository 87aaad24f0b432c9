/** What is put, one update after another: mostly new rows, some that came before, late or changed in nothing. */
import type { Chance } from "../../oracle/chance.ts";
import type { Shards } from "./shards.ts";
import { type Oracle, rowOf } from "./world.ts";

/** Of a hundred updates of a member that holds something already. */
const againIn100 = 5;
const lateIn100 = 5;
const versionOnlyIn100 = 5;
/** Versions are so far apart at most, and late rows so old. */
const versionsMax = 3;

export class Updates {
  readonly #boards: Shards;
  readonly #oracle: Oracle;
  readonly #chance: Chance;
  readonly counts = { new: 0, "said again": 0, late: 0, "only the version": 0 };

  constructor(boards: Shards, oracle: Oracle, chance: Chance) {
    this.#boards = boards;
    this.#oracle = oracle;
    this.#chance = chance;
  }

  /** Of one of the members that have come so far: `come` is their share of all. */
  async one(come: number): Promise<void> {
    const [oracle, chance] = [this.#oracle, this.#chance];
    const i = chance.whole(0, Math.floor(come * (oracle.members - 1)));
    const held = oracle.versions[i] as number;
    const what = held === 0 ? "new" : this.#kind();
    const next = held + chance.whole(1, versionsMax);
    const before = chance.whole(Math.max(0, held - versionsMax), held - 1);
    const version = what === "said again" ? held : what === "late" ? before : next;
    const isKnown = what === "said again" || what === "only the version";
    const own = isKnown ? (oracle.owns[i] as number) : chance.whole(0, 0xffff_ffff);
    this.counts[what]++;
    const row = rowOf(i, own, version);
    oracle.put(i, own, row);
    await this.#boards.put(row);
  }

  #kind(): keyof Updates["counts"] {
    const share = this.#chance.whole(1, 100);
    if (share <= againIn100) return "said again";
    if (share <= againIn100 + lateIn100) return "late";
    return share > 100 - versionOnlyIn100 ? "only the version" : "new";
  }
}

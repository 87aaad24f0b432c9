/** A merchant whose shop sends signed sales in batches, corrects them, takes them back, and errs. */
import type { Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { Chance } from "../oracle/chance.ts";
import { type Batch, type Door, dayMs, SignedAccount, sizeOf } from "./door.ts";
import type { Count, Saying } from "./record.ts";

const perBatch = [50, 400] as const;
const changedMax = 40;
/** So many sales make a day; of few there are few partitions to settle. */
const [salesPerDay, daysMax] = [500, 4];
const stores = 4;
const articles = 24;
const currency = "EUR";
/** Of a hundred requests so many correct, so many take back; so many others hold an item nobody reads. */
const [corrects, takesBack, errs] = [12, 4, 10];

interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly amountMinor: number;
}
interface Sale {
  readonly id: string;
  readonly revision: number;
  readonly atMs: number;
  readonly store: string;
  readonly lines: readonly Line[];
}

const separator = "\u001f";
const dayOf = ({ atMs }: Sale) => new Date(atMs).toISOString().slice(0, 10);
/** What a ledger shows of it, in the words of this client. */
export const saleContent = (
  revision: number,
  day: string,
  store: string,
  lines: readonly Line[],
): string =>
  JSON.stringify([revision, day, store, lines.map((l) => [l.sku, l.quantity, l.amountMinor])]);
export const saleFact = (id: string): string => `sale ${id}`;

export class SalesDoor implements Door {
  readonly name = "signed sales";
  left: number;
  readonly #merchant: Person;
  readonly #account: SignedAccount;
  readonly #chance: Chance;
  readonly #nowMs: number;
  readonly #said: Sale[] = [];
  readonly #days: number;
  #bad = 0;

  constructor(merchant: Person, facts: number, chance: Chance, nowMs: number) {
    [this.#merchant, this.left, this.#chance, this.#nowMs] = [merchant, facts, chance, nowMs];
    this.#days = Math.min(daysMax, Math.ceil(facts / salesPerDay));
    this.#account = new SignedAccount("sale-webhooks", merchant.id);
  }

  link(system: System): Promise<void> {
    return this.#account.link(system, this.#merchant);
  }

  next(newMax: number): Batch | null {
    if (this.#said.length > 0 && this.#chance.in100(takesBack)) return this.#takenBack();
    if (this.#said.length > 0 && this.#chance.in100(corrects)) return this.#corrected();
    const size = sizeOf(this.#chance, perBatch, Math.min(this.left, newMax));
    if (size <= 0) return null;
    this.left -= size;
    return this.#recorded(Array.from({ length: size }, () => this.#sold()));
  }

  #sold(): Sale {
    const backS = this.#chance.whole(1, (this.#days * dayMs) / 1000);
    const atMs = Math.floor(this.#nowMs / dayMs) * dayMs - backS * 1000;
    const sale: Sale = {
      id: `${this.#merchant.id.slice(-6)}-${this.#said.length}`,
      revision: 1,
      atMs,
      store: `store ${this.#chance.whole(1, stores)}`,
      lines: this.#lines(),
    };
    this.#said.push(sale);
    return sale;
  }

  #lines(): Line[] {
    return Array.from({ length: this.#chance.whole(1, 3) }, () => ({
      sku: `SKU-${this.#chance.whole(1, articles)}`,
      quantity: this.#chance.whole(1, 5),
      amountMinor: this.#chance.whole(100, 5_000),
    }));
  }

  /** Some that were said, each once, as they are from now on. */
  #changed(change: (sale: Sale) => Sale): Sale[] {
    const places = new Set(
      Array.from({ length: this.#chance.whole(1, changedMax) }, () =>
        this.#chance.whole(0, this.#said.length - 1),
      ),
    );
    return [...places].map((place) => {
      const sale = change(this.#said[place] as Sale);
      this.#said[place] = sale;
      return sale;
    });
  }

  #corrected(): Batch {
    return this.#recorded(
      this.#changed((sale) => ({ ...sale, revision: sale.revision + 1, lines: this.#lines() })),
    );
  }

  #recorded(sales: readonly Sale[]): Batch {
    const bad = this.#chance.in100(errs) ? [{ id: `bad-${++this.#bad}`, revision: 1 }] : [];
    const data = { sales: [...sales.map(asSent), ...bad] };
    return {
      sayings: sales.map((sale) => this.#saying(sale, false)),
      bad: bad.length,
      mayBeLeft: true,
      send: (system) => this.#account.send(system, "sales.recorded", data),
    };
  }

  #takenBack(): Batch {
    const gone = this.#changed((sale) => ({ ...sale, revision: sale.revision + 1 }));
    const ids = gone.map(({ id, revision }) => ({ id, revision }));
    return {
      sayings: gone.map((sale) => this.#saying(sale, true)),
      bad: 0,
      mayBeLeft: true,
      send: (system) => this.#account.send(system, "sales.deleted", { ids }),
    };
  }

  #saying(sale: Sale, isGone: boolean): Saying {
    const { id, revision, store, lines } = sale;
    const day = dayOf(sale);
    const key = [this.#merchant.id, store, currency];
    const inStore = (measure: string, n: number): Count => ({
      measure,
      key: key.join(separator),
      n,
    });
    const ofArticle = (measure: string, sku: string, n: number): Count => ({
      ...{ measure, n },
      key: [...key, sku].join(separator),
    });
    const counts = [
      inStore("sales", 1),
      ...lines.flatMap(({ sku, quantity, amountMinor }) => [
        inStore("revenue", amountMinor),
        ofArticle("article_units", sku, quantity),
        ofArticle("article_revenue", sku, amountMinor),
      ]),
    ];
    return {
      ...{ stream: "sales", fact: saleFact(id), rank: revision, day },
      content: isGone ? null : saleContent(revision, day, store, lines),
      counts: isGone ? [] : counts,
    };
  }
}

const asSent = (sale: Sale) => ({
  ...{ id: sale.id, revision: sale.revision, at: new Date(sale.atMs).toISOString() },
  ...{ businessDay: dayOf(sale), store: sale.store, currency, references: [sale.id] },
  lines: sale.lines,
});

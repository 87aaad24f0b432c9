/**
 * What members recorded at the providers that are played by their workouts alone: records as each
 * provider serves them, by account and by the id that they bear themselves. No HTTP here.
 */

export type Served = Readonly<Record<string, unknown>>;

/** What a record's id is called, and how late it began, as far as lists are ordered by it. */
interface Form {
  readonly id: string;
  readonly start: string;
  /** Its numbers are seconds. */
  readonly inSeconds?: true;
}
const forms = {
  fitbit: { id: "logId", start: "startTime" },
  polar: { id: "id", start: "start_time" },
  whoop: { id: "id", start: "start" },
  oura: { id: "id", start: "start_datetime" },
  suunto: { id: "workoutKey", start: "startTime" },
  strava: { id: "id", start: "start_date" },
  withings: { id: "id", start: "startdate", inSeconds: true },
  wahoo: { id: "id", start: "starts" },
  coros: { id: "labelId", start: "startTime", inSeconds: true },
  concept2: { id: "id", start: "date" },
} as const satisfies Record<string, Form>;

export type WorkoutProvider = keyof typeof forms;
export const workoutProviders = Object.keys(forms) as WorkoutProvider[];
export const isWorkoutProvider = (name: string): name is WorkoutProvider =>
  Object.hasOwn(forms, name);

export class Workouts {
  readonly #form: Form;
  readonly #accounts = new Map<string, Map<string, Served>>();

  constructor(provider: WorkoutProvider) {
    this.#form = forms[provider];
  }

  #of(account: string): Map<string, Served> {
    const held = this.#accounts.get(account) ?? new Map<string, Served>();
    this.#accounts.set(account, held);
    return held;
  }

  /** Adds it, or replaces the one of its id. */
  set(account: string, record: Served): void {
    const id = record[this.#form.id];
    if ((typeof id !== "string" && typeof id !== "number") || this.#startMs(record) === null)
      throw new Error(`a workout needs ${this.#form.id} and ${this.#form.start}`);
    this.#of(account).set(String(id), structuredClone(record));
  }

  delete(account: string, id: string): void {
    this.#of(account).delete(id);
  }

  one(account: string, id: string): Served | undefined {
    return this.#of(account).get(id);
  }

  /** Whosever it is, and whose. */
  anybodys(id: string): { readonly account: string; readonly record: Served } | undefined {
    for (const [account, held] of this.#accounts) {
      const record = held.get(id);
      if (record !== undefined) return { account, record };
    }
    return undefined;
  }

  /** Those that began within it, both ends included; the newest first. */
  list(account: string, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY) {
    const startOf = (record: Served) => this.#startMs(record) ?? 0;
    return [...this.#of(account).values()]
      .filter((record) => startOf(record) >= fromMs && startOf(record) <= toMs)
      .sort((a, b) => startOf(b) - startOf(a));
  }

  /** A number by its unit; a time without a zone as if it stood in UTC. */
  #startMs(record: Served): number | null {
    const said = record[this.#form.start];
    const written = String(said).replace(/^(\d{4}-\d\d-\d\d) /, "$1T");
    const text = /^\d{4}.*T[\d:.]+$/.test(written) ? `${written}Z` : written;
    const unitMs = this.#form.inSeconds ? 1000 : 1;
    const atMs = typeof said === "number" ? said * unitMs : Date.parse(text);
    return Number.isNaN(atMs) ? null : atMs;
  }
}

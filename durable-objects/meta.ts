/** The few named values an object keeps about itself, in its `meta` table. */
export class Meta {
  readonly #sql: SqlStorage;
  #lastSeq = 0;
  #isNumbering = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get(key: string): string | null {
    const [row] = this.#sql
      .exec<{ value: string }>("SELECT value FROM meta WHERE key = ?", key)
      .toArray();
    return row?.value ?? null;
  }

  set(key: string, value: string): void {
    this.#sql.exec(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      value,
    );
  }

  /** The last number given out; 0 before the first. */
  get seq(): number {
    return Math.max(this.#lastSeq, this.#keptSeq);
  }

  get #keptSeq(): number {
    return Number(this.get("seq") ?? 0);
  }

  /** Only while `numbered` runs, which writes down how far it came. */
  nextSeq(): number {
    if (!this.#isNumbering) throw new Error("a number that nobody would write down");
    this.#lastSeq = this.seq + 1;
    return this.#lastSeq;
  }

  /**
   * Whatever `run` numbers is one row written. Part of a transaction: one that is undone leaves its
   * numbers out, and none is given out twice.
   */
  numbered<T>(run: () => T): T {
    this.#isNumbering = true;
    try {
      const done = run();
      if (this.#lastSeq > this.#keptSeq) this.set("seq", String(this.#lastSeq));
      return done;
    } finally {
      this.#isNumbering = false;
    }
  }
}

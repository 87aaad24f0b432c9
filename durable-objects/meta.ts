/** The few named values an object keeps about itself, in its `meta` table. */
export class Meta {
  readonly #sql: SqlStorage;

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
    return Number(this.get("seq") ?? 0);
  }

  nextSeq(): number {
    const seq = this.seq + 1;
    this.set("seq", String(seq));
    return seq;
  }
}

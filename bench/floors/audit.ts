/**
 * The least that any durable append does here: one row into an object's table. No hash, no index, no
 * order that others could check. Less would be gone after a crash.
 */
import { DurableObject } from "cloudflare:workers";

export class Appended extends DurableObject {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS body (id INTEGER PRIMARY KEY, text TEXT) STRICT",
    );
  }

  async insert(text: string): Promise<void> {
    this.ctx.storage.sql.exec("INSERT INTO body (text) VALUES (?)", text);
  }
}

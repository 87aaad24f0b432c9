/**
 * The least that a read that is accounted for does here: an object appends who looked, then one batch
 * of a database writes the intent and reads a row. No consent is asked for and nothing is sealed or
 * opened. Less would answer without a trace (the object), or could answer what was taken back
 * meanwhile (the batch).
 */
import { DurableObject } from "cloudflare:workers";

interface FloorEnv {
  readonly OBJECT: DurableObjectNamespace<Trace>;
  readonly DB: D1Database;
}

export class Trace extends DurableObject {
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

export default {
  async fetch(request, env) {
    const text = await request.text();
    await env.OBJECT.getByName("one").insert(text);
    const [, row] = await env.DB.batch<{ text: string }>([
      env.DB.prepare("INSERT INTO body (text) VALUES (?)").bind(text),
      env.DB.prepare("SELECT text FROM body ORDER BY id DESC LIMIT 1"),
    ]);
    return new Response(row?.results[0]?.text ?? "");
  },
} satisfies ExportedHandler<FloorEnv>;

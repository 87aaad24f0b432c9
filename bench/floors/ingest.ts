/**
 * The least that any durable ingest does here: a worker takes the bytes, an object keeps them, another
 * worker is called and keeps them in a database, then 200. Nothing is verified, read, sealed or
 * compared. Less would not survive a crash (the object), or would keep nothing apart from it (the call
 * and the database).
 */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

interface FloorEnv {
  readonly OBJECT: DurableObjectNamespace<Keeper>;
  readonly OTHER: Service<Other>;
  readonly DB: D1Database;
}

export class Keeper extends DurableObject {
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

export class Other extends WorkerEntrypoint<FloorEnv> {
  async insert(text: string): Promise<void> {
    await this.env.DB.prepare("INSERT INTO body (text) VALUES (?)").bind(text).run();
  }
}

export default {
  async fetch(request, env) {
    const text = await request.text();
    await env.OBJECT.getByName("one").insert(text);
    await env.OTHER.insert(text);
    return new Response(null, { status: 200 });
  },
} satisfies ExportedHandler<FloorEnv>;

/**
 * The least that any durable ingest does here: a worker, an object's insert, an RPC, a D1 insert. At
 * `/read`, the least of a read that is accounted for: an object's append and one D1 batch.
 */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

interface FloorEnv {
  readonly OBJECT: DurableObjectNamespace<FloorObject>;
  readonly OTHER: Service<Other>;
  readonly DB: D1Database;
}

export class FloorObject extends DurableObject {
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
    if (new URL(request.url).pathname === "/read") return read(env, text);
    await env.OBJECT.getByName("one").insert(text);
    await env.OTHER.insert(text);
    return new Response(null, { status: 200 });
  },
} satisfies ExportedHandler<FloorEnv>;

async function read(env: FloorEnv, text: string): Promise<Response> {
  await env.OBJECT.getByName("one").insert(text);
  const [, row] = await env.DB.batch<{ text: string }>([
    env.DB.prepare("INSERT INTO body (text) VALUES (?)").bind(text),
    env.DB.prepare("SELECT text FROM body ORDER BY id DESC LIMIT 1"),
  ]);
  return new Response(row?.results[0]?.text ?? "");
}

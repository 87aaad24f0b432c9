/**
 * The least that keeps a workout here: a call of an object, and a row for each workout that came with
 * it. Nothing is compared with what is there, folded, summed up or told to anybody. Less would be
 * gone after a crash.
 */
import { DurableObject } from "cloudflare:workers";

interface FloorEnv {
  readonly OBJECT: DurableObjectNamespace<Shelf>;
}

export class Shelf extends DurableObject {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS workout (id INTEGER PRIMARY KEY, body TEXT) STRICT",
    );
  }

  async keep(workouts: readonly unknown[]): Promise<void> {
    for (const workout of workouts)
      this.ctx.storage.sql.exec("INSERT INTO workout (body) VALUES (?)", JSON.stringify(workout));
  }
}

export default {
  async fetch(request, env) {
    await env.OBJECT.getByName("one").keep(await request.json<readonly unknown[]>());
    return new Response(null, { status: 200 });
  },
} satisfies ExportedHandler<FloorEnv>;

/**
 * The least that a board's put or read is: calls of objects that do nothing. Boards live in objects,
 * so whatever changes or asks one pays for these calls first. The clock here counts whole
 * milliseconds, so what is shorter is told by the mean of all.
 */
import { DurableObject } from "cloudflare:workers";

export class Bare extends DurableObject {
  async nothing(_asked: unknown): Promise<null> {
    return null;
  }
}

interface FloorEnv {
  readonly BARE: DurableObjectNamespace<Bare>;
}

export default {
  /** Milliseconds of each of so many rounds: a call of one object, then of so many at once. */
  async fetch(request, { BARE }) {
    const { rounds, objects } = await request.json<{ rounds: number; objects: number }>();
    const names = Array.from({ length: objects }, (_, i) => `bare-${i}`);
    const call = (name: string) => BARE.getByName(name).nothing(null);
    await Promise.all(names.map(call));
    const times: number[] = [];
    const beganMs = performance.now();
    for (let round = 0; round < rounds; round++) {
      const startedMs = performance.now();
      await call(names[round % objects] ?? "");
      if (objects > 1) await Promise.all(names.map(call));
      times.push(performance.now() - startedMs);
    }
    return Response.json({ times, meanMs: (performance.now() - beganMs) / rounds });
  },
} satisfies ExportedHandler<FloorEnv>;

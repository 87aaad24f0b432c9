/** One thing that is watched from minute to minute. */
import { DurableObject } from "cloudflare:workers";
import type { LivePort, LiveRow } from "../domain/ports.ts";

export type LiveObject = LivePort & { fetch(request: Request): Promise<Response> };

export class Live extends DurableObject implements LivePort {
  async put(_stream: string, _rows: readonly LiveRow[]): Promise<void> {}
}

/** The archive as it is deployed, except that everything it is billed for is counted. */
import "./clock.ts";
import type { ArchiveEnv } from "../../../workers/archive/env.ts";
import archive from "../../../workers/archive/index.ts";
import { billDoor } from "./door.ts";
import { billedEnv } from "./env.ts";

const duties: Readonly<Record<string, string>> = { changes: "landing", runs: "settle" };

export default {
  async fetch(request, env) {
    const consume = (batch: MessageBatch) =>
      archive.queue(batch, billedEnv(env, duties[batch.queue] ?? batch.queue));
    return (await billDoor(request, env, consume)) ?? archive.fetch();
  },
  scheduled: (controller, env) => archive.scheduled(controller, billedEnv(env, "settle")),
} satisfies ExportedHandler<ArchiveEnv>;

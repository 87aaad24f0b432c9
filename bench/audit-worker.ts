/**
 * The real log alone, beside the least that any durable append does here: one insert into an object.
 * Both are called from within a worker, as the vault calls the log; the clock is outside.
 */
import type { DeedDraft } from "../domain/audit.ts";
import type { LogPort } from "../domain/ports.ts";
import type { VaultEnv } from "../workers/vault/env.ts";
import { pageOf } from "../workers/vault/log-query.ts";
import { logsOf } from "../workers/vault/logs.ts";
import type { Appended } from "./floors/audit.ts";

export { AuditLog } from "../durable-objects/log.ts";
export { Appended } from "./floors/audit.ts";

interface BenchEnv extends VaultEnv {
  readonly OBJECT: DurableObjectNamespace<Appended>;
}

/** The log's own clock stands days back until it is asked to keep house: only what is over goes. */
let behindMs = 0;
const wallClock = Date.now;
Date.now = () => wallClock() - behindMs;

const hexDigits = 32;
const members = 10_000;
const entriesPerPage = 200;

/** The nth of ten thousand members, spread over all buckets. */
const pseudonym = (n: number): string =>
  Math.imul(n + 1, 0x9e3779b1)
    .toString(16)
    .replace("-", "")
    .padStart(8, "0")
    .slice(0, 8)
    .padEnd(hexDigits, String(n % 10));

const lookAt = (n: number): DeedDraft => ({
  deed: "read-readings",
  actor: "m_coach",
  role: "coach",
  member: pseudonym(n % members),
  columns: ["heart_rate"],
  purpose: "coaching",
  outcome: "permitted",
  ground: "consent",
  rows: 1,
});

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const asked = (name: string) => Number(searchParams.get(name) ?? "0");
    const log = env.LOG.getByName("0") as unknown as LogPort;
    switch (pathname) {
      case "/append":
        return spread(asked("n"), asked("at"), async (n) => void (await log.append([lookAt(n)])));
      case "/insert": {
        const floor = env.OBJECT.getByName("one");
        const text = JSON.stringify(lookAt(0));
        return spread(asked("n"), asked("at"), () => floor.insert(text));
      }
      case "/fill": {
        const from = asked("from");
        await log.append(Array.from({ length: asked("n") }, (_, i) => lookAt(from + i)));
        return new Response();
      }
      case "/day":
        return Response.json(await dayOf(env, asked("member"), asked("from"), asked("to")));
      default:
        return Response.json(await answer(pathname, searchParams, log));
    }
  },
} satisfies ExportedHandler<BenchEnv>;

async function spread(n: number, at: number, one: (n: number) => Promise<void>): Promise<Response> {
  let next = 0;
  const lane = async () => {
    while (next < n) await one(next++);
  };
  await Promise.all(Array.from({ length: at }, lane));
  return new Response();
}

/** How many entries of a member the first page of that time has. */
async function dayOf(env: BenchEnv, member: number, fromMs: number, toMs: number): Promise<number> {
  const query = { member: pseudonym(member), actor: null, action: null, fromMs, toMs };
  const page = { cursor: null, limit: entriesPerPage };
  const found = await pageOf(logsOf(env), query, page, toMs);
  if ("refused" in found) throw new Error(found.refused);
  return found.items.length;
}

async function answer(path: string, params: URLSearchParams, log: LogPort): Promise<unknown> {
  switch (path) {
    case "/publish":
      return log.publish();
    case "/keep-house":
      return log.keepHouse(Number(params.get("now")));
    case "/behind":
      behindMs = Number(params.get("ms"));
      return behindMs;
    default:
      throw new Error("the bench asks nothing else");
  }
}

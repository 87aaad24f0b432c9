/**
 * How a member's connections are doing, as server-sent events. Every event says all there is to say
 * of one connection, so hearing one twice does no harm; and everything that differs from what was
 * last said is said, so none is missed. Read from the warehouse alone: objects sleep on.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ConnectionStatus } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { shownConnection } from "./connection-shape.ts";
import type { Ports } from "./ports.ts";

export const retryMs = 3_000;
export const lookMsMin = 1_000;
export const lookMsMax = 10_000;
const lookGrowth = 1.25;
export const heartbeatMs = 15_000;
/** Then it ends by itself; a client comes back with the last id that it heard. */
export const streamMsMax = 300_000;
/**
 * Times come from many clocks, and a row may be written a while after the time that it says: what
 * changed so shortly before the last id is said again.
 */
export const overlapMs = 10_000;
const shownMax = 1_000;

export interface Clock {
  now(): Instant;
  /** False: nobody listens any more. */
  sleep(ms: number): Promise<boolean>;
}

interface Row {
  readonly id: string;
  readonly provider: string;
  readonly made_at: number;
  readonly forgotten_to: number | null;
  readonly ended_at: number | null;
  readonly body: string | null;
  readonly changed_at: number | null;
}
interface Said {
  readonly connection: string;
  readonly event: "connection" | "ended";
  readonly data: string;
  readonly changedMs: Instant;
}

/** Those that live, and those that ended since; the longest unchanged first. */
async function look(ports: Ports, member: MemberId, endedSinceMs: Instant): Promise<Said[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT c.id, c.provider, c.made_at, c.forgotten_to, c.ended_at, s.body, s.changed_at
         FROM connection AS c LEFT JOIN connection_status AS s ON s.connection = c.id
         WHERE c.member = ? AND (c.ended_at IS NULL OR c.ended_at > ?)
         ORDER BY max(c.made_at, coalesce(c.ended_at, s.changed_at, 0)), c.id LIMIT ?`,
      )
      .bind(member, endedSinceMs, shownMax)
      .all<Row>(),
  );
  return results.map(saidOf);
}

function saidOf(row: Row): Said {
  const changedMs = Math.max(row.made_at, row.ended_at ?? row.changed_at ?? 0);
  if (row.ended_at !== null)
    return { connection: row.id, event: "ended", data: JSON.stringify({ id: row.id }), changedMs };
  const status = row.body === null ? null : (JSON.parse(row.body) as ConnectionStatus);
  const id = row.id as ConnectionId;
  const of = { id, provider: row.provider, madeAtMs: row.made_at, forgottenToMs: row.forgotten_to };
  const data = JSON.stringify(shownConnection(of, status));
  return { connection: row.id, event: "connection", data, changedMs };
}

const textOf = ({ event, data }: Said, id: Instant): string =>
  `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;

/**
 * Texts to be sent as they come. `lastId`: of an earlier stream; null: from the beginning, which is
 * every connection as it is now. Throws when the warehouse cannot be reached.
 */
export async function* statusEvents(
  ports: Ports,
  clock: Clock,
  member: MemberId,
  lastId: Instant | null,
): AsyncGenerator<string, void> {
  const beganMs = clock.now();
  // An id from a clock that runs ahead must not hide what happens until that clock's time has come.
  const toldToMs = lastId === null ? null : Math.min(lastId, beganMs) - overlapMs;
  const endedSinceMs = toldToMs ?? beganMs - overlapMs;
  const told = new Map<string, string>();
  let id = lastId === null ? 0 : Math.min(lastId, beganMs);
  let waitMs = lookMsMin;
  let spokeMs = beganMs;
  let text = `retry: ${retryMs}\n\n`;
  for (let isFirst = true; ; isFirst = false) {
    const found = await look(ports, member, endedSinceMs);
    for (const said of [...found, ...vanished(told, found, clock.now())]) {
      if (told.get(said.connection) === said.data) continue;
      told.set(said.connection, said.data);
      if (isFirst && isKnown(said, toldToMs)) continue;
      id = Math.max(id, said.changedMs);
      text += textOf(said, id);
      waitMs = lookMsMin;
    }
    const nowMs = clock.now();
    if (text === "" && nowMs >= spokeMs + heartbeatMs) text = ": still here\n\n";
    if (text !== "") {
      yield text;
      text = "";
      spokeMs = nowMs;
    }
    const untilMs = Math.min(beganMs + streamMsMax, spokeMs + heartbeatMs, clock.now() + waitMs);
    if (clock.now() >= beganMs + streamMsMax) return;
    if (!(await clock.sleep(Math.max(untilMs - clock.now(), 0)))) return;
    waitMs = Math.min(Math.round(waitMs * lookGrowth), lookMsMax);
  }
}

/** Rows that are gone altogether, with their member or by another hand. */
function vanished(told: ReadonlyMap<string, string>, found: readonly Said[], nowMs: Instant) {
  if (found.length >= shownMax) return [];
  const here = new Set(found.map(({ connection }) => connection));
  return [...told.keys()]
    .filter((id) => !here.has(id))
    .map((id): Said => {
      const data = JSON.stringify({ id });
      return { connection: id, event: "ended", data, changedMs: nowMs };
    });
}

/** Whoever begins anew knows of no connection that could have ended. */
const isKnown = ({ event, changedMs }: Said, toldToMs: Instant | null): boolean =>
  toldToMs === null ? event === "ended" : changedMs <= toldToMs;

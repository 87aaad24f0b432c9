/**
 * What a notice leaves in line. An address is sealed before anything points at it; and what there is
 * no room for is not refused, since that would keep the notices of others waiting: a record said to
 * be there or gone is found by a re-reading, and what lies at an address is asked for once more.
 */
import type { ConnectionLink, ConnectPort, Notice } from "../domain/ports.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import type { Provider } from "../providers/provider.ts";
import { isNamed, isUnread } from "./connection-apart.ts";
import { isHearsay, owe } from "./connection-doubt.ts";
import { aheadMs, type Habits } from "./connection-habit.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** The rows that addresses were sealed under, by their notices. */
export type Sealed = ReadonlyMap<Notice, string>;

/** By the digest of its address: the same one again is kept once. */
export async function sealAddresses(
  { line }: ConnectionStore,
  { member, connection }: ConnectionLink,
  { digest }: Pick<AcceptPorts, "digest">,
  connect: Pick<ConnectPort, "keep">,
  notices: readonly Notice[],
): Promise<Sealed> {
  const rows = new Map<Notice, string>();
  let room = line.room();
  for (const notice of notices) {
    const callback = notice.callback ?? null;
    if (callback === null) continue;
    const row = await digest(["callback", 1, connection, callback.url]);
    if (!line.isKept(row)) {
      if (room < 1) continue;
      room--;
      const outcome = await connect.keep(member, connection, row, callback);
      if (outcome === "forgotten") continue;
    }
    rows.set(notice, row);
  }
  return rows;
}

/**
 * To be done at once. Says how many have no trace in line: there was no room, and no way to ask, or
 * what they speak of is not to be pulled.
 */
export function noteAll(
  store: ConnectionStore,
  habits: Habits,
  provider: Provider | undefined,
  notices: readonly Notice[],
  sealed: Sealed,
  nowMs: Instant,
): number {
  const { line } = store;
  const hearsay = isHearsay(provider);
  let dropped = 0;
  let isMissed = false;
  for (const said of notices) {
    if (isUnread(provider, said)) {
      dropped++;
      continue;
    }
    const isLately = said.lately === true || isNamed(provider, said);
    const notice = isLately ? latelyOf(said, provider, nowMs) : said;
    const { collection, callback = null } = notice;
    const row = sealed.get(said);
    if (callback === null) {
      if (line.note(notice, "live", nowMs, hearsay)) continue;
      isMissed = true;
      const window = { ...notice, gone: null, record: null };
      if (notice.fromMs < notice.toMs) line.note(window, "live", nowMs, hearsay);
    } else if (row === undefined || !line.noteKept(collection, notice, row, nowMs)) {
      if (provider === undefined || !habits.askFor(provider, notice, nowMs)) dropped++;
    }
  }
  // However much anybody says, it is read again once an hour.
  if (isMissed && hearsay) owe(store, "lately");
  else if (isMissed && provider !== undefined) habits.reread(provider, nowMs);
  return dropped;
}

/** It says neither when nor which: as far back as a re-reading goes. */
function latelyOf(notice: Notice, provider: Provider | undefined, nowMs: Instant): Notice {
  const rereadMs = provider?.habit?.rereadMs ?? msPerDay;
  const { collection } = notice;
  return { collection, fromMs: nowMs - rereadMs, toMs: nowMs + aheadMs, gone: null };
}

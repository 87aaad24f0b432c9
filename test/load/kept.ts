/**
 * The balance afterwards, asked of the system from outside: every workout of every member, by its
 * start, beside what was acknowledged and what was sent; and the boards beside those.
 */
import { eventually } from "../../local/deliveries.ts";
import { call, expectStatus, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { Booked } from "./book.ts";
import { factOf } from "./traffic.ts";

const pagesMax = 1_000;
const pageSize = 200;
/** Within which a board has caught up: an answer is written before its board is told. */
const boards = { tries: 120, everyMs: 500 };

export interface Kept {
  readonly present: number;
  /** Acknowledged and not there. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** There, and nobody sent it. */
  readonly invented: readonly string[];
  /** Members whose count on the board is not that of their workouts. */
  readonly boardsApart: readonly string[];
}

async function startsOf({ url }: System, { token }: Person): Promise<number[]> {
  const starts: number[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/workouts?limit=${pageSize}${after}`;
    const { body } = expectStatus(await call(url, "GET", path, { token }), 200);
    starts.push(...body.items.map(({ start }: { start: string }) => Date.parse(start)));
    cursor = body.next;
    if (cursor === null) break;
  }
  return starts;
}

const countOn = async ({ url }: System, { id, token }: Person): Promise<number> => {
  const path = "/v1/leaderboards/count/me?period=all&around=0";
  const { body } = await call(url, "GET", path, { token });
  const own = body.items?.find(({ member }: { member: string }) => member === id);
  return own?.score ?? 0;
};

export async function keptOf(
  system: System,
  members: readonly Person[],
  { acknowledged, sent }: Pick<Booked, "acknowledged" | "sent">,
): Promise<Kept> {
  const present = new Set<string>();
  const [doubled, boardsApart] = [[] as string[], [] as string[]];
  for (const member of members) {
    const facts = (await startsOf(system, member)).map((startMs) => factOf(member.id, startMs));
    for (const fact of facts) {
      if (present.has(fact)) doubled.push(fact);
      present.add(fact);
    }
    const isThere = (count: number) => count === facts.length;
    if (!isThere(await eventually(() => countOn(system, member), isThere, boards)))
      boardsApart.push(member.id);
  }
  return {
    present: present.size,
    lost: [...acknowledged].filter((fact) => !present.has(fact)),
    doubled,
    invented: [...present].filter((fact) => !sent.has(fact)),
    boardsApart,
  };
}

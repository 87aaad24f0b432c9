/**
 * Writes a closed ranking of so many members in the real runtime, out of sorted entries that are put
 * aside in real buckets, once as a whole and once as a stream; and says what it came to.
 */
import { byRank } from "../../domain/boards.ts";
import { closedObjects } from "../../durable-objects/closed-boards.ts";
import { closedReader } from "../../kernel/boards/closed.ts";
import { entryBytesOf, putEntry } from "../../kernel/boards/closed-code.ts";
import { idCodeOfAll } from "../../kernel/boards/closed-ids.ts";
import { putAside } from "../../workers/archive/closed-aside.ts";
import { beginning, type Making, type SortedRun } from "../../workers/archive/closed-making.ts";
import { rank } from "../../workers/archive/closed-rank.ts";
import type { ArchiveEnv } from "../../workers/archive/env.ts";

const runsOf = 5;
const ranking = { period: "2026-W44", key: "all", measure: 0 };

const scoreOf = (i: number) => ({
  member: `m_${Math.imul(i, 2_654_435_761).toString(16).replace("-", "f").padStart(8, "0")}${i.toString(16).padStart(8, "0")}`,
  score: 1 + (Math.imul(i, 40_503) >>> 12),
  atMs: 1_790_000_000_000 + (i % 7),
});

async function putRuns(env: ArchiveEnv, count: number): Promise<SortedRun[]> {
  const runs: SortedRun[] = [];
  for (let run = 0; run < runsOf; run++) {
    const scores = [];
    for (let i = run; i < count; i += runsOf) scores.push(scoreOf(i));
    scores.sort(byRank);
    const ids = idCodeOfAll(scores.map(({ member }) => member));
    if (ids === null) continue;
    const bytes = new Uint8Array(scores.length * entryBytesOf(ids));
    scores.forEach((score, i) => {
      putEntry(bytes, i * entryBytesOf(ids), score, ids);
    });
    const object = `closing/r/${run}`;
    await putAside(env, object, [bytes]);
    runs.push({ object, ids, sections: [["all", 0, 0, scores.length]] });
  }
  return runs;
}

export default {
  async fetch(request: Request, env: ArchiveEnv): Promise<Response> {
    const { count, heldMax } = (await request.json()) as { count: number; heldMax: number };
    const due = {
      stream: "workouts",
      period: ranking.period,
      mark: 0,
      isUrgent: false,
      former: null,
    };
    const runs = await putRuns(env, count);
    const making: Making = { ...beginning(due, false, 0), runs };
    const { made } = await rank({ env }, making, heldMax);
    const reader = closedReader(closedObjects(env.BOARDS), {
      body: { members: 0, rankings: made },
    });
    const nth = Math.floor(count / 2);
    const { member } = scoreOf(nth);
    const place = await reader.place(ranking, member, 1);
    const top = await reader.top(ranking, null, 3);
    return Response.json({ made: made[0], place, top, member });
  },
};

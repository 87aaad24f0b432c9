/** What closed boards are to be, out of all facts that ledgers published, by the stream's own functions. */
import type { Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import type { ChallengeRules } from "../../domain/challenges.ts";
import { scoreChallenge } from "../../domain/challenges.ts";
import type { OpenFact } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { rulesAt } from "../../domain/stream.ts";
import { periodsOf } from "../../domain/time.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { closedBoard, closedObjects } from "../../durable-objects/closed-boards.ts";
import { closedReader } from "../../kernel/boards/closed.ts";
import type { World } from "./archive-world.ts";

/** What each member did that counts. */
function resolvedOf(world: World, onBoardsOnly: boolean) {
  const on = world.rows(
    `SELECT id FROM member WHERE erased_at IS NULL ${onBoardsOnly ? "AND on_boards = 1" : ""}`,
  );
  return on.map(({ id }) => {
    const held = world.ledgers.get(`workouts/${id}`)?.published.values() ?? [];
    const facts = [...held].map((p) => p.statement).filter((s) => "at" in s) as OpenFact[];
    return [String(id), workouts.resolve?.of(facts as never, noSettings, []) ?? []] as const;
  });
}

/** Ranking by name ("distance all") → sorted. */
export function expectedBoards(world: World, period: string): Record<string, Score[]> {
  const boards: Record<string, Score[]> = {};
  const rules = rulesAt(workouts.rules);
  for (const [member, resolved] of resolvedOf(world, true))
    for (const measure of workouts.measures) {
      const sums: Record<string, { score: number; atMs: number }> = {};
      for (const body of resolved.filter(({ day }) => periodsOf(day).includes(period)))
        for (const [key, n] of measure.of(body, rules)) {
          const held = sums[key] ?? { score: 0, atMs: 0 };
          const atMs = Math.max(held.atMs, body.scored?.at ?? 0);
          sums[key] = { score: held.score + n, atMs };
        }
      for (const [key, sum] of Object.entries(sums))
        if (sum.score > 0) {
          const name = `${measure.name} ${key}`;
          boards[name] = [...(boards[name] ?? []), { member, ...sum }];
        }
    }
  for (const scores of Object.values(boards)) scores.sort(byRank);
  return boards;
}

export function expectedFinal(world: World, rules: ChallengeRules): Score[] {
  const joined = world.rows(`SELECT member FROM challenge_member WHERE challenge = '${rules.id}'`);
  const members = new Set(joined.map(({ member }) => member));
  return resolvedOf(world, false)
    .filter(([member]) => members.has(member))
    .flatMap(([member, resolved]) => {
      const [score = 0, atMs = 0] = scoreChallenge(workouts, rules, resolved).all ?? [];
      return score > 0 ? [{ member, score, atMs }] : [];
    })
    .sort(byRank);
}

/** All that a closed board shows, read as the edge reads it; null: there is none. */
export async function shownBoards(
  world: World,
  period: string,
): Promise<Record<string, Score[]> | null> {
  const closed = await closedBoard(world.env.WAREHOUSE, "workouts", period);
  if (closed === null) return null;
  const reader = closedReader(closedObjects(world.env.BOARDS), closed);
  const shown: Record<string, Score[]> = {};
  for (const { key, measure, count } of closed.body.rankings) {
    const page = await reader.top({ period, key, measure }, null, count);
    shown[`${workouts.measures[measure]?.name} ${key}`] = [...page.scores];
  }
  return shown;
}

export const versionOf = (world: World, period: string): unknown =>
  world.rows(`SELECT version FROM closed_board WHERE period = '${period}'`)[0]?.version;

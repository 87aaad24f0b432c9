/**
 * Telling the ledgers of those who joined a challenge that it changed, ended or is settled: page by
 * page, as it may have more members than one run can reach. A crash in a page costs telling it again.
 */
import type { Ports } from "./ports.ts";
import { configureMember, settingsMoved } from "./social.ts";

/** Of one run, of all challenges together; each is one call of a ledger. */
const toldPerRun = 200;
const challengesPerRun = 20;

type TellingPorts = Pick<Ports, "sql" | "ledger">;
interface Telling {
  readonly id: string;
  readonly telling: string;
  readonly version: number;
}

/**
 * Who is left is told by the next run. In no order: one whose members' ledgers cannot be reached breaks
 * a run off, and the others have their turn in the next.
 */
export async function tellChallenges(ports: TellingPorts): Promise<void> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT id, telling, version FROM challenge WHERE telling IS NOT NULL
         ORDER BY random() LIMIT ?`,
      )
      .bind(challengesPerRun)
      .all<Telling>(),
  );
  let left = toldPerRun;
  for (const challenge of results) {
    if (left === 0) return;
    left -= await tellPage(ports, challenge, left);
  }
}

/**
 *   1. their settings get a new version     a crash: they get another one
 *   2. their ledgers take the settings      a crash: they are told again
 *   3. the next run begins behind them; nowhere, when something changed meanwhile
 */
async function tellPage(
  ports: TellingPorts,
  { id, telling, version }: Telling,
  limit: number,
): Promise<number> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT member FROM challenge_member WHERE challenge = ? AND member > ?
         ORDER BY member LIMIT ?`,
      )
      .bind(id, telling, limit)
      .all<{ member: string }>(),
  );
  if (results.length > 0) {
    await ports.sql((db) => db.batch(results.map(({ member }) => settingsMoved(db, member))));
    for (const { member } of results) await configureMember(ports, member);
  }
  const last = results.length < limit ? null : (results.at(-1)?.member ?? null);
  await ports.sql((db) =>
    db
      .prepare("UPDATE challenge SET telling = ?3 WHERE id = ?1 AND version = ?2")
      .bind(id, version, last)
      .run(),
  );
  return results.length;
}

/**
 * A challenge's final standings beside its live ones at the moment when they are first made: how many
 * stand otherwise, and those of them with most at stake. Later versions keep what was found then, but
 * for members who are not in it any more.
 */
import { challengePeriod, type Numbers, type Ranked } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { boardsOf } from "../../durable-objects/board-shards.ts";
import { closedObjects } from "../../durable-objects/closed-boards.ts";
import {
  type ClosedBody,
  closedReader,
  type FinalDifference,
  type FinalMember,
  type Standing,
} from "../../kernel/boards/closed.ts";
import { liveReader } from "../../kernel/boards/read.ts";
import type { LiveBeside } from "./closed-making.ts";
import type { Target } from "./closed-target.ts";
import type { ArchiveEnv } from "./env.ts";
import { readLive } from "./live-rows.ts";

/** Named of those who differ. */
const membersNamedMax = 100;

const scoreOf = (numbers: Numbers | undefined): number => numbers?.all?.[0] ?? 0;

/** Of one bucket, who has a score live; null: not now. */
export async function liveScores(
  env: ArchiveEnv,
  { stream }: Target,
  { period, bucket }: { readonly period: string; readonly bucket: number },
): Promise<Map<string, number> | null> {
  const scores = new Map<string, number>();
  const isWhole = await readLive(env, stream, bucket, ({ member, periods }) => {
    const score = scoreOf(periods[period]);
    if (score > 0) scores.set(member, score);
  });
  return isWhole ? scores : null;
}

/** Counts bucket after bucket. */
export class Beside {
  #counted: LiveBeside;

  constructor(counted: LiveBeside) {
    this.#counted = counted;
  }

  /** 0: not ranked. */
  see(member: string, live: number, final: number): void {
    const { members, ...held } = this.#counted;
    const isSame = live === final;
    this.#counted = {
      live: held.live + (live > 0 ? 1 : 0),
      final: held.final + (final > 0 ? 1 : 0),
      differing: held.differing + (isSame ? 0 : 1),
      members: isSame ? members : most([...members, [member, live, final]]),
    };
  }

  get counted(): LiveBeside {
    return this.#counted;
  }
}

function most(members: LiveBeside["members"]): LiveBeside["members"] {
  const atStake = ([, live, final]: LiveBeside["members"][number]) => Math.max(live, final);
  return members
    .toSorted((a, b) => atStake(b) - atStake(a) || (a[0] < b[0] ? -1 : 1))
    .slice(0, membersNamedMax);
}

/** Ranks are looked up now, in both. */
export async function differenceOf(
  env: ArchiveEnv,
  { stream, challenge }: Target,
  { members, ...counts }: LiveBeside,
  body: ClosedBody,
  atMs: Instant,
): Promise<FinalDifference> {
  const ranking = { period: challengePeriod(challenge ?? ""), key: "all", measure: 0 };
  const names = members.map(([member]) => member);
  const [live, final] = await Promise.all([
    names.length === 0 ? [] : liveReader(boardsOf(env, stream.name)).among(ranking, names),
    closedReader(closedObjects(env.BOARDS), { body }).among(ranking, names),
  ]);
  const [lives, finals] = [standings(live), standings(final)];
  return {
    atMs,
    ...counts,
    members: members.map(
      ([member]): FinalMember => ({
        member,
        live: lives.get(member) ?? null,
        final: finals.get(member) ?? null,
      }),
    ),
  };
}

const standings = (ranked: readonly Ranked[]): ReadonlyMap<string, Standing> =>
  new Map(ranked.map(({ member, rank, score }) => [member, { rank, score }]));

/** As it was found then, without those who are not in it any more. */
export async function keptDifference(
  { shown }: Target,
  final: FinalDifference,
): Promise<FinalDifference> {
  const still = await shown(final.members.map(({ member }) => member));
  return { ...final, members: final.members.filter(({ member }) => still.has(member)) };
}

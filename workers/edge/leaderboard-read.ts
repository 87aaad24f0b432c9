/**
 * Reading a board for whoever asks: which one is meant, who answers for it, and what is added to its
 * ranks before they are shown: names, and who moved. Open periods are read from their shards, closed
 * ones from the archive's version; who left since it was made is left out of it here.
 */
import type { BoardReader, Ranked, Ranking, Score } from "../../domain/board-ports.ts";
import { byRank, isOpen, parseBoard } from "../../domain/boards.ts";
import type { MemberId } from "../../domain/identity.ts";
import {
  daysOfPeriod,
  type Instant,
  localDate,
  msPerDay,
  offsetMinutesMax,
  type Period,
  parsePeriod,
} from "../../domain/time.ts";
import { liveReader } from "../../kernel/boards/read.ts";
import { closedBoardOf, nobody } from "./leaderboard-closed.ts";
import { RanksBefore } from "./leaderboard-moved.ts";
import {
  type BoardPageShown,
  boardKeys,
  boardStream,
  cursorOf,
  shownEntry,
  unitOf,
} from "./leaderboard-shape.ts";
import { shownTop } from "./leaderboard-shown.ts";
import type { Ports } from "./ports.ts";
import type { Call } from "./route.ts";
import { onBoardsOf } from "./social.ts";

export interface BoardAsked {
  readonly name: string;
  readonly ranking: Ranking;
}

type Asking = Pick<
  Call<{ readonly board: string }, { readonly period: string }>,
  "params" | "query" | "nowMs" | "fail"
>;
export type Reading = Pick<Call, "ports" | "nowMs">;

/** The board and its period by their own names ("week" is one of them), or the answer. */
export function boardAsked({ params, query, nowMs, fail }: Asking): BoardAsked | Response {
  const board = parseBoard(boardStream, boardKeys, params.board);
  if (board === null) return fail("not-found");
  const period = parsePeriod(query.period, nowMs);
  if (!period.ok) return fail("invalid-request", { fields: [badPeriod] });
  return { name: params.board, ranking: { ...board, period: period.value } };
}
const badPeriod = { field: "query.period", rule: "custom" };

/** Anywhere. */
const hasBegun = (period: Period, nowMs: Instant): boolean =>
  daysOfPeriod(period).from <= localDate(nowMs, offsetMinutesMax);

export const isRunning = (period: Period, nowMs: Instant): boolean =>
  hasBegun(period, nowMs) && isOpen(period, nowMs);

/**
 * Who answers for a period. One that just closed is told live until the archive made its first
 * version; nobody asks the shards about one that is long over or has not begun anywhere.
 */
export function readerOf({ ports, nowMs }: Reading, period: Period): BoardReader {
  if (!hasBegun(period, nowMs)) return nobody;
  const live = liveReader(ports.boards(boardStream));
  if (isOpen(period, nowMs)) return live;
  const isFreshlyClosed = isOpen(period, nowMs - firstVersionDays * msPerDay);
  return closedBoardOf(ports, boardStream.name, period, isFreshlyClosed ? live : nobody);
}
/** The first version of a closed board is there long before that. */
const firstVersionDays = 7;

const ranksBefore = new RanksBefore();

/** The best after `after`; `next` leads on to whoever else is shown. */
export async function pageOf(
  call: Reading,
  asked: BoardAsked,
  after: Score | null,
  limit: number,
): Promise<BoardPageShown> {
  const { ranking } = asked;
  const reader = readerOf(call, ranking.period);
  const keep = (ranked: readonly Ranked[]) => shownOf(call, ranking, ranked);
  const { items, next, total } = await shownTop(reader, ranking, { after, limit }, keep);
  return {
    ...headOf(asked),
    items: await entriesOf(call, asked, items),
    next: next === null ? null : cursorOf(next),
    total,
  };
}

export async function placeOf(
  call: Reading,
  asked: BoardAsked,
  member: MemberId,
  around: number,
): Promise<BoardPageShown> {
  const { ranking } = asked;
  const place = await readerOf(call, ranking.period).place(ranking, member, around);
  const shown = await shownOf(call, ranking, place?.items ?? []);
  const items = await entriesOf(call, asked, shown);
  return { ...headOf(asked), items, next: null, total: place?.total ?? 0 };
}

/** Those of these members who are ranked, by pages. */
export async function amongPage(
  call: Reading,
  asked: BoardAsked,
  members: readonly string[],
  after: Score | null,
  limit: number,
): Promise<BoardPageShown> {
  const { ranking } = asked;
  const ranked = await readerOf(call, ranking.period).among(ranking, members);
  // Before they are counted: a number of one's friends would tell of one of them.
  const among = await shownOf(call, ranking, ranked);
  const rest = after === null ? among : among.filter((one) => byRank(one, after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    ...headOf(asked),
    items: await entriesOf(call, asked, page),
    next: last !== undefined && rest.length > limit ? cursorOf(last) : null,
    total: among.length,
  };
}

const headOf = ({ name, ranking }: BoardAsked) => ({
  board: name,
  period: ranking.period,
  unit: unitOf(boardStream.measures[ranking.measure]?.name ?? ""),
});

async function entriesOf(call: Reading, { ranking }: BoardAsked, shown: readonly Ranked[]) {
  if (shown.length === 0) return [];
  const { ports, nowMs } = call;
  const [names, movedOf] = await Promise.all([
    namesOf(ports, shown),
    ranksBefore.movedOf((period) => readerOf(call, period), ranking, shown, nowMs),
  ]);
  return shown.map((of) => shownEntry(of, names[of.member] ?? null, movedOf(of)));
}

/** A version of a closed board is made anew after somebody left; until then they are left out here. */
async function shownOf(
  { ports, nowMs }: Reading,
  { period }: Ranking,
  ranked: readonly Ranked[],
): Promise<readonly Ranked[]> {
  if (isOpen(period, nowMs)) return ranked;
  const on = await onBoardsOf(
    ports,
    ranked.map(({ member }) => member),
  );
  return ranked.filter(({ member }) => on.has(member));
}

const namesOf = (ports: Ports, of: readonly Ranked[]): Promise<Readonly<Record<string, string>>> =>
  ports.open.names(of.map(({ member }) => member as MemberId));

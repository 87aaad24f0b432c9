/**
 * A board as it is looked at. Among everybody its running top is live over a socket; while there is
 * none it is looked up every two seconds. Among friends or a team it is looked up by itself now and
 * then: nobody tells of those.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { isOpen } from "../../../domain/boards.ts";
import { makeOld, useList } from "../../api/queries.ts";
import type { Standing } from "./amounts.ts";
import { boardOf, type Choice, everybody, friends } from "./choice.ts";
import { isSameTop, type LiveTop, withLive } from "./live-top.ts";
import { type LiveState, useLive } from "./use-live.ts";

/** Of one page, and of what the socket tells. */
export const topSize = 50;
export const pollEveryMs = 2_000;
const amongEveryMs = 5_000;
/** A page that was looked up may be so old when it comes. */
const pageAgeMsMax = 2_000;

export interface BoardShown {
  readonly board: string;
  readonly period: string;
  readonly unit: string;
  readonly items: readonly Standing[];
  readonly total: number;
}

/** One of the three is asked; the others stand still. */
function useLists(choice: Choice, isRunning: boolean, everyMs: number | false) {
  const { among, period } = choice;
  const board = boardOf(choice);
  const query = { period, limit: topSize };
  const others = isRunning ? amongEveryMs : false;
  const all = useList(
    "GET /v1/leaderboards/{board}",
    { params: { board }, query },
    { enabled: among === everybody, everyMs },
  );
  const followed = useList(
    "GET /v1/leaderboards/{board}/friends",
    { params: { board }, query },
    { enabled: among === friends, everyMs: others },
  );
  const team = useList(
    "GET /v1/leaderboards/{board}/teams/{team}",
    { params: { board, team: among }, query },
    { enabled: among !== everybody && among !== friends, everyMs: others },
  );
  return among === everybody ? all : among === friends ? followed : team;
}

export function useBoard(choice: Choice, nowMs: number) {
  const client = useQueryClient();
  const { period } = choice;
  const board = boardOf(choice);
  const isRunning = isOpen(period, nowMs);
  const isOn = isRunning && choice.among === everybody;
  const heard = (top: LiveTop) => {
    const shown = list.data?.items ?? [];
    if (isSameTop(top.items, shown.slice(0, topSize))) return;
    void makeOld(client, ["GET /v1/leaderboards/{board}/me"]);
    // What lies below the top moved with it.
    if (shown.length > topSize) void list.refetch();
  };
  const live = useLive({ board, period, limit: topSize, isOn }, heard);
  const list = useLists(choice, isRunning, isOn && live.state === "down" ? pollEveryMs : false);
  const data = useMemo((): BoardShown | undefined => {
    if (list.data === undefined) return undefined;
    const { first, items } = list.data;
    const isNewer = live.state === "live" || live.atMs > list.dataUpdatedAt - pageAgeMsMax;
    const shown = isOn && live.top !== null && isNewer ? withLive(items, live.top) : items;
    const total = shown === items ? first.total : (live.top?.total ?? first.total);
    return { board: first.board, period: first.period, unit: first.unit, items: shown, total };
  }, [list.data, list.dataUpdatedAt, live, isOn]);
  const more = async () => {
    // Where the next page begins was said before the top changed.
    if (live.atMs > list.dataUpdatedAt) await list.refetch();
    await list.fetchNextPage();
  };
  return {
    query: { ...pick(list), data },
    live: live.state as LiveState,
    isRunning,
    hasMore: list.hasNextPage,
    isFetchingMore: list.isFetchingNextPage,
    more,
  };
}

const pick = <T extends { error: Error | null; dataUpdatedAt: number; refetch(): unknown }>({
  error,
  dataUpdatedAt,
  refetch,
}: T) => ({ error, dataUpdatedAt, refetch });

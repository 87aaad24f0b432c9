/**
 * What the page of a day asks for. All of it stays readable offline for the day seen last. Cards are
 * shown together with what belongs to them, so that nothing on the page moves when that comes.
 */
import { useQuery } from "@tanstack/react-query";
import type { Metric } from "../../../domain/samples/metrics.ts";
import { addDays, type LocalDate } from "../../../domain/time.ts";
import { type Answer, api } from "../../api/client.ts";
import { keyOf, useApi } from "../../api/queries.ts";
import type { Loaded } from "../../design/card.tsx";
import { lackOf } from "../../session/connection-words.ts";
import { useTitles } from "../../session/provider-titles.ts";
import { trendDays } from "./trend.ts";

export type Summary = Answer<"GET /v1/summary">;
export type Measured = NonNullable<Summary["metrics"][Metric]>;
export type Workout = Answer<"GET /v1/workouts">["items"][number];
export type Devices = Answer<"GET /v1/devices">["devices"];

const kept = { kept: true };

export const useConnections = () => useApi("GET /v1/connections", undefined, kept);

export interface DaysWorkouts {
  readonly items: readonly Workout[];
  /** False: older pages were not looked at. */
  readonly isWhole: boolean;
}
const pageRows = 200;
const pagesMax = 10;

/** The API lists them newest first, so a day is found by leafing back to it. */
async function workoutsOf(date: LocalDate, signal: AbortSignal): Promise<DaysWorkouts> {
  const items: Workout[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const query = { limit: pageRows, ...(cursor === null ? {} : { cursor }) };
    const answer: Answer<"GET /v1/workouts"> = await api("GET /v1/workouts", { query, signal });
    items.push(...answer.items.filter(({ day }) => day === date));
    cursor = answer.next;
    // A workout of another zone may stand a day apart from its neighbours.
    const last = answer.items.at(-1)?.day ?? "";
    if (cursor === null || last < addDays(date, -1)) return { items, isWhole: true };
  }
  return { items, isWhole: false };
}

export const useWorkoutsOf = (date: LocalDate) =>
  useQuery({
    queryKey: [...keyOf("GET /v1/workouts"), "of a day", date],
    queryFn: ({ signal }) => workoutsOf(date, signal),
    meta: kept,
  });

export function useDay(date: LocalDate, nowMs: number) {
  const summary = useApi("GET /v1/summary", { query: { date } }, kept);
  const query = { start: addDays(date, -trendDays), end: addDays(date, -1) };
  const before = useApi("GET /v1/aggregates", { query }, kept);
  const devices = useApi("GET /v1/devices", undefined, kept);
  const connections = useConnections();
  const workouts = useWorkoutsOf(date);
  const { titles } = useTitles();
  const lack =
    connections.data === undefined ? null : lackOf(connections.data.items, date, titles, nowMs);
  return { summary, before, devices, connections, workouts, lack };
}
export type Day = ReturnType<typeof useDay>;

const isComing = ({ data, error }: Loaded<unknown>): boolean =>
  data === undefined && error === null;

/** As long as something that belongs to it is on its way, it is, too. */
export function together<T>(main: Loaded<T>, others: readonly Loaded<unknown>[]): Loaded<T> {
  const { data, error, dataUpdatedAt, refetch } = main;
  const isHeld = error === null && others.some(isComing);
  return { data: isHeld ? undefined : data, error, dataUpdatedAt, refetch };
}

/** What the seven days before came to, those that were measured. */
export const valuesBefore = ({ before }: Day, metric: Metric): readonly number[] =>
  (before.data?.items ?? []).filter(({ type }) => type === metric).map(({ value }) => value);

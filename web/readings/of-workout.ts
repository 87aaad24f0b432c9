/**
 * Restricted readings of one workout, whole: page after page until there is no next one. They are asked
 * for when somebody says so and never by themselves, because each look is written down.
 */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Answer, api } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { keyOf } from "../api/queries.ts";

const name = "GET /v1/members/{id}/readings/{column}";
/** A workout of eight days at one sample a second has fewer. */
const pagesMax = 64;

export type Column = "heart_rate" | "track" | "title" | "notes" | "device_name";

export interface Read<T> {
  readonly values: readonly T[];
  /** False: a later page did not come. */
  readonly isWhole: boolean;
}

export interface Of {
  readonly member: string;
  readonly workout: string;
  /** Of whoever looks at another's; absent: as the API has it. */
  readonly purpose?: "coaching" | "care" | "research";
}

/** A list of samples, or one text; none is an answer too. */
export async function readAll<T>(
  { member: id, workout, purpose }: Of,
  column: Column,
  signal: AbortSignal,
): Promise<Read<T>> {
  const values: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const query = {
      workout,
      ...(purpose === undefined ? {} : { purpose }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    let answer: Answer<typeof name>;
    try {
      answer = await api(name, { params: { id, column }, query, signal });
    } catch (error) {
      if (error instanceof Problem && error.name === "not-found") break;
      if (page === 0 || signal.aborted) throw error;
      return { values, isWhole: false };
    }
    for (const { value } of answer.readings)
      for (const each of Array.isArray(value) ? value : [value]) values.push(each as T);
    if (answer.next === null) break;
    cursor = answer.next;
  }
  return { values, isWhole: true };
}

export function useReadings<T>(of: Of, column: Column, isAsked: boolean): UseQueryResult<Read<T>> {
  const { member: id, workout } = of;
  return useQuery({
    queryKey: keyOf(name, { params: { id, column }, query: { workout } }),
    queryFn: ({ signal }) => readAll<T>(of, column, signal),
    enabled: isAsked,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });
}

export const restMissing = ({ isWhole }: Read<unknown>): string | null =>
  isWhole ? null : "The rest of it could not be loaded.";

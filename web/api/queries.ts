/**
 * Asking and doing from a component. What was asked is known by the operation's name and what it was
 * asked with; a deed names the operations whose answers it makes old.
 */
import {
  keepPreviousData,
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type Answer, type Arguments, type Asked, api, type Name } from "./client.ts";
import { notBefore } from "./problem.ts";

/** So long, or as what is known of it has it; false: not by itself. */
type Every<D> = number | false | ((data: D | undefined) => number | false);

function intervalOf<D>(everyMs: Every<D>, data: D | undefined, error: unknown): number | false {
  const ms = typeof everyMs === "function" ? everyMs(data) : everyMs;
  return ms === false ? false : notBefore(ms, error);
}

interface QueryOptions<D = unknown> {
  /** Not asked before this is true. */
  readonly enabled?: boolean;
  /** Asked again after so long. Of a list it is the first page that says so. */
  readonly everyMs?: Every<D>;
  /** A logged look at somebody else's data: made when a person makes it, and forgotten with its page. */
  readonly isLooked?: boolean;
  /** Sealed in this browser while it is the day seen last (offline/kept-queries.ts). */
  readonly kept?: boolean;
  /** Shows the former answer while the next is on its way, as when a day is turned. */
  readonly holdsFormer?: boolean;
}

/** As `api` takes it: left out where nothing has to be said. */
type UseArguments<N extends Name> =
  Record<never, never> extends Asked<N>
    ? [asked?: Asked<N> | undefined, options?: QueryOptions<Answer<N>>]
    : [asked: Asked<N>, options?: QueryOptions<Answer<N>>];

/** Each asking stands in a member's log as a look: neither a window nor a network asks by itself. */
const lookedOnce = {
  gcTime: 0,
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
  retry: false,
} as const;

type Loose = { readonly params?: unknown; readonly query?: unknown };
export const keyOf = (name: Name, asked: Loose = {}) => [
  name,
  asked.params ?? {},
  asked.query ?? {},
];

export function useApi<N extends Name>(
  name: N,
  ...[asked, options = {}]: UseArguments<N>
): UseQueryResult<Answer<N>> {
  const { enabled = true, everyMs = false, isLooked = false } = options;
  const { kept = false, holdsFormer = false } = options;
  return useQuery({
    queryKey: keyOf(name, asked as Loose | undefined),
    queryFn: ({ signal }) => api(name, ...([{ ...asked, signal }] as unknown as Arguments<N>)),
    enabled,
    refetchInterval: ({ state }) =>
      intervalOf(everyMs, state.data as Answer<N> | undefined, state.error),
    ...(isLooked ? lookedOnce : {}),
    ...(holdsFormer ? { placeholderData: keepPreviousData } : {}),
    meta: { kept },
  }) as UseQueryResult<Answer<N>>;
}

type Page = { readonly items: readonly unknown[]; readonly next: string | null };
type ListName = { [N in Name]: Answer<N> extends Page ? N : never }[Name];

/** A list whose pages are asked for one by one; `data.items` is all of them that came. */
export function useList<N extends ListName>(
  name: N,
  ...[asked, { enabled = true, everyMs = false, isLooked = false } = {}]: UseArguments<N>
) {
  type Item = Answer<N> extends { readonly items: readonly (infer I)[] } ? I : never;
  const loose = (asked ?? {}) as { readonly query?: object };
  return useInfiniteQuery({
    queryKey: [...keyOf(name, loose), "pages"],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...loose.query, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return api(name, ...([{ ...loose, query, signal }] as unknown as Arguments<N>));
    },
    initialPageParam: "",
    getNextPageParam: (last) => (last as Page).next ?? undefined,
    select: ({ pages }) => ({
      first: pages[0] as Answer<N>,
      items: pages.flatMap((page) => (page as Page).items as Item[]),
    }),
    enabled,
    refetchInterval: ({ state }) =>
      intervalOf(everyMs, state.data?.pages[0] as Answer<N> | undefined, state.error),
    ...(isLooked ? lookedOnce : {}),
  });
}

/** An answer that is on its way since before is old too: it is let go of, and asked for anew. */
export const makeOld = (client: QueryClient, names: readonly Name[]): Promise<unknown> =>
  Promise.all(
    names.map(async (name) => {
      await client.cancelQueries({ queryKey: [name] });
      await client.invalidateQueries({ queryKey: [name] });
    }),
  );

/** A deed; afterwards what is on the screen of `old` is asked for again. */
export function useDeed<N extends Name>(
  name: N,
  old: readonly Name[] = [],
): UseMutationResult<Answer<N>, Error, Asked<N>> {
  const client = useQueryClient();
  return useMutation<Answer<N>, Error, Asked<N>>({
    mutationFn: (asked) => api(name, ...([asked] as unknown as Arguments<N>)),
    onSuccess: () => makeOld(client, old),
  });
}

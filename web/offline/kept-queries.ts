/**
 * The day that was seen last stays readable without a network. What it was made of lies sealed in
 * this browser (session/sealed-store.ts): only queries that say `meta: { kept: true }` and are on the
 * screen, so that one day is kept and not a history. Opened again it is old until it was looked up.
 */
import {
  type DehydratedState,
  dehydrate,
  hydrate,
  type QueryClient,
  type QueryKey,
} from "@tanstack/react-query";
import { Problem } from "../api/problem.ts";
import { keep, kept, keptNames } from "../session/sealed-store.ts";
import { sessionNow, signOutHere } from "../session/session.ts";

const dayName = "last-seen";
/** Every page asks who is looking; a day is seen on its page alone, and outlasts a look elsewhere. */
const whoName = "who";
const nameOf = ([operation]: QueryKey): string => (operation === "GET /v1/me" ? whoName : dayName);
/** After the last change of many. */
const settleMs = 500;

export async function openKept(client: QueryClient): Promise<void> {
  for (const name of [whoName, dayName]) {
    const state = await kept<DehydratedState>(name).catch(() => undefined);
    if (state !== undefined) hydrate(client, state);
  }
  // However lately it was seen: much may have happened between two openings.
  await client.invalidateQueries({ refetchType: "none" });
}

/** What is on the screen of the one or the other, as it was last answered. */
function seen(client: QueryClient, name: string): DehydratedState {
  const { queries } = dehydrate(client, {
    shouldDehydrateQuery: (query) =>
      query.meta?.kept === true &&
      query.isActive() &&
      query.state.data !== undefined &&
      nameOf(query.queryKey) === name,
    shouldDehydrateMutation: () => false,
  });
  // That it could not be looked up again since is no part of what was seen.
  const answered = { status: "success", error: null, fetchFailureCount: 0 } as const;
  return {
    mutations: [],
    queries: queries.map((query) => ({
      ...query,
      state: { ...query.state, ...answered, fetchFailureReason: null },
    })),
  };
}

/** Who was a member here and is none any more was erased from elsewhere: what is left here goes too. */
async function outIfErased(seenOf: unknown): Promise<void> {
  const names = await keptNames(whoName);
  if (seenOf !== undefined || names.length > 0) await signOutHere();
}

/** Returns what ends it. */
export function keepSeen(client: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    if (sessionNow().state !== "in") return;
    for (const name of [whoName, dayName]) {
      const state = seen(client, name);
      // Leaving the page does not forget what was seen there.
      if (state.queries.length > 0) void keep(name, state).catch(() => false);
    }
  };
  const end = client.getQueryCache().subscribe(({ query, type }) => {
    if (query.meta?.kept !== true || type !== "updated") return;
    const { error, data } = query.state;
    if (error instanceof Problem && error.name === "not-a-member") void outIfErased(data);
    clearTimeout(timer);
    timer = setTimeout(save, settleMs);
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}

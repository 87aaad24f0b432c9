/**
 * "Sync now", also without a network: then it is remembered, sealed, and asked once there is one.
 * Use it in place of the deed itself; the answer says which of the two it was.
 */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Name } from "../api/client.ts";
import { makeOld } from "../api/queries.ts";
import { askSync } from "./waiting.ts";

export type SyncAsked = "asked" | "queued";

export const syncWords: Readonly<Record<SyncAsked, string>> = {
  asked: "It is being read now.",
  queued: "You are offline. It is read as soon as there is a network.",
};

/** `mutate(connection)`; afterwards what is on the screen of `old` is asked for again. */
export function useSyncNow(old: readonly Name[] = []) {
  const client = useQueryClient();
  return useMutation<SyncAsked, Error, string>({
    mutationFn: async (connection) => ((await askSync(connection)) ? "asked" : "queued"),
    onSuccess: (said) => (said === "asked" ? makeOld(client, old) : undefined),
  });
}

/**
 * What could not be looked up because nobody was reached is looked up again by itself: when the browser
 * says that there is a network, and every so often, since it often does not know.
 */
import type { Query, QueryClient } from "@tanstack/react-query";
import { Unreachable } from "../api/problem.ts";

const everyMs = 10_000;

/** Not what says that it waits for a press: a reading is looked at by somebody, never by itself. */
const isWanted = ({ state, observers }: Query): boolean =>
  state.error instanceof Unreachable &&
  state.fetchStatus === "idle" &&
  observers.some(({ options }) => options.refetchOnReconnect !== false);

export function lookAgain(client: QueryClient): void {
  const look = () => void client.refetchQueries({ type: "active", predicate: isWanted });
  addEventListener("online", look);
  setInterval(look, everyMs);
}

/** Replaying what was parked, one after the other: what came of each, and how far it is. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Name } from "../../api/client.ts";
import { makeOld } from "../../api/queries.ts";

export interface Replays {
  /** By id, in words. */
  readonly said: Readonly<Record<string, string>>;
  readonly done: number;
  /** 0: none is under way. */
  readonly total: number;
  readonly current: string | null;
  run(ids: readonly string[]): Promise<void>;
  stop(): void;
}

/** `replay` says what came of one; what it throws is said in its place, and the rest goes on. */
export function useReplays(replay: (id: string) => Promise<string>, old: readonly Name[]): Replays {
  const client = useQueryClient();
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const [far, setFar] = useState({ done: 0, total: 0, current: null as string | null });
  const isStopped = useRef(false);
  // Whoever leaves sees no more of it, and can stop it no longer.
  useEffect(
    () => () => {
      isStopped.current = true;
    },
    [],
  );

  async function run(ids: readonly string[]): Promise<void> {
    isStopped.current = false;
    for (const [done, id] of ids.entries()) {
      if (isStopped.current) break;
      setFar({ done, total: ids.length, current: id });
      const words = await replay(id).catch((error: Error) => `Stays: ${error.message}`);
      setSaid((before) => ({ ...before, [id]: words }));
    }
    setFar({ done: 0, total: 0, current: null });
    await makeOld(client, old);
  }

  return {
    said,
    ...far,
    run,
    stop: () => {
      isStopped.current = true;
    },
  };
}

/** Why something stays, as the API's words stand for it. */
const stays: Readonly<Record<string, string>> = {
  malformed: "it is no change that could be understood",
  "not-held": "its ledger holds nothing of the kind",
};

export const staysBecause = (still: string): string =>
  `Stays: ${stays[still] ?? still.replaceAll("-", " ")}.`;

/** Each outcome with how often it came: "2 recorded, 1 older". */
export function outcomesSaid(outcomes: readonly string[]): string {
  if (outcomes.length === 0) return "Read; there was nothing to record.";
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return `${[...counts].map(([outcome, n]) => `${n} ${outcome.replaceAll("-", " ")}`).join(", ")}.`;
}

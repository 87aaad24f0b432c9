/**
 * What is shown as it happens: each event is the whole of it, the newest stands. A stream that ends is
 * opened again; one that says nothing for longer than its heartbeat is taken for dead. What was heard
 * stays, and the card says as of when while nobody can be reached.
 */
import { useEffect, useState } from "react";
import { type Asked, ask, type Name } from "./client.ts";
import { blocksOf, waited } from "./follow.ts";
import { notBefore, Problem, Unreachable } from "./problem.ts";

const retryMsLeast = 1_000;
const retryMsMost = 60_000;
const retryMsFirst = 3_000;
/** The edge says something every fifteen seconds. */
const silentMsMax = 40_000;

interface Heard<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
}
export interface Events<T> extends Heard<T> {
  refetch(): void;
}

const nothing = { data: undefined, error: null, dataUpdatedAt: 0 };

/** `event`: of those that are heard. Another asking begins with nothing. */
export function useEvents<T, N extends Name>(name: N, asked: Asked<N>, event: string): Events<T> {
  const of = `${name} ${JSON.stringify(asked)}`;
  const [heard, setHeard] = useState<Heard<T> & { readonly of: string }>({ ...nothing, of });
  const [tried, setTried] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `of` says all of `asked`; `tried` begins anew.
  useEffect(() => {
    const stop = new AbortController();
    setHeard((before) => (before.of === of ? before : { ...nothing, of }));
    void follow(name, asked, stop.signal, {
      event,
      said: (data) => setHeard({ data: data as T, error: null, dataUpdatedAt: Date.now(), of }),
      failed: (error) => setHeard((before) => ({ ...before, error })),
    });
    return () => stop.abort();
  }, [of, event, tried]);
  const now = heard.of === of ? heard : nothing;
  return { ...now, refetch: () => setTried((n) => n + 1) };
}

interface Hears {
  readonly event: string;
  said(data: unknown): void;
  failed(error: Error): void;
}

/** Until it is called off, or refused for good. */
async function follow<N extends Name>(name: N, asked: Asked<N>, signal: AbortSignal, hears: Hears) {
  let [retryMs, failures] = [retryMsFirst, 0];
  while (!signal.aborted) {
    let failed: unknown = null;
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silentMsMax);
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const { body } = await ask(name, { ...asked, signal: both } as Parameters<typeof ask>[1]);
      for await (const heard of blocksOf(body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silentMsMax);
        const last = heard.events.findLast((each) => each.event === hears.event);
        if (last !== undefined && !signal.aborted) hears.said(JSON.parse(last.data));
        retryMs = heard.retryMs ?? retryMs;
        failures = 0;
      }
    } catch (error) {
      if (signal.aborted) return;
      hears.failed(error instanceof Problem ? error : new Unreachable());
      if (error instanceof Problem && error.status < 500 && error.status !== 429) return;
      failures++;
      failed = error;
    } finally {
      clearTimeout(timer);
    }
    const ms = Math.min(retryMsMost, Math.max(retryMsLeast, retryMs) * 2 ** failures);
    await waited(notBefore(ms, failed), signal);
  }
}

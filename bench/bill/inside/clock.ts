/**
 * The bench's own clock within a worker: it stands still until it is told the time. Imported before
 * anything that might look at the time. Timers wait for it too, a few milliseconds late.
 */
const wallClock = Date.now;
const wallTimer = globalThis.setTimeout;
const clearWallTimer = globalThis.clearTimeout;
const lookEveryMs = 5;

let standsAtMs = wallClock();

/** Milliseconds of the machine, for how long something takes. */
export const machineMs = (): number => wallClock();
export const machineWait = (ms: number): Promise<void> =>
  new Promise((done) => {
    wallTimer(done, ms);
  });

/** Never backwards. */
export function setNow(ms: number): void {
  standsAtMs = Math.max(standsAtMs, ms);
}

/** The first time that it is told may lie before the machine's. */
let isTold = false;
export function tellNow(ms: number): void {
  standsAtMs = isTold ? Math.max(standsAtMs, ms) : ms;
  isTold = true;
}

/** It goes on from here as the machine's does. */
let followsFromMs: number | null = null;
export function follow(): void {
  followsFromMs ??= wallClock();
}

export const now = (): number =>
  followsFromMs === null ? standsAtMs : standsAtMs + wallClock() - followsFromMs;

class BenchDate extends Date {
  constructor(...of: unknown[]) {
    if (of.length === 0) super(now());
    else super(...(of as [number]));
  }
  static override now(): number {
    return now();
  }
}
globalThis.Date = BenchDate as DateConstructor;

interface Timer {
  readonly dueMs: number;
  machine: ReturnType<typeof wallTimer>;
}
const timers = new Map<number, Timer>();
let lastTimer = 0;

/** How many are late already: their work is about to begin. */
export const timersDue = (): number =>
  [...timers.values()].filter(({ dueMs }) => dueMs <= now()).length;

export const nextTimer = (): number | null =>
  timers.size === 0 ? null : Math.min(...[...timers.values()].map(({ dueMs }) => dueMs));

function benchTimer(run: (...of: unknown[]) => void, ms = 0, ...of: unknown[]): number {
  const id = ++lastTimer;
  const look = (): void => {
    const timer = timers.get(id);
    if (timer === undefined) return;
    if (timer.dueMs > now()) {
      timer.machine = wallTimer(look, lookEveryMs);
      return;
    }
    timers.delete(id);
    run(...of);
  };
  timers.set(id, { dueMs: now() + ms, machine: wallTimer(look, lookEveryMs) });
  return id;
}

globalThis.setTimeout = benchTimer as unknown as typeof globalThis.setTimeout;
globalThis.clearTimeout = ((id: number | null | undefined) => {
  const timer = timers.get(id ?? 0);
  if (timer !== undefined) clearWallTimer(timer.machine);
  timers.delete(id ?? 0);
}) as typeof globalThis.clearTimeout;

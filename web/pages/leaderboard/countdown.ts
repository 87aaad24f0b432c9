/**
 * How long until a challenge begins or ends, for whoever looks: its days are where each member is, so
 * it begins and ends at the viewer's own midnight, while its `state` speaks for everywhere.
 */
export interface Lasts {
  readonly from: string;
  readonly to: string;
  readonly state: "coming" | "running" | "over" | "final" | "ended";
}

export type Countdown =
  | { readonly to: "begin" | "end"; readonly ms: number }
  /** Over where the viewer is, while it still runs somewhere west of them. */
  | { readonly to: "elsewhere" }
  | null;

/** A day's midnight on the clock of this device. */
export function midnightMs(date: string, daysLater = 0): number {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  return new Date(year, month - 1, day + daysLater).getTime();
}

export function countdownOf({ from, to, state }: Lasts, nowMs: number): Countdown {
  if (state !== "coming" && state !== "running") return null;
  const beginMs = midnightMs(from);
  if (nowMs < beginMs) return { to: "begin", ms: beginMs - nowMs };
  const endMs = midnightMs(to, 1);
  return nowMs < endMs ? { to: "end", ms: endMs - nowMs } : { to: "elsewhere" };
}

const dayMs = 86_400_000;

/** "3 days 04:05:06", "04:05:06". */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const days = Math.floor((seconds * 1_000) / dayMs);
  const two = (n: number) => String(n).padStart(2, "0");
  const parts = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map(two).join(":");
  if (days === 0) return clock;
  return `${days} ${days === 1 ? "day" : "days"} ${clock}`;
}

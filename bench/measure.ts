/** What every bench reports, and the little arithmetic that they share. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly ratio: number;
  /** 90th over 10th percentile of the value: how noisy this run was. */
  readonly spread: number;
  readonly level: "in-process" | "emulator" | "extrapolated";
  readonly details?: Readonly<Record<string, number>>;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const rounded = (n: number): number => Number(n.toPrecision(4));

export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedMs = performance.now();
  const value = await work();
  return { ms: performance.now() - startedMs, value };
}

export const progress = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

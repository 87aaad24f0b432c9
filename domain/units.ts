/**
 * Quantities are integers in the smallest unit anyone reports (millimetres, milliseconds,
 * millicalories), so that sums never depend on order. Every conversion rounds once, here.
 */
export const metresToMm = (metres: number): number => Math.round(metres * 1000);
export const secondsToMs = (seconds: number): number => Math.round(seconds * 1000);
/** A dietary calorie (kcal) is a million millicalories. */
export const kcalToMcal = (kcal: number): number => Math.round(kcal * 1_000_000);

const mmPer: Readonly<Record<string, number>> = {
  m: 1000,
  km: 1_000_000,
  mi: 1_609_344,
  ft: 304.8,
  yd: 914.4,
  cm: 10,
  mm: 1,
};
const mcalPer: Readonly<Record<string, number>> = {
  kcal: 1_000_000,
  Cal: 1_000_000,
  cal: 1000,
  kJ: 1_000_000 / 4.184,
  J: 1000 / 4.184,
};

/** A length with its unit, in millimetres; null when the unit is none we know. */
export function lengthToMm(value: number, unit: string): number | null {
  return Object.hasOwn(mmPer, unit) ? Math.round(value * (mmPer[unit] ?? 0)) : null;
}

/** An energy with its unit, in millicalories; null when the unit is none we know. */
export function energyToMcal(value: number, unit: string): number | null {
  return Object.hasOwn(mcalPer, unit) ? Math.round(value * (mcalPer[unit] ?? 0)) : null;
}

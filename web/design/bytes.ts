/** A size as people read it: "900 bytes", "2.0 KiB". */
import { number } from "./format.ts";

const kib = 1_024;
const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

export function bytes(n: number): string {
  const step = n < kib ? 0 : Math.min(units.length - 1, Math.floor(Math.log(n) / Math.log(kib)));
  return `${number(n / kib ** step, step === 0 ? 0 : 1)} ${units[step]}`;
}

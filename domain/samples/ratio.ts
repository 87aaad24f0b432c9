/** Parts and quotients of integers, exact: rounded once, halves away from zero. */

/** `part` of `whole` of a value that is not negative. Grows with `part`; all of it is the value. */
export function shareOf(value: number, part: number, whole: number): number {
  const doubled = 2 * value * part + whole;
  if (doubled > Number.MAX_SAFE_INTEGER)
    return Number(quotient(BigInt(value) * BigInt(part), BigInt(whole)));
  return (doubled - (doubled % (2 * whole))) / (2 * whole);
}

export function quotient(numerator: bigint, denominator: bigint): bigint {
  const doubled = 2n * (numerator < 0n ? -numerator : numerator);
  const rounded = (doubled + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

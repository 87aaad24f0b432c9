/** What stands at the side of a chart that counts: whole numbers from zero on, evenly apart. Pure. */

/** Between zero and the top there is room for so many steps. */
const stepsMax = 5;
const niceSteps = [1, 2, 5];

/** Up to the first tick that nothing is above; values of one point stand on one another. */
export function countTicks(
  points: readonly Readonly<Record<string, number | null>>[],
): readonly number[] {
  const most = points.reduce((top, values) => {
    const sum = Object.values(values).reduce<number>((all, value) => all + (value ?? 0), 0);
    return Math.max(top, sum);
  }, 1);
  const step = stepTo(most);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

/** The least of 1, 2, 5, 10, 20, … with which so many steps are enough. */
function stepTo(most: number): number {
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(most / stepsMax)));
  const step = niceSteps.find((nice) => nice * magnitude * stepsMax >= most) ?? 10;
  return step * magnitude;
}

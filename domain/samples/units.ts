/**
 * Quantities as phones and devices state them, in the integers that a metric is kept in. Units are
 * UCUM's, HealthKit's and Health Connect's, and the words people use; they are told by case, because
 * a Cal is a thousand cal. Every conversion rounds once, here. What no body can have is refused.
 *
 * A percentage is ambiguous in the wild: HealthKit writes "%" and means 0 to 1. Here "%" is of a
 * hundred, always, and "fraction" or "1" is of one; who reads HealthKit's own names knows better.
 */
import { err, ok, type Result } from "../result.ts";
import { type Metric, metricOf } from "./metrics.ts";

/** What a metric is kept in = what is stated × `times` + `plus`. */
interface Conversion {
  readonly times: number;
  readonly plus: number;
}

const is = (times: number, words: string, plus = 0) =>
  words.split(" ").map((word) => [word, { times, plus }] as const);

/**
 * A mole of glucose weighs 180.156 g (PubChem, CID 5793), so that a mmol/L is 18.0156 mg/dL. Feet,
 * miles, pounds: the international ones (NIST SP 811, appendix B.8). A calorie is the thermochemical
 * one, 4.184 J; a mmHg is 133.322 387 415 Pa (both there, too).
 */
const mgDlPerMmolL = 18.0156;
const joules = 4.184;
const kPaPerMmHg = 0.133_322_387_415;
const kgPerLb = 0.453_592_37;
const perFahrenheit = 5 / 9;

/** By the unit that a metric is kept in. */
const conversions: Readonly<Record<string, ReadonlyMap<string, Conversion>>> = {
  "1": new Map(is(1, "1 count {count} {steps} steps step")),
  m: new Map([
    ...is(1, "m meter meters metre metres"),
    ...is(1000, "km kilometer kilometers kilometre kilometres"),
    ...is(1609.344, "mi [mi_i] mile miles"),
    ...is(0.3048, "ft [ft_i] foot feet"),
    ...is(0.9144, "yd [yd_i] yard yards"),
    ...is(0.0254, "in [in_i] inch inches"),
    ...is(0.01, "cm"),
    ...is(0.001, "mm"),
  ]),
  kcal: new Map([
    ...is(1, "kcal Cal [Cal] kilocalorie kilocalories"),
    ...is(0.001, "cal"),
    ...is(1 / joules, "kJ kilojoule kilojoules"),
    ...is(0.001 / joules, "J joule joules"),
  ]),
  "/min": new Map([
    ...is(1, "/min 1/min count/min {count}/min bpm beats/min {beats}/min"),
    ...is(1, "breaths/min {breaths}/min"),
    ...is(60, "/s 1/s count/s Hz"),
  ]),
  ms: new Map([...is(1, "ms millisecond milliseconds"), ...is(1000, "s sec second seconds")]),
  "%": new Map([...is(1, "% percent"), ...is(100, "1 fraction")]),
  "mg/dL": new Map([
    ...is(1, "mg/dL mg/dl milligramsPerDeciliter"),
    ...is(mgDlPerMmolL, "mmol/L mmol/l millimolesPerLiter"),
  ]),
  "mm[Hg]": new Map([...is(1, "mm[Hg] mmHg millimetersOfMercury"), ...is(1 / kPaPerMmHg, "kPa")]),
  Cel: new Map([
    ...is(1, "Cel degC °C C celsius"),
    ...is(perFahrenheit, "[degF] degF °F F fahrenheit", -32 * perFahrenheit),
    ...is(1, "K kelvin", -273.15),
  ]),
  kg: new Map([
    ...is(1, "kg kilogram kilograms"),
    ...is(0.001, "g gram grams"),
    ...is(kgPerLb, "lb lbs [lb_av] pound pounds"),
    ...is(kgPerLb / 16, "oz [oz_av] ounce ounces"),
    ...is(kgPerLb * 14, "st [stone_av] stone stones"),
  ]),
  s: new Map([
    ...is(1, "s sec second seconds"),
    ...is(60, "min minute minutes"),
    ...is(3600, "h hr hrs hour hours"),
    ...is(0.001, "ms millisecond milliseconds"),
  ]),
};

const conversionsOf = (metric: Metric): ReadonlyMap<string, Conversion> =>
  conversions[metricOf(metric).unit] ?? new Map();

/** HealthKit names what the mole is of by its weight: mmol<180.15588000005408>/L. */
const glucoseMole = /^mmol<180\.1\d{0,20}>\/L$/;

const conversionOf = (metric: Metric, unit: string): Conversion | undefined =>
  conversionsOf(metric).get(glucoseMole.test(unit) ? "mmol/L" : unit);

/** Every unit that a metric may be stated in. */
export const unitsOf = (metric: Metric): readonly string[] => [...conversionsOf(metric).keys()];

export type QuantityFault = "unknown-unit" | "not-a-number" | "impossible-value";

/** What a conversion of the range's own end may be off by, in integers of the scale. */
const slack = 0.001;

/** An integer in the metric's scale. A number beyond all numbers is impossible, and NaN is none. */
export function toScaled(
  metric: Metric,
  value: number,
  unit: string,
): Result<number, QuantityFault> {
  const conversion = conversionOf(metric, unit);
  if (conversion === undefined) return err("unknown-unit");
  if (Number.isNaN(value)) return err("not-a-number");
  const { range, scale } = metricOf(metric);
  const [least, most] = [range[0] * scale, range[1] * scale];
  const exact = (value * conversion.times + conversion.plus) * scale;
  if (!(exact >= least - slack && exact <= most + slack)) return err("impossible-value");
  // Of -0 it makes 0.
  return ok(Math.round(exact) + 0);
}

/** In the unit that the metric is shown in. */
export const fromScaled = (metric: Metric, n: number): number => n / metricOf(metric).scale;

/** In another unit that it may be stated in; null when it is none. */
export function fromScaledIn(metric: Metric, n: number, unit: string): number | null {
  const conversion = conversionOf(metric, unit);
  if (conversion === undefined) return null;
  return (fromScaled(metric, n) - conversion.plus) / conversion.times;
}

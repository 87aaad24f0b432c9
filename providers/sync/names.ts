/**
 * Which metric a sample is of, by our own name for it or by the one of HealthKit, Health Connect
 * (with and without its "Record") or Open mHealth. A name that stands for two metrics, as those of
 * blood pressure do, names none: each of the two is sent under its own.
 */
import { isMetric, type Metric, metricOf, metrics } from "../../domain/samples/metrics.ts";

function namesOf(metric: Metric): string[] {
  const { healthKit, healthConnect, openMHealth } = metricOf(metric);
  const names = [healthKit, healthConnect, healthConnect?.replace(/Record$/, ""), openMHealth];
  return names.filter((name) => typeof name === "string");
}

const named = new Map<string, Metric | null>();
for (const metric of metrics)
  for (const name of namesOf(metric)) named.set(name, named.has(name) ? null : metric);

export const metricNamed = (type: unknown): Metric | null => {
  if (typeof type !== "string") return null;
  return isMetric(type) ? type : (named.get(type) ?? null);
};

/** HealthKit's percentages are of one. */
export const isHealthKits = (type: unknown): boolean =>
  typeof type === "string" && type.startsWith("HK");

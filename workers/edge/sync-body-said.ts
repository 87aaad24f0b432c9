/**
 * What a phone may send to POST /v1/sync, in the words of /openapi.json, with an example that is taken
 * as it stands. The strict reading is `readSync` (providers/sync); here nothing is read.
 */
import { metrics, sleepStages } from "../../domain/samples/metrics.ts";
import { batchSamplesMax, deviceKinds } from "../../domain/samples/sample.ts";
import { workoutsABodyMax } from "../../providers/apple-health.ts";

const startDate = "2026-11-14T00:30:00+01:00";
const sourceDevice = { id: "watch-1", kind: "watch", model: "Watch7,1" };

export const syncExample = {
  device: { model: "iPhone17,1", os: "26.1" },
  workouts: [
    {
      uuid: "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001",
      workoutActivityType: "HKWorkoutActivityTypeRunning",
      startDate: "2026-11-13T18:00:00+01:00",
      endDate: "2026-11-13T18:30:00+01:00",
      duration: 1800,
      totalDistance: { value: 5.2, unit: "km" },
      sourceName: "Watch",
    },
  ],
  deleted: ["7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0002"],
  samples: [
    {
      type: "steps",
      value: 812,
      unit: "count",
      startDate: "2026-11-13T18:00:00+01:00",
      endDate: "2026-11-13T18:10:00+01:00",
      sourceDevice,
      uuid: "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0003",
      metadata: { version: 2 },
    },
    {
      type: "sleep",
      value: "deep",
      startDate,
      endDate: "2026-11-14T01:15:00+01:00",
      sourceDevice,
    },
    {
      type: "sleep",
      value: 20,
      unit: "min",
      stage: "rem",
      startDate: "2026-11-14T01:15:00+01:00",
      endDate: "2026-11-14T01:35:00+01:00",
      sourceDevice,
    },
    { type: "steps", startDate, uuid: "an-older-one", deleted: true },
  ],
} as const;

const listed = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ");

export const syncBodySaid = `An object with any of these lists; at least one of them.

- \`workouts\` (at most ${workoutsABodyMax}): \`uuid\`, \`workoutActivityType\`, \`startDate\`, \`endDate\`, \`duration\` in seconds, \`sourceName\`; if any \`totalDistance\` and \`totalEnergyBurned\` as \`{ value, unit }\`, \`sourceBundle\`, \`metadata\`, \`route: [{ t, lat, lon, alt? }]\`, \`heartRate: [{ t, bpm }]\`. \`device: { model, os }\` beside the list is the phone.
- \`deleted\` (at most ${workoutsABodyMax}): the \`uuid\`s of workouts.
- \`samples\` (at most ${batchSamplesMax}), each with
  - \`type\`: ${listed(metrics)}; or its name in HealthKit, Health Connect or Open mHealth.
  - \`value\`, a number, and its \`unit\`.
  - \`startDate\` and \`endDate\`, RFC 3339 with a zone; without \`endDate\` it is of a moment.
  - \`sourceDevice: { id, kind?, model? }\`, with the same \`id\` for the same thing always; \`kind\`: ${listed(deviceKinds)}.
  - if any \`sourceApp\`, \`uuid\`, and \`metadata\` with \`HKMetadataKeySyncIdentifier\` and \`HKMetadataKeySyncVersion\` (or \`version\`): a whole number, or its digits as text, at most 15; the greater one stands.
  - \`deleted: true\`: it is no more; then \`value\` is not needed, and with an id neither is \`sourceDevice\`.

Sleep is sent stage by stage: one sample each, with the stage as \`value\` (a \`unit\` beside it means nothing) or as \`stage\`: ${listed(sleepStages)}, or HealthKit's or Health Connect's word. It lasts as long as its times. A \`stage\` stands before one in \`value\`. A number as \`value\`, with its unit, says how long it was, counted from \`startDate\`: without a \`stage\` that is sleep and what is left until \`endDate\` is time awake; with one it is of that stage, and nothing is known of the rest. It may not be longer than its times, but for a minute. Time in bed alone measures nothing.

An example:

\`\`\`json
${JSON.stringify(syncExample, null, 2)}
\`\`\``;

/**
 * Why a sample was not taken, in words that stay as they are: clients act on a code. A message says
 * what to change, and never repeats what was sent. The last ones are the vault's to find. And why a
 * body was not taken as a whole: where it is wrong, and which rule is broken there.
 */
import { futureMsMax, sampleMsMax } from "../../domain/samples/sample.ts";

/** Of a device and of a record, as their source names them. */
export const deviceIdCharsMax = 200;
export const recordIdCharsMax = 64;
export const syncIdentifierCharsMax = 200;

const hours = (ms: number) => `${ms / 3_600_000} h`;

export const sampleFaults = {
  "not-an-object": "A sample is an object.",
  "duplicate-key": "A name stands twice in this sample, so what it says is not certain.",
  "unknown-type": "No such type of sample is known, or the name stands for more than one.",
  "unknown-unit": "This type of sample has no such unit.",
  "not-a-number": "The value has to be a number, or a stage for sleep.",
  "impossible-value": "The value is outside of what is possible.",
  "unknown-stage": "No such stage of sleep is known.",
  "not-measured": "This says that nothing was measured, such as time in bed alone.",
  "no-start": "startDate has to be a time as of RFC 3339.",
  "no-end": "endDate has to be a time as of RFC 3339, or absent.",
  "no-zone": "A time needs its zone: an offset or Z.",
  "end-before-start": "It ends before it starts.",
  "too-long": `It lasts longer than ${hours(sampleMsMax)}.`,
  "in-future": `It lies more than ${hours(futureMsMax)} ahead of now.`,
  "no-device": "sourceDevice is missing.",
  "bad-device": `sourceDevice needs an id of at most ${deviceIdCharsMax} characters and, if any, a kind and a model that are text.`,
  "unknown-device-kind": "No such kind of device is known.",
  "bad-uuid": `uuid has to be of at most ${recordIdCharsMax} letters, digits, dots, hyphens and underscores.`,
  "bad-metadata": `metadata has to be an object, a sync identifier in it a text of at most ${syncIdentifierCharsMax} characters, and a version a whole number, 0 or more, of at most 15 digits if it is text.`,
  "bad-deleted": "deleted has to be true or false.",
  "not-your-device": "This device is not one of yours.",
  "too-many-in-a-day": "There are more records of this type on its day than are kept.",
  forgotten: "This was erased. It is not taken until you lift that for the connection.",
} as const satisfies Readonly<Record<string, string>>;

export type SampleFault = keyof typeof sampleFaults;

export const faultMessage = (code: SampleFault): string => sampleFaults[code];

export const bodyFaults = {
  "not-an-object": { field: "body", rule: "invalid_type" },
  "too-deep": { field: "body", rule: "too-deep" },
  "no-list": { field: "body.samples", rule: "invalid_type" },
  "too-many-samples": { field: "body.samples", rule: "too_big" },
  "too-many-workouts": { field: "body.workouts", rule: "too_big" },
  "too-many-deleted": { field: "body.deleted", rule: "too_big" },
  "twofold-samples": { field: "body.samples", rule: "duplicate-key" },
  "twofold-workouts": { field: "body.workouts", rule: "duplicate-key" },
  "twofold-deleted": { field: "body.deleted", rule: "duplicate-key" },
  "twofold-device": { field: "body.device", rule: "duplicate-key" },
  "twofold-name": { field: "body", rule: "duplicate-key" },
} as const satisfies Readonly<Record<string, { readonly field: string; readonly rule: string }>>;

export type BodyFault = keyof typeof bodyFaults;

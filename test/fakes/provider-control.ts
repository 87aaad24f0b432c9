/** The driver's own endpoints: what a script in another process may do to the fake provider. */

import type { FakeProvider, Operation } from "./provider.ts";
import { type Answer, type Asked, answer, jsonOf } from "./provider-answer.ts";
import type { ExercisePoint, HeartRateSample } from "./provider-data.ts";
import { isWorkoutProvider, type Served } from "./provider-workouts.ts";

interface Ordered {
  readonly account?: unknown;
  readonly url?: string;
  readonly exercises?: ExercisePoint[];
  readonly heartRate?: HeartRateSample[];
  readonly workouts?: Served[];
  readonly delete?: string[];
  /** Of Strava's activities by id: how often their streams are answered with nothing. */
  readonly withhold?: Readonly<Record<string, number>>;
  readonly permissions?: string[];
  readonly operation?: Operation;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly recordId?: string | null;
}

export async function control(fake: FakeProvider, asked: Asked): Promise<Answer> {
  const body = jsonOf(asked) as Ordered | null;
  if (asked.method !== "POST" || body === null)
    return answer(400, { error: "a JSON body is needed" });
  const account = String(body.account ?? "");
  switch (asked.url.pathname) {
    case "/control/google-health":
      for (const point of body.exercises ?? []) fake.setExercise(account, point);
      if (body.heartRate !== undefined) fake.setHeartRate(account, body.heartRate);
      for (const id of body.delete ?? []) fake.deleteExercise(account, id);
      return answer(200, { exercises: fake.exercises(account).length });
    case "/control/garmin":
      if (body.permissions !== undefined) fake.garmin.setPermissions(account, body.permissions);
      return answer(200, { permissions: fake.garmin.permissionsOf(account) });
    case "/control/notify": {
      const { operation = "UPSERT", fromMs = 0, toMs = 0, recordId } = body;
      const notice = JSON.stringify(
        fake.notification(account, operation, fromMs, toMs, recordId ?? undefined),
      );
      return answer(200, { body: notice, signature: await fake.sign(notice) });
    }
    case "/control/authorize": {
      const location = fake.authorise(body.url ?? "", account);
      return location === null
        ? answer(400, { error: "not an address" })
        : answer(200, { location });
    }
    case "/control/faults":
      fake.faults = body as FakeProvider["faults"];
      return answer(200, fake.faults);
    default:
      return controlWorkouts(fake, asked.url.pathname.slice("/control/".length), account, body);
  }
}

/** Of the providers that are played by their workouts, each by its own name. */
function controlWorkouts(
  fake: FakeProvider,
  name: string,
  account: string,
  { workouts = [], delete: gone = [], withhold = {} }: Ordered,
): Answer {
  if (!isWorkoutProvider(name)) return answer(404, { error: "no such control" });
  for (const [id, times] of Object.entries(withhold)) fake.strava.withholdStreams(id, times);
  for (const record of workouts) fake.setWorkout(name, account, record);
  for (const id of gone) fake.deleteWorkout(name, account, id);
  return answer(200, { workouts: fake.workouts(name, account).length });
}

/** Delivering as each provider does: Garmin pushes, Google notifies, a phone syncs. */
import { appleBody, garminBody } from "../test/fakes/rides.ts";
import { type Answer, call, type Person } from "./people.ts";
import type { System } from "./system.ts";

/** Garmin's push to its secret path. */
export const pushGarmin = (system: System, body: unknown, key?: string): Promise<Answer> =>
  call(system.url, "POST", `/webhooks/garmin/${key ?? system.secrets.garminPathKey}`, { body });

export const pushActivities = (
  system: System,
  ...items: Parameters<typeof garminBody>
): Promise<Answer> => pushGarmin(system, garminBody(...items));

/** Google's signed notice that an account's exercises changed in this time. */
export async function notifyGoogle(
  system: System,
  account: string,
  fromMs: number,
  toMs: number,
  gone?: string,
): Promise<Answer> {
  const operation = gone === undefined ? "UPSERT" : "DELETE";
  const notice = system.provider.notification(account, operation, fromMs, toMs, gone);
  const body = JSON.stringify(notice);
  return call(system.url, "POST", "/webhooks/google-health", {
    body,
    headers: {
      authorization: system.secrets.googleAuthorization,
      "google-health-api-signature": await system.provider.sign(body),
    },
  });
}

/** A phone's batch under its idempotency key. */
export const syncPhone = (
  system: System,
  person: Person,
  key: string,
  workouts: Parameters<typeof appleBody>[0],
  deleted: readonly string[] = [],
): Promise<Answer> =>
  call(system.url, "POST", "/v1/sync", {
    token: person.token,
    headers: { "idempotency-key": key },
    body: appleBody(workouts, deleted),
  });

/** Asks again until the answer satisfies; undefined when it never does. */
export async function until<T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
  { tries = 200, everyMs = 50 } = {},
): Promise<T | undefined> {
  for (let i = 0; i < tries; i++) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    await new Promise((done) => setTimeout(done, everyMs));
  }
  return undefined;
}

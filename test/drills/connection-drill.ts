/** What drills on connections share: how one is doing, rides that a provider holds, and its log. */
import { expect } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { call, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { SeenRequest } from "../fakes/provider.ts";
import { googleExercise, type Ride } from "../fakes/rides.ts";
import type { Athlete } from "../system/support.ts";
import { rideOf, withinAMinute } from "./drill.ts";

export const googleLists = "/v4/users/me/dataTypes/exercise/dataPoints";

/** As GET /v1/connections shows it. */
export interface Shown {
  readonly id: string;
  readonly provider: string;
  readonly status: string;
  readonly why: string | null;
  readonly backfill: { readonly state: string; readonly percent: number } | null;
  readonly lastReceived: string | null;
  readonly lastChecked: string | null;
  readonly unconfirmed: readonly string[];
}

export async function shownOf(
  system: System,
  who: Person,
  provider = "google-health",
): Promise<Shown | undefined> {
  const { body } = await call(system.url, "GET", "/v1/connections", { token: who.token });
  return body.items.find((one: Shown) => one.provider === provider);
}

/** State and reason within a minute; else what they were last. */
export async function expectState(
  system: System,
  who: Person,
  status: string,
  why: string | null,
  provider = "google-health",
): Promise<void> {
  const last = await withinAMinute(
    () => shownOf(system, who, provider),
    (shown) => shown?.status === status && shown.why === why,
  );
  expect({ status: last?.status, why: last?.why }).toEqual({ status, why });
}

/** Linked, its history looked for, and nothing left to do. */
export async function quiet(
  system: System,
  who: Person,
  provider = "google-health",
): Promise<void> {
  const isQuiet = (shown: Shown | undefined) =>
    shown?.status === "connected" && ["done", "refused"].includes(shown.backfill?.state ?? "done");
  const last = await withinAMinute(() => shownOf(system, who, provider), isQuiet);
  expect(last).toSatisfy(isQuiet);
}

/** A ride that Google holds of theirs, with its heart rate. */
export function recordAtGoogle(system: System, who: Athlete, ride: Ride): Ride {
  const told = googleExercise({ ...ride, account: who.google });
  system.provider.setExercise(who.google, told.point);
  system.provider.setHeartRate(who.google, told.heartRate);
  return ride;
}

/** Their nth ride, recorded at Google and announced; the status of the answer. */
export async function announce(system: System, who: Athlete, n: number): Promise<number> {
  const { startMs } = recordAtGoogle(system, who, rideOf(who, n));
  return (await notifyGoogle(system, who.google, startMs, startMs + 3_600_000)).status;
}

/** What the provider was asked with this account's tokens. */
export const askedOf = (system: System, account: string): SeenRequest[] =>
  system.provider.requests.filter((request) => request.account === account);

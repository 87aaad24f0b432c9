/** A telling as its teller sends it: a push, a signed event, a phone's batch. Once to its 2xx. */
import { deliverSigned, pushActivities, syncPhone } from "../../local/deliveries.ts";
import { expectStatus } from "../../local/people.ts";
import { appleWorkout, garminActivity, type Ride as RideTold } from "../../test/fakes/rides.ts";
import type { Deployment } from "./deployment.ts";
import type { Athlete } from "./people.ts";
import type { Telling } from "./rides.ts";

const correctedBy = 1.03;

export async function tell(
  { system, nowMs }: Deployment,
  athlete: Athlete,
  telling: Telling,
  everySeconds?: number,
): Promise<void> {
  const { ride, teller, correction } = telling;
  const stretch = correction === 0 ? 1 : correctedBy;
  const told = (account: string, id: string, lateS: number, share: number): RideTold => ({
    account,
    id,
    startMs: ride.startMs + lateS * 1000,
    elapsedSeconds: ride.elapsedSeconds,
    distanceM: Math.round(ride.distanceM * share * stretch),
  });
  switch (teller) {
    case "garmin": {
      const item = garminActivity(told(athlete.garmin, String(70_000_000 + ride.id), 0, 1));
      expectStatus(await pushActivities(system, item), 200);
      return;
    }
    case "sender": {
      const of = told(athlete.sender, `ride-${ride.id}`, 7, 1.01);
      const body = event(athlete.sender, of, correction, nowMs, everySeconds);
      const id = `msg_${ride.id}_${correction}`;
      const answer = await deliverSigned(system, "standard-webhooks", body, { atMs: nowMs, id });
      expectStatus(answer, 200);
      return;
    }
    case "phone": {
      const of = told("", uuidOf(ride.id), 20, 0.99);
      const workout = { ...appleWorkout(of), route: [], heartRate: [] };
      const key = `sync-${ride.id}-${correction}`;
      expectStatus(await syncPhone(system, athlete, key, [workout]), 200);
    }
  }
}

const uuidOf = (id: number): string => `5A3B11E0-0000-4000-8000-${String(id).padStart(12, "0")}`;

/** `everySeconds`: between beats of its series; absent: it has none. */
function event(
  account: string,
  ride: RideTold,
  revision: number,
  nowMs: number,
  everySeconds: number | undefined,
): object {
  const endMs = ride.startMs + ride.elapsedSeconds * 1000;
  const beats = everySeconds === undefined ? 0 : Math.floor(ride.elapsedSeconds / everySeconds);
  const heartRate = Array.from({ length: beats }, (_, i) => ({
    t: ride.startMs + i * (everySeconds ?? 1) * 1000,
    bpm: 120 + ((i * 7) % 50),
  }));
  const workout = {
    id: ride.id,
    revision,
    startedAt: new Date(ride.startMs).toISOString(),
    endedAt: new Date(endMs).toISOString(),
    zone: "Europe/Amsterdam",
    movingSeconds: ride.elapsedSeconds,
    type: "road_cycling",
    distanceMeters: ride.distanceM,
    energyKilocalories: Math.round(ride.distanceM / 45),
    elevationGainMeters: 120,
    method: "device",
    deviceModel: "Suunto Vertical",
    app: "suunto",
    title: "Morning ride",
    ...(beats === 0 ? {} : { heartRate }),
  };
  const timestamp = new Date(nowMs).toISOString();
  return { type: "workouts.upserted", timestamp, data: { account, workouts: [workout] } };
}

/** A system of its own in a folder of its own, gone afterwards. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, call, enrol, link, type Person } from "../../local/people.ts";
import { type System, type SystemOptions, startSystem } from "../../local/system.ts";
import { copyMigrated } from "./migrated.ts";

export interface OwnSystem {
  readonly system: System;
  readonly state: string;
  end(): Promise<void>;
}

export async function ownSystem(options: Omit<SystemOptions, "state"> = {}): Promise<OwnSystem> {
  const state = await mkdtemp(join(tmpdir(), "singlet-test-"));
  const isMigrated = await copyMigrated(join(state, "storage"));
  const system = await startSystem({ state, isMigrated, ...options });
  return {
    system,
    state,
    async end() {
      await system.close();
      await rm(state, { recursive: true, force: true });
    },
  };
}

export interface Athlete extends Person {
  readonly garmin: string;
  readonly google: string;
}

/** A member on the boards with an account at both providers, all named after `key`. */
export async function athlete(system: System, key: string): Promise<Athlete> {
  const settings = { zone: "Europe/Amsterdam", onBoards: true };
  const person = await enrol(system, `subject-${key}`, `Name ${key}`, ["member"], settings);
  const garmin = `garmin-account-${key}`;
  const google = `google-account-${key}`;
  for (const [provider, account] of [
    ["garmin", garmin],
    ["google-health", google],
  ] as const) {
    const linked = await link(system, person, provider, account);
    if (linked.status !== 201) throw new Error(`linking ${provider}: ${linked.status}`);
  }
  return { ...person, garmin, google };
}

export interface BoardEntry {
  readonly rank: number;
  readonly member: string;
  readonly score: number;
}

/** A member's score on a board; null when they are not on it. */
export async function scoreOn(
  system: System,
  board: string,
  period: string,
  member: string,
): Promise<number | null> {
  const { body } = await call(
    system.url,
    "GET",
    `/v1/leaderboards/${board}?period=${period}&limit=100`,
  );
  return body.items.find((e: BoardEntry) => e.member === member)?.score ?? null;
}

// biome-ignore lint/suspicious/noExplicitAny: the documented shape of a workout.
export async function workoutsOf(system: System, person: Person): Promise<any[]> {
  const { body } = await call(system.url, "GET", "/v1/workouts?limit=200", { token: person.token });
  return body.items;
}

/** Heart-rate samples of a workout as its own member reads them, page by page; null: there are none. */
export async function heartRateOf(
  system: System,
  person: Person,
  workout: string,
): Promise<{ t: string; bpm: number }[] | null> {
  const path = `/v1/members/${person.id}/readings/heart_rate?workout=${workout}`;
  const samples: { t: string; bpm: number }[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { status, body } = await call(system.url, "GET", path + page, { token: person.token });
    if (status !== 200) return null;
    samples.push(...body.readings.flatMap((r: { value: typeof samples }) => r.value));
    cursor = body.next;
  }
  return samples;
}

/** The database that keeps this member's sealed readings, consents and log. */
export async function phiOf({ runtime }: System, { id }: Person) {
  const directory = await runtime.mf.getD1Database("DIRECTORY", "singlet-vault");
  const placed = await directory
    .prepare("SELECT shard FROM placement WHERE member = ?")
    .bind(id)
    .first<{ shard: number }>();
  if (placed === null) throw new Error("the member has no place");
  return runtime.mf.getD1Database(`PHI_${placed.shard}`, "singlet-vault");
}

/** Asking as somebody does. */
export const as = (system: System, { token }: Person) => ({
  get: (path: string): Promise<Answer> => call(system.url, "GET", path, { token }),
  post: (path: string, body?: unknown): Promise<Answer> =>
    call(system.url, "POST", path, { token, ...(body === undefined ? {} : { body }) }),
  remove: (path: string): Promise<Answer> => call(system.url, "DELETE", path, { token }),
  /** Where an address leads, not followed. */
  async leads(path: string): Promise<{ status: number; to: string | null }> {
    const headers = { authorization: `Bearer ${token}` };
    const { status, headers: said } = await fetch(`${system.url}${path}`, {
      headers,
      redirect: "manual",
    });
    return { status, to: said.get("location") };
  },
});

/**
 * What is asked, seeded: what members do in a day as docs/capacity.md assumes it, its writes and its
 * reads apart. Each member's workouts come by Garmin's push or from their phone, by one of the two
 * alone, and no two overlap: so every fact is a workout of its own, known by its start.
 */
import { createHash } from "node:crypto";
import { enrol, link, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleBody, appleWorkout, garminActivity, garminBody } from "../fakes/rides.ts";
import type { Chance } from "../oracle/chance.ts";

export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of a write: the fact that it tells. */
  readonly fact?: string;
}

export interface Member extends Person {
  readonly account: string;
  readonly by: "push" | "phone";
  /** Workouts told of so far. */
  told: number;
  readonly sent: Asked[];
}

/** Between two starts; the longest workout and a pause. */
const slotMs = 30 * 60_000;
const daysBack = 2;
const msPerDay = 86_400_000;
const secondsLeast = 600;
const secondsMost = 1_200;
/** Of a hundred deliveries so many say again what was said: docs/capacity.md assumes 1.08 a fact. */
const repeatsIn100 = 8;
/** Of those that may be said again, so many are remembered. */
const rememberedMax = 50;
/** In a day: 20 polls of a board's page, 2 looks at one's own place, 3 other requests. */
const looksInADay = [
  ...Array<"page">(20).fill("page"),
  ...Array<"place">(2).fill("place"),
  ...(["workouts", "me", "connections"] as const),
];

export const factOf = (member: string, startMs: number): string => `${member} ${startMs}`;

/** An id as a phone makes one, the same for the same text. */
const uuidOf = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");

/** Who takes part, and by what secret the provider's door is found. */
export interface Party {
  readonly members: readonly Member[];
  readonly pathKey: string;
}

/** So many members, signed up, every other one linked. Throws when one is not. */
export async function partyOf(system: System, count: number): Promise<Party> {
  const members: Member[] = [];
  for (let n = 0; n < count; n++) {
    const settings = { zone: "Europe/Amsterdam", onBoards: true };
    const person = await enrol(system, `load-${n}`, `Member ${n}`, ["member"], settings);
    const account = `load-account-${n}`;
    const by = n % 2 === 0 ? "push" : "phone";
    if (by === "push") {
      const { status } = await link(system, person, "garmin", account);
      if (status !== 201) throw new Error(`linking was answered ${status}`);
    }
    members.push({ ...person, account, by, told: 0, sent: [] });
  }
  return { members, pathKey: system.secrets.garminPathKey };
}

export class Traffic {
  readonly members: readonly Member[];
  readonly #pathKey: string;
  readonly #chance: Chance;
  readonly #firstMs: number;

  /** `nowMs`: every workout begins before its day. */
  constructor({ members, pathKey }: Party, chance: Chance, nowMs: number) {
    this.members = members;
    this.#pathKey = pathKey;
    this.#chance = chance;
    this.#firstMs = Math.floor(nowMs / msPerDay - daysBack) * msPerDay;
  }

  /** A workout that was not told yet, or now and then one that was. */
  write(): Asked {
    const member = this.#chance.pick(this.members);
    if (member.sent.length > 0 && this.#chance.in100(repeatsIn100))
      return this.#chance.pick(member.sent);
    const startMs = this.#firstMs - member.told++ * slotMs;
    const elapsedSeconds = this.#chance.whole(secondsLeast, secondsMost);
    const distanceM = this.#chance.whole(2_000, 8_000);
    const of = { account: member.account, startMs, elapsedSeconds, distanceM };
    const asked = this.#told(member, { ...of, everySeconds: secondsMost });
    member.sent.push(asked);
    if (member.sent.length > rememberedMax) member.sent.shift();
    return asked;
  }

  #told(member: Member, ride: Omit<Parameters<typeof garminActivity>[0], "id">): Asked {
    const fact = factOf(member.id, ride.startMs);
    const headers = { "content-type": "application/json" };
    if (member.by === "push") {
      const id = String(ride.startMs / 1_000) + member.account.replace(/\D/g, "").padStart(4, "0");
      const body = JSON.stringify(garminBody(garminActivity({ ...ride, id })));
      const path = `/webhooks/garmin/${this.#pathKey}`;
      return { method: "POST", path, headers, body, fact };
    }
    const body = JSON.stringify(appleBody([appleWorkout({ ...ride, id: uuidOf(fact) })]));
    const authorization = `Bearer ${member.token}`;
    const own = { ...headers, authorization, "idempotency-key": uuidOf(`key of ${fact}`) };
    return { method: "POST", path: "/v1/sync", headers: own, body, fact };
  }

  read(): Asked {
    const member = this.#chance.pick(this.members);
    const own = { authorization: `Bearer ${member.token}` };
    const look = (path: string, headers: Asked["headers"] = own): Asked => ({
      ...{ method: "GET", path, headers, body: "" },
    });
    switch (this.#chance.pick(looksInADay)) {
      case "page":
        return look("/v1/leaderboards/distance?period=all&limit=50", {});
      case "place":
        return look("/v1/leaderboards/distance/me?period=all");
      case "workouts":
        return look("/v1/workouts?limit=20");
      case "me":
        return look("/v1/me");
      case "connections":
        return look("/v1/connections");
    }
  }
}

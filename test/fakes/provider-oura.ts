/**
 * The fake provider's Oura: who an account is, its workouts by their days, and heart rate by the
 * instant; and the app's subscriptions, of which each new one greets its address with the agreed word
 * and a challenge, and is made only when that is said back.
 */
import { randomUUID } from "node:crypto";
import { type Answer, type Asked, answer, jsonOf } from "./provider-answer.ts";
import type { Workouts } from "./provider-workouts.ts";

export const ouraPaths = ["/v2/usercollection/"] as const;
export const ouraAppPaths = ["/v2/webhook/subscription"] as const;
const collection = "/v2/usercollection/";
const dayMs = 86_400_000;
const livesMs = 90 * dayMs;

export interface OuraSubscription {
  readonly id: string;
  readonly callback_url: string;
  readonly event_type: string;
  readonly data_type: string;
  readonly expiration_time: string;
}
export interface Beat {
  readonly timestamp: string;
  readonly bpm: number;
}

export class OuraSide {
  readonly #workouts: Workouts;
  readonly #beats = new Map<string, readonly Beat[]>();
  readonly #subscriptions = new Map<string, OuraSubscription>();

  constructor(workouts: Workouts) {
    this.#workouts = workouts;
  }

  setHeartRate(account: string, beats: readonly Beat[]): void {
    this.#beats.set(account, beats);
  }

  get subscriptions(): OuraSubscription[] {
    return [...this.#subscriptions.values()];
  }

  serve(account: string, { method, url }: Asked): Answer {
    const what = url.pathname.slice(collection.length);
    const query = url.searchParams;
    if (method !== "GET") return answer(405, { detail: "not allowed" });
    if (what === "personal_info") return answer(200, { id: account, age: 30 });
    if (what === "workout") return this.#listed(account, query);
    if (what === "heartrate") return this.#beaten(account, query);
    const id = what.startsWith("workout/") ? what.slice("workout/".length) : "";
    const found = this.#workouts.one(account, id);
    return found === undefined ? answer(404, { detail: "not found" }) : answer(200, found);
  }

  /** Days are taken as UTC's, the last one included. */
  #listed(account: string, query: URLSearchParams): Answer {
    const from = Date.parse(`${query.get("start_date")}T00:00:00Z`);
    const to = Date.parse(`${query.get("end_date")}T00:00:00Z`) + dayMs - 1;
    if (Number.isNaN(from) || Number.isNaN(to)) return answer(400, { detail: "bad dates" });
    return answer(200, { data: this.#workouts.list(account, from, to), next_token: null });
  }

  #beaten(account: string, query: URLSearchParams): Answer {
    const from = Date.parse(query.get("start_datetime") ?? "");
    const to = Date.parse(query.get("end_datetime") ?? "");
    if (Number.isNaN(from) || Number.isNaN(to)) return answer(400, { detail: "bad times" });
    const within = ({ timestamp }: Beat) =>
      Date.parse(timestamp) >= from && Date.parse(timestamp) <= to;
    const data = (this.#beats.get(account) ?? []).filter(within);
    return answer(200, { data, next_token: null });
  }

  /** With the app's own id and secret in headers, and no member's token. */
  async serveApp(asked: Asked): Promise<Answer> {
    if (asked.header("x-client-id") === "" || asked.header("x-client-secret") === "")
      return answer(401, { detail: "who asks?" });
    const { method, url } = asked;
    const [first = "", second = ""] = url.pathname.split("/").slice(4);
    if (method === "GET" && first === "") return answer(200, this.subscriptions);
    if (method === "POST" && first === "") return this.#make(randomUUID(), jsonOf(asked));
    if (method === "PUT" && first === "renew") return this.#renew(second);
    const isKnown = this.#subscriptions.has(first);
    if (!isKnown) return answer(404, { detail: "not found" });
    if (method === "PUT") return this.#make(first, jsonOf(asked));
    if (method === "DELETE") this.#subscriptions.delete(first);
    return answer(method === "DELETE" ? 200 : 405, {});
  }

  #renew(id: string): Answer {
    const found = this.#subscriptions.get(id);
    if (found === undefined) return answer(404, { detail: "not found" });
    return this.#keep(found);
  }

  async #make(id: string, body: Record<string, unknown> | null): Promise<Answer> {
    const { callback_url, verification_token, event_type, data_type } = body ?? {};
    const texts = [callback_url, verification_token, event_type, data_type];
    if (texts.some((text) => typeof text !== "string" || text === ""))
      return answer(422, { detail: "a field is missing" });
    const isTwice = this.subscriptions.some(
      (one) => one.id !== id && one.event_type === event_type && one.data_type === data_type,
    );
    if (isTwice) return answer(409, { detail: "there is one" });
    if (!(await saysItBack(String(callback_url), String(verification_token))))
      return answer(400, { detail: "the address did not answer the challenge" });
    const said = { callback_url, event_type, data_type } as Record<string, string>;
    return this.#keep({ id, expiration_time: "", ...said } as OuraSubscription);
  }

  #keep(one: OuraSubscription): Answer {
    const expiration_time = new Date(Date.now() + livesMs).toISOString();
    const kept = { ...one, expiration_time };
    this.#subscriptions.set(one.id, kept);
    return answer(201, kept);
  }
}

async function saysItBack(address: string, word: string): Promise<boolean> {
  const challenge = randomUUID();
  const url = new URL(address);
  if (url.hostname !== "127.0.0.1") return false;
  url.searchParams.set("verification_token", word);
  url.searchParams.set("challenge", challenge);
  const said = await fetch(url);
  const json = (await said.json().catch(() => null)) as { challenge?: unknown } | null;
  return said.status === 200 && json?.challenge === challenge;
}

/**
 * Three subscriptions of the app's: to workouts made, changed and deleted, for every account alike.
 * Each ends after some ninety days, and is renewed two weeks ahead; one that points elsewhere is set
 * anew, which has Oura greet the address again.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import { faultOf } from "../answers.ts";
import type { PageFault, Subscription, SubscriptionSetup } from "../provider.ts";
import { type Fields, fieldsOf, jsonOf, momentOf } from "../untrusted.ts";
import { idOf, workout } from "./notices.ts";

const path = "/v2/webhook/subscription";
const events = ["create", "update", "delete"] as const;
const renewAheadMs = 14 * msPerDay;

const wanted = ({ webhookUrl, verification }: SubscriptionSetup, event: string) => ({
  callback_url: webhookUrl,
  verification_token: verification,
  event_type: event,
  data_type: workout,
});

export const subscription: Subscription = {
  needs: ["signing", "verification"],
  appPaths: [path],
  look: () => ({ method: "GET", path, query: {} }),
  judge(setup, reply) {
    const found = listedIn(reply);
    if (!found.ok) return found;
    let until = Number.MAX_SAFE_INTEGER;
    for (const event of events) {
      const one = found.value.find((s) => s.event_type === event && s.data_type === workout);
      const judged = judgeOne(setup, event, one);
      if (!judged.ok) return judged;
      if (typeof judged.value !== "number") return ok(judged.value);
      until = Math.min(until, judged.value);
    }
    return ok({ active: true, until });
  },
};

/** When it ends, or what mends it. */
function judgeOne(
  setup: SubscriptionSetup,
  event: string,
  one: Fields | undefined,
): Result<Instant | AppRequest, PageFault> {
  if (one === undefined) return ok({ method: "POST", path, query: {}, json: wanted(setup, event) });
  const id = idOf(one.id);
  const end = momentOf(one.expiration_time);
  const ended = end === "no-zone" ? momentOf(`${one.expiration_time}Z`) : end;
  if (id === null || ended === null || ended === "no-zone") return err("broken");
  if (one.callback_url !== setup.webhookUrl)
    return ok({ method: "PUT", path: `${path}/${id}`, query: {}, json: wanted(setup, event) });
  if (ended.atMs <= setup.nowMs + renewAheadMs)
    return ok({ method: "PUT", path: `${path}/renew/${id}`, query: {} });
  return ok(ended.atMs);
}

/** What is said of the app is never a member's to mend. */
function listedIn(reply: ProviderReply): Result<readonly Fields[], PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault === "again" || fault === "broken" ? fault : "refused");
  const json = jsonOf(reply.body);
  return Array.isArray(json) ? ok(json.map(fieldsOf)) : err("broken");
}

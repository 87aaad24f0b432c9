/**
 * Subscriptions of the app's, one for each type and event, for every account alike: to workouts made,
 * changed and deleted, and to what feeds the samples made and changed; heart rate comes too often, and
 * is read with the rest. Each ends after some ninety days, and is renewed two weeks ahead; one that points elsewhere is set
 * anew, which has Oura greet the address again.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import { faultOf } from "../answers.ts";
import type { PageFault } from "../provider.ts";
import type { Subscription, SubscriptionSetup } from "../subscribe.ts";
import { type Fields, fieldsOf, jsonOf, momentOf } from "../untrusted.ts";
import { dailyActivity, dailyOxygen, idOf, sleep, workout } from "./notices.ts";

const path = "/v2/webhook/subscription";
/** The workouts first: what there are no subscriptions left for is not theirs. */
const subscribed: readonly (readonly [type: string, event: string])[] = [
  ...["create", "update", "delete"].map((event) => [workout, event] as const),
  ...[sleep, dailyActivity, dailyOxygen].flatMap((type) =>
    ["create", "update"].map((event) => [type, event] as const),
  ),
];
const renewAheadMs = 14 * msPerDay;

type Subscribed = (typeof subscribed)[number];

const wanted = ({ webhookUrl, verification }: SubscriptionSetup, [type, event]: Subscribed) => ({
  callback_url: webhookUrl,
  verification_token: verification,
  event_type: event,
  data_type: type,
});

export const subscription: Subscription = {
  needs: ["signing", "verification"],
  appPaths: [path],
  look: () => ({ method: "GET", path, query: {} }),
  judge(setup, reply) {
    const found = listedIn(reply);
    if (!found.ok) return found;
    let until = Number.MAX_SAFE_INTEGER;
    for (const wantedOne of subscribed) {
      const [type, event] = wantedOne;
      const one = found.value.find((s) => s.event_type === event && s.data_type === type);
      const judged = judgeOne(setup, wantedOne, one);
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
  of: Subscribed,
  one: Fields | undefined,
): Result<Instant | AppRequest, PageFault> {
  if (one === undefined) return ok({ method: "POST", path, query: {}, json: wanted(setup, of) });
  const id = idOf(one.id);
  const end = momentOf(one.expiration_time);
  const ended = end === "no-zone" ? momentOf(`${one.expiration_time}Z`) : end;
  if (id === null || ended === null || ended === "no-zone") return err("broken");
  if (one.callback_url !== setup.webhookUrl)
    return ok({ method: "PUT", path: `${path}/${id}`, query: {}, json: wanted(setup, of) });
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

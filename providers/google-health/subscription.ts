/**
 * The one subscriber of a project: where Google sends its notices, for every user who granted the
 * scopes (AUTOMATIC, so there is nothing per user). It is looked up, made when it is missing, and
 * set anew when it points elsewhere, misses a type or is not active: an endpoint that fails for long
 * is switched off, and setting it anew has Google greet the endpoint again. The secret is write-only:
 * a changed one goes unseen here until the subscriber is deleted, or set anew for another reason.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { PageFault } from "../provider.ts";
import type { Subscription, SubscriptionSetup } from "../subscribe.ts";
import { type Fields, fieldsOf, isFields, jsonOf } from "../untrusted.ts";
import { faultIn } from "./pull.ts";
import { announced } from "./types.ts";
import { exercise } from "./values.ts";

const subscriberId = "singlet";
/** All that notices are sent for and something is read of (developers.google.com/health/webhooks). */
const subscribed: readonly string[] = [exercise, ...announced];
/** The most that Google lists at once; a project has a handful. */
const listed = "1000";

const pathOf = (project: string) => `/v4/projects/${encodeURIComponent(project)}/subscribers`;

/** What is to be there. */
const wanted = ({ webhookUrl, secret }: SubscriptionSetup) => ({
  endpointUri: webhookUrl,
  subscriberConfigs: [{ dataTypes: subscribed, subscriptionCreatePolicy: "AUTOMATIC" }],
  endpointAuthorization: { secret },
});

const create = (setup: SubscriptionSetup): AppRequest => ({
  method: "POST",
  path: pathOf(setup.project),
  query: { subscriberId },
  json: wanted(setup),
});

const setAnew = (setup: SubscriptionSetup): AppRequest => ({
  method: "PATCH",
  path: `${pathOf(setup.project)}/${subscriberId}`,
  query: { updateMask: Object.keys(wanted(setup)).join(",") },
  json: wanted(setup),
});

export const subscription: Subscription = {
  needs: ["project", "authorization"],
  appPaths: ["/v4/projects/"],
  look: ({ project }) => ({ method: "GET", path: pathOf(project), query: { pageSize: listed } }),
  judge(setup, reply) {
    const found = subscribersIn(reply);
    if (!found.ok) return found;
    const mine = found.value.find((s) => String(s.name).endsWith(`/subscribers/${subscriberId}`));
    if (mine === undefined) return ok(create(setup));
    const isAsWanted =
      mine.endpointUri === setup.webhookUrl && mine.state === "ACTIVE" && covers(mine);
    return ok(isAsWanted ? { active: true, until: null } : setAnew(setup));
  },
};

/**
 * An empty list is left out of the answer. What is said of the app is never a member's to mend; and
 * whether there is a subscriber is not known of an app that may not look.
 */
function subscribersIn(reply: ProviderReply): Result<readonly Fields[], PageFault> {
  const fault = faultIn(reply);
  if (fault !== null) return err(fault === "again" ? fault : "broken");
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  const { subscribers = [] } = json;
  return Array.isArray(subscribers) ? ok(subscribers.map(fieldsOf)) : err("broken");
}

function covers({ subscriberConfigs }: Fields): boolean {
  const configs = Array.isArray(subscriberConfigs) ? subscriberConfigs.map(fieldsOf) : [];
  const types = configs
    .filter((config) => config.subscriptionCreatePolicy === "AUTOMATIC")
    .flatMap(({ dataTypes }) => (Array.isArray(dataTypes) ? dataTypes : []));
  return subscribed.every((type) => types.includes(type));
}

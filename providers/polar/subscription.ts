/**
 * The one webhook of a client. It is made by hand, since its key is shown only then and is a secret of
 * the deployment's; once made it is looked after here: Polar switches it off after seven days without
 * a success. One that is missing, or points elsewhere, is for its owner to see to.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { faultOf } from "../answers.ts";
import type { PageFault } from "../provider.ts";
import type { Subscription } from "../subscribe.ts";
import { type Fields, fieldsOf, isFields, jsonOf } from "../untrusted.ts";

const path = "/v3/webhooks";
const wanted = ["EXERCISE", "SLEEP", "ACTIVITY_SUMMARY", "CONTINUOUS_HEART_RATE"];
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

export const subscription: Subscription = {
  needs: ["signing"],
  appPaths: [path],
  look: () => ({ method: "GET", path, query: {} }),
  judge({ webhookUrl }, reply) {
    const found = webhookIn(reply);
    if (!found.ok) return found;
    const { url, active, events, id } = found.value;
    if (url !== webhookUrl) return err("refused");
    const named = Array.isArray(events) ? events.filter((e) => typeof e === "string") : [];
    const missing = wanted.filter((event) => !named.includes(event));
    if (missing.length > 0) return listening(id, [...named, ...missing]);
    if (active === false)
      return ok({ method: "POST", path: `${path}/activate`, query: {} } satisfies AppRequest);
    return ok({ active: true, until: null });
  },
};

/** What is said of the app is never a member's to mend. */
function webhookIn(reply: ProviderReply): Result<Fields, PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault === "again" || fault === "broken" ? fault : "refused");
  if (reply.status === 204) return ok({});
  const json = jsonOf(reply.body);
  if (!isFields(json) || !(Array.isArray(json.data) || isFields(json.data))) return err("broken");
  return ok(fieldsOf(Array.isArray(json.data) ? json.data[0] : json.data));
}

function listening(id: unknown, events: readonly string[]): Result<AppRequest, PageFault> {
  if (typeof id !== "string" || !idPattern.test(id)) return err("broken");
  return ok({ method: "PATCH", path: `${path}/${id}`, query: {}, json: { events } });
}

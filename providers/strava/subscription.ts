/**
 * The one subscription of an app, for all its athletes. It can only be made and taken away, so one
 * that points elsewhere is taken away first; while the new one is made Strava greets the address.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { faultOf } from "../answers.ts";
import type { PageFault } from "../provider.ts";
import type { Subscription } from "../subscribe.ts";
import { type Fields, fieldsOf, idOf, jsonOf } from "../untrusted.ts";

const path = "/api/v3/push_subscriptions";

export const subscription: Subscription = {
  needs: ["verification"],
  appPaths: [path],
  look: () => ({ method: "GET", path, query: {} }),
  judge({ webhookUrl, verification }, reply) {
    const found = listedIn(reply);
    if (!found.ok) return found;
    if (found.value.some(({ callback_url }) => callback_url === webhookUrl))
      return ok({ active: true, until: null });
    const [another] = found.value;
    if (another !== undefined) return away(idOf(another.id));
    const form = { callback_url: webhookUrl, verify_token: verification };
    return ok({ method: "POST", path, query: {}, form } satisfies AppRequest);
  },
};

const away = (id: string | null): Result<AppRequest, PageFault> =>
  id === null ? err("broken") : ok({ method: "DELETE", path: `${path}/${id}`, query: {} });

/** What is said of the app is never a member's to mend. */
function listedIn(reply: ProviderReply): Result<readonly Fields[], PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault === "again" || fault === "broken" ? fault : "refused");
  const json = jsonOf(reply.body);
  return Array.isArray(json) ? ok(json.map(fieldsOf)) : err("broken");
}

/**
 * History is asked for in stretches and comes later, pushed or pinged like anything else: the
 * answer is an empty 202. The two kinds are asked for side by side, since details hold the readings
 * and are not sent of what was typed in. How far back it goes depends on the deployment's agreement
 * and is only told by a refusal; a stretch that was asked for before is answered by 409.
 */
import type { ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Backfill, PageFault, Provider } from "../provider.ts";
import { fieldsOf, isFields, jsonOf, textCharsMax, textOf } from "../untrusted.ts";
import { faultIn } from "./callbacks.ts";
import { garminPaths } from "./pings.ts";

const kinds = ["activities", "activityDetails"];
const secondsOf = (ms: number): string => String(Math.floor(ms / 1000));

const messageOf = ({ body }: ProviderReply): string => {
  const json = jsonOf(body);
  const { errorMessage, message } = fieldsOf(json);
  return textOf(errorMessage, textCharsMax) ?? textOf(message, textCharsMax) ?? "";
};

function judge(reply: ProviderReply): Result<"asked" | "none", PageFault> {
  const { status } = reply;
  if (status === 200 || status === 202 || status === 409) return ok("asked");
  if (status === 400 && /min(imum)? start time/i.test(messageOf(reply))) return ok("none");
  return err(faultIn(reply) ?? "broken");
}

export const garminBackfill: Backfill = {
  days: 90,
  // Of each of these days' budget for all members, a link takes eight calls; and a refusal of what
  // is older than the deployment's limit, 30 days at least, never costs what is younger.
  stepDays: 29,
  asked: {
    requests: ({ fromMs, toMs }) =>
      kinds.map((kind) => ({
        path: `${garminPaths}backfill/${kind}`,
        query: {
          summaryStartTimeInSeconds: secondsOf(fromMs),
          summaryEndTimeInSeconds: secondsOf(toMs),
        },
      })),
    judge,
  },
};

/** A list, or an object that holds one; null when the answer is neither. */
export const garminPermissions: NonNullable<NonNullable<Provider["link"]>["permissions"]> = {
  request: { path: `${garminPaths}user/permissions`, query: {} },
  granted({ status, complete, body }) {
    if (status !== 200 || !complete) return null;
    const json = jsonOf(body);
    const list = isFields(json) ? json.permissions : json;
    return Array.isArray(list) ? list.filter((p): p is string => typeof p === "string") : null;
  },
  needed: ["ACTIVITY_EXPORT"],
};

/**
 * What one delivery of Terra's says: of one user of one of its providers at a time. What is signed
 * is believed, so an account is linked, ends and takes another's place by its word. Addresses that
 * lie in a body (s3_payload) are never fetched.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import {
  type AccountEnd,
  type AccountGrant,
  type AccountLink,
  type Delivery,
  type Item,
  nothing,
  type ParseFault,
} from "../provider.ts";
import { type Fields, fieldsOf, isFields, jsonOf, nameCharsMax, wordOf } from "../untrusted.ts";
import { sampleKinds } from "./samples.ts";

export const activity = "activity";

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || wordOf(json.type) === null) return err("not-understood");
  return ok(deliveryOf(json));
}

const accountOf = (user: unknown): string | null => wordOf(fieldsOf(user).user_id, nameCharsMax);

function deliveryOf(json: Fields): Delivery {
  const { type, user, status } = json;
  switch (type) {
    case activity:
      return activitiesOf(json);
    case "auth":
      return status === "success" ? { ...nothing, links: referenceOf(user) } : nothing;
    case "auth_cancelled":
      return nothing;
    case "deauth":
    case "access_revoked":
      return { ...nothing, ends: endOf(user, "grant-ended") };
    case "user_reauth":
      return reauthOf(json);
    case "permission_change":
      return permissionsOf(json);
    default:
      return sampleKinds.includes(type as string) ? laterOf(json) : { ...nothing, unknown: 1 };
  }
}

const entriesOf = ({ data }: Fields): readonly unknown[] =>
  Array.isArray(data) ? data : isFields(data) ? [data] : [];

/** The user's own provider goes with each activity: only here it says who recorded it. */
function activitiesOf(json: Fields): Delivery {
  const account = accountOf(json.user);
  const entries = entriesOf(json);
  if (account === null) return { ...nothing, unknown: entries.length };
  const provider = wordOf(fieldsOf(json.user).provider);
  const items = entries.map(
    (said): Item => ({ account, kind: activity, body: { provider, activity: said } }),
  );
  return { ...nothing, items };
}

/** For the samples. An athlete stands beside `data`, or alone in it. */
function laterOf(json: Fields): Delivery {
  const account = accountOf(json.user);
  const kind = json.type as string;
  const alone = json[kind];
  const entries = [...entriesOf(json), ...(isFields(alone) ? [alone] : [])];
  if (account === null) return { ...nothing, unknown: entries.length };
  const items = entries.map((body): Item => ({ account, kind, body }));
  return { ...nothing, later: { items, notices: [] } };
}

function referenceOf(user: unknown): AccountLink[] {
  const account = accountOf(user);
  const reference = wordOf(fieldsOf(user).reference_id);
  return account === null || reference === null ? [] : [{ account, by: { reference } }];
}

/**
 * Where no old account is named, or it is the same, the reference says whose the new one is; and if
 * that one had ended, it gives again.
 */
function reauthOf({ new_user, old_user }: Fields): Delivery {
  const account = accountOf(new_user);
  const formerly = accountOf(old_user);
  if (account === null || formerly === null || formerly === account)
    return { ...nothing, links: referenceOf(new_user), grants: grantOf(new_user) };
  return { ...nothing, links: [{ account, by: { formerly } }] };
}

/**
 * Nothing that is signed says when it happened: `t` is of the attempt, and what is tried again is
 * signed anew. A late end stops no newer link all the same, since each link is a user_id of its own,
 * which the end does not name; only of one user_id may an end and a grant that were both tried again
 * come in the wrong order.
 */
const saidMs = null;

function endOf(user: unknown, why: AccountEnd["why"]): AccountEnd[] {
  const account = accountOf(user);
  return account === null ? [] : [{ account, why, saidMs }];
}

function grantOf(user: unknown): AccountGrant[] {
  const account = accountOf(user);
  return account === null ? [] : [{ account, saidMs }];
}

/** Documented as one text with commas: "activity:read,sleep:read". */
function scopesOf(v: unknown): string[] {
  const texts = Array.isArray(v) ? v : [v];
  return texts.flatMap((text) =>
    typeof text === "string" ? text.split(/[\s,]+/).filter((scope) => scope !== "") : [],
  );
}

/**
 * By which activities are read, in Terra's words and in Garmin's, which it may pass on; of any other
 * word it is not known what its loss means.
 */
const activityScopes: ReadonlySet<string> = new Set([activity, "activity:read", "ACTIVITY_EXPORT"]);

/** What is taken away and given in the same breath is given. */
function permissionsOf({ user, scopes_removed, scopes_added }: Fields): Delivery {
  const isActivity = (scope: string) => activityScopes.has(scope);
  if (scopesOf(scopes_added).some(isActivity)) return { ...nothing, grants: grantOf(user) };
  if (!scopesOf(scopes_removed).some(isActivity)) return nothing;
  return { ...nothing, ends: endOf(user, "permission-withdrawn") };
}

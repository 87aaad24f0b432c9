/**
 * Terra's own page on which a member picks a provider and grants access, made for one word of ours.
 * Apps of before 2026-09-03 ask for it at api.tryterra.co, newer ones at access.tryterra.co with the
 * same words under another path, which Terra writes in two ways: the deployment's host takes one.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { ReferenceLink } from "../link.ts";
import { fieldsOf, jsonOf, textCharsMax, wordOf } from "../untrusted.ts";

const paths = ["/v2/auth/generateWidgetSession", "/api/widget/session", "/widget/session"] as const;

const page = /^https:\/\/([a-z0-9-]+\.)*tryterra\.co\/[\x21-\x7e]*$/;

const request = (path: string, reference: string, returnTo: string | null): AppRequest => ({
  method: "POST",
  path,
  query: {},
  json: {
    reference_id: reference,
    language: "en",
    ...(returnTo === null
      ? {}
      : { auth_success_redirect_url: returnTo, auth_failure_redirect_url: returnTo }),
  },
});

const pageIn = ({ complete, status, body }: ProviderReply): string | null => {
  if (!complete || status < 200 || status > 299) return null;
  const url = wordOf(fieldsOf(jsonOf(body)).url, textCharsMax);
  return url !== null && page.test(url) ? url : null;
};

/** No such path on this host, or not for this app any more. */
const isElsewhere = ({ status }: ProviderReply) => [404, 405, 410].includes(status);

export const reference = {
  how: "Open Terra's page at `authorise` and choose where your workouts are; Terra says the word back.",
  session: {
    paths,
    next(reference: string, returnTo: string | null, replies: readonly ProviderReply[]) {
      const last = replies.at(-1);
      const found = last === undefined ? null : pageIn(last);
      if (found !== null) return { page: found };
      const path = paths[replies.length];
      if (path === undefined || (last !== undefined && !isElsewhere(last))) return null;
      return request(path, reference, returnTo);
    },
  },
} satisfies ReferenceLink;

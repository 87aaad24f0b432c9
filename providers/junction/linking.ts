/**
 * How a member comes to Junction's own page: a user is made there under a word of ours, and a page is
 * asked for in that user's name, each in the app's. A word that has a user already is answered by 400
 * with that user's id. The page is shown only when it is Junction's own.
 */
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { ReferenceLink } from "../link.ts";
import { fieldsOf, jsonOf, wordOf } from "../untrusted.ts";

const userPath = "/v2/user";
const tokenPath = "/v2/link/token";
const ownPage = /^https:\/\/(?:[a-z0-9-]+\.)*(?:junction\.com|tryvital\.io)\//;
const pageCharsMax = 2048;

const post = (path: string, json: unknown): AppRequest => ({
  method: "POST",
  path,
  query: {},
  json,
});

function userIn({ status, body }: ProviderReply): string | null {
  const said = fieldsOf(jsonOf(body));
  if (status === 200 || status === 201) return wordOf(said.user_id);
  return status === 400 ? wordOf(fieldsOf(said.detail).user_id) : null;
}

function pageIn({ status, body }: ProviderReply): { readonly page: string } | null {
  const page = wordOf(fieldsOf(jsonOf(body)).link_web_url, pageCharsMax);
  const isOwn = (status === 200 || status === 201) && page !== null && ownPage.test(page);
  return isOwn && URL.canParse(page) ? { page } : null;
}

export const reference: ReferenceLink = {
  how: "Open the page: it is Junction's own, and connects your devices there under this word, as client_user_id.",
  session: {
    paths: [userPath, tokenPath],
    next(word, returnTo, replies) {
      const [user, token] = replies;
      if (user === undefined) return post(userPath, { client_user_id: word });
      if (token !== undefined) return pageIn(token);
      const user_id = userIn(user);
      if (user_id === null) return null;
      return post(tokenPath, { user_id, ...(returnTo === null ? {} : { redirect_url: returnTo }) });
    },
  },
};

/**
 * Strava gives tokens as RFC 6749 has it and refuses them in words of its own:
 * `{"message":"Bad Request","errors":[{"resource":"RefreshToken","field":"refresh_token","code":"invalid"}]}`.
 * Only what it says of this very code or refresh token is about the grant. That the app is unknown,
 * or its secret wrong, is our own fault.
 */
import type { TokenWords } from "../link.ts";
import { fieldsOf, isFields } from "../untrusted.ts";

const ofTheGrant: readonly unknown[] = ["RefreshToken", "AuthorizationCode"];
const over: readonly unknown[] = ["invalid", "expired"];

export const tokens: TokenWords = {
  read(said) {
    if (isFields(said) && typeof said.access_token === "string") return { status: 200, json: said };
    const { errors } = fieldsOf(said);
    const blamed = Array.isArray(errors) ? errors.map(fieldsOf) : [];
    if (blamed.some(({ resource, code }) => ofTheGrant.includes(resource) && over.includes(code)))
      return { status: 400, json: { error: "invalid_grant" } };
    const isApp = blamed.some(({ resource }) => resource === "Application");
    return isApp
      ? { status: 401, json: { error: "invalid_client" } }
      : { status: 400, json: { error: "invalid_request" } };
  },
};

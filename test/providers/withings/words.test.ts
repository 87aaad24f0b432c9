/** What Withings says of tokens and of calls, in the words of everybody else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withings } from "../../../providers/withings.ts";

const { tokens, statusIn, accountIn } = withings.link;
const before = { access: "a", refresh: "r" };
const given = {
  userid: "3140159",
  access_token: "new-access",
  refresh_token: "new-refresh",
  expires_in: 10_800,
  scope: "user.activity",
  token_type: "Bearer",
  csrf_token: "c",
};

describe("tokens", () => {
  it("stand within a body, beside whose they are", () => {
    const { status, json } = tokens.read({ status: 0, body: given }, null);
    expect({ status, json }).toEqual({ status: 200, json: given });
    expect(accountIn(json)).toBe("3140159");
    expect(accountIn({ userid: 3_140_159 })).toBe("3140159");
    for (const said of [null, [], {}, { userid: "me" }]) expect(accountIn(said)).toBeNull();
    expect(tokens.form).toEqual({ action: "requesttoken" });
  });

  it("live for seconds, also in text, with scopes parted by commas, under one type", () => {
    const body = { ...given, expires_in: "10800", scope: "user.activity,user.info", token_type: 7 };
    expect(tokens.read({ status: 0, body }, before).json).toMatchObject({
      expires_in: 10_800,
      scope: "user.activity user.info",
      token_type: "Bearer",
    });
  });

  it.each([
    [{ status: 503, body: {}, error: "Invalid Params: invalid refresh_token" }],
    [{ status: 503, body: {}, error: "Invalid Params: invalid code" }],
    [{ status: 401, body: {}, error: "invalid_grant" }],
    [{ status: 401, body: {} }],
    [{ status: 100, body: {}, error: "invalid_grant" }],
    [{ status: 200, body: {}, error: "Invalid Params: invalid refresh_token" }],
  ])("are refused for the grant's sake by %j", (said) => {
    for (const of of [null, before])
      expect(tokens.read(said, of)).toEqual({ status: 400, json: { error: "invalid_grant" } });
  });

  it.each<[unknown, number, string]>([
    [{ status: 401, error: "invalid client_id" }, 401, "invalid_client"],
    [{ status: 503, error: "Invalid Params: missing client_id" }, 400, "invalid_request"],
    [{ status: 503, error: "Invalid Params: invalid client_secret" }, 400, "invalid_request"],
    [{ status: 503, error: "Invalid Params: invalid redirect_uri" }, 400, "invalid_request"],
    [{ status: 503 }, 400, "invalid_request"],
    [{ status: 2554, error: "Not implemented" }, 403, "invalid_request"],
    // Nobody says of what it is: the request, or whoever asks.
    [{ status: 100, error: "The hash is missing" }, 400, "invalid_request"],
    [{ status: 101 }, 400, "invalid_request"],
    [{ status: 102, error: "signature" }, 400, "invalid_request"],
    [{ status: 200, error: { toString: 1 } }, 400, "invalid_request"],
    [{ status: 102, error: "invalid client_id" }, 401, "invalid_client"],
    // Whatever a server says that is busy or broken.
    [{ status: 601, error: "invalid refresh_token" }, 429, "temporarily_unavailable"],
    [{ status: 522, error: "invalid refresh_token" }, 500, "temporarily_unavailable"],
    [{ status: 2555, error: "invalid refresh_token" }, 403, "invalid_request"],
    [{ status: 88_888, error: "invalid_grant" }, 500, "temporarily_unavailable"],
    [{ error: "invalid_grant" }, 502, "temporarily_unavailable"],
    [{ status: 601, error: "Too many requests" }, 429, "temporarily_unavailable"],
    [{ status: 2555, error: 7 }, 403, "invalid_request"],
    [{ status: 522 }, 500, "temporarily_unavailable"],
    [{ status: 88_888 }, 500, "temporarily_unavailable"],
    [{ status: 0 }, 502, "temporarily_unavailable"],
    [{ access_token: "new-access" }, 502, "temporarily_unavailable"],
    [[], 502, "temporarily_unavailable"],
    [null, 502, "temporarily_unavailable"],
  ])("that are not given by %j end no grant", (said, status, error) => {
    expect(tokens.read(said, before)).toEqual({ status, json: { error } });
  });
});

describe("a status", () => {
  it.each<[unknown, number | null]>([
    [0, null],
    [100, 401],
    [102, 401],
    [200, 401],
    [401, 401],
    [201, 400],
    [213, 400],
    [293, 400],
    [503, 400],
    [3_018, 400],
    [214, 403],
    [277, 403],
    [2_553, 403],
    [601, 429],
    [215, 500],
    [522, 500],
    [524, 500],
    [700, 500],
    [404, 500],
    [-1, 500],
    ["401", null],
    [1.5, null],
    [null, null],
  ])("of %s is %s by HTTP", (status, http) => {
    expect(statusIn({ status, body: {} })).toBe(http);
  });

  it("is never one that says that something is gone, and nothing throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (said) => {
        statusIn(said);
        tokens.read(said, before);
      }),
    );
    fc.assert(
      fc.property(fc.integer(), (status) => ![404, 410].includes(statusIn({ status }) ?? 0)),
    );
  });
});

/** What Concept2 says of tokens: all as everybody does, but for how it refuses one that is spent. */
import { describe, expect, it } from "vitest";
import { concept2 } from "../../../providers/concept2.ts";

const { read } = concept2.link.tokens;

describe("tokens", () => {
  it("are taken as they are given", () => {
    const json = {
      access_token: "a",
      refresh_token: "r",
      expires_in: 604_800,
      token_type: "Bearer",
    };
    expect(read(json)).toEqual({ status: 200, json });
  });

  it.each([
    [{ error: "invalid_request", message: "The refresh token is invalid." }],
    [
      {
        error: "invalid_request",
        error_description: "The refresh token is invalid.",
        hint: "Token has been revoked",
      },
    ],
  ])("that are spent are said to be by %j", (said) => {
    expect(read(said)).toEqual({ status: 400, json: { error: "invalid_grant" } });
  });

  it.each([
    [{ error: "invalid_grant", message: "The refresh token is invalid." }],
    [{ error: "invalid_request", hint: "Check the `refresh_token` parameter" }],
    [{ error: "invalid_request", message: "The request is missing a required parameter" }],
    [{ error: "invalid_request" }],
    [{ error: "invalid_client", message: "The refresh token is invalid." }],
    [{ error: { toString: 1 }, message: ["The refresh token is invalid."] }],
    [{ access_token: "a", error: "invalid_request", message: "The refresh token is invalid." }],
    [{ message: "Server Error", status_code: 500 }],
  ])("are said nothing else of: %j stands as it is", (said) => {
    expect(read(said)).toEqual({ status: 200, json: said });
  });

  it("are none in what is no object", () => {
    for (const said of [null, [], "x"]) expect(read(said)).toEqual({ status: 200, json: {} });
  });
});

import { describe, expect, it } from "vitest";
import { coros } from "../../../providers/coros.ts";

const { link } = coros;

describe("an answer", () => {
  it("stands for the status that it would have elsewhere", () => {
    for (const [said, status] of [
      [{ result: "0000", data: [] }, null],
      [{ result: "5006" }, 401],
      [{ result: 5006 }, 401],
      [{ result: "5016" }, 503],
      [{ result: "30009" }, 403],
      [{ result: "5082" }, null],
      [{ result: "0000", data: { bindState: 1 } }, null],
      [{ result: "0000", data: { bindState: 0 } }, 401],
      [{ result: "1001", data: { bindState: 0 } }, null],
      [{}, null],
      [null, null],
      [[], null],
    ] as const)
      expect(link.statusIn(said), JSON.stringify(said)).toBe(status);
  });
});

describe("tokens", () => {
  const { read: told, renewPath } = link.tokens;
  const before = { access: "rg2-a", refresh: "rg2-r" };
  const given = { access_token: "rg2-b", refresh_token: "rg2-s", expires_in: 2_592_000 };
  const words = { ...given, token_type: "bearer" };

  it("are renewed at another address", () => {
    expect([link.tokenPath, renewPath]).toEqual(["/oauth2/accesstoken", "/oauth2/refresh-token"]);
  });

  it("are read in both of its spellings, with the account beside them", () => {
    const json = { ...words, openId: "8c1f0b7de2a94a53" };
    const camel = { accessToken: "rg2-b", refreshToken: "rg2-s", expiresIn: 2_592_000 };
    for (const said of [given, camel])
      expect(told({ ...said, openId: "8c1f0b7de2a94a53" }, null)).toEqual({ status: 200, json });
    expect(link.accountIn(json)).toBe("8c1f0b7de2a94a53");
    for (const said of [{}, null, { openId: 7 }, { openId: "" }])
      expect(link.accountIn(said)).toBeNull();
  });

  it("beside an account of bare digits name none: JSON has changed it by then", () => {
    const said = JSON.parse('{"access_token":"a","openId":418173315956375999}') as unknown;
    expect(link.accountIn(told(said, null).json)).toBeNull();
    const text = JSON.parse('{"access_token":"a","openId":"418173315956375999"}') as unknown;
    expect(link.accountIn(told(text, null).json)).toBe("418173315956375999");
  });

  it("that are renewed are the same, for thirty days more", () => {
    expect(told({ result: "0000", message: "OK" }, before)).toEqual({
      status: 200,
      json: {
        token_type: "bearer",
        access_token: "rg2-a",
        refresh_token: "rg2-r",
        expires_in: 2_592_000,
      },
    });
    expect(told({ ...given, refresh_token: undefined }, before).json).toMatchObject({
      access_token: "rg2-b",
      refresh_token: "rg2-r",
    });
  });

  it.each([
    ["that are spent", { result: "5006", message: "x" }, before, 400, "invalid_grant"],
    ["by another word", { message: "Token expired or invalid" }, before, 400, "invalid_grant"],
    ["of a busy server", { result: "5016" }, before, 503, "temporarily_unavailable"],
    // Nobody is told that a grant has ended by a code that nobody documents.
    ["of an unknown code", { result: "1001", message: "Denied" }, before, 400, "invalid_request"],
    ["of a code that gives none", { result: "0000" }, null, 400, "invalid_request"],
    ["of no form", null, before, 400, "invalid_request"],
  ])("%s are none", (_, said, had, status, error) => {
    expect(told(said, had)).toEqual({ status, json: { error } });
  });
});

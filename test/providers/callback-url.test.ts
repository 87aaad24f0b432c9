import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callbackCharsMax, callbackOf } from "../../providers/callback-url.ts";
import { garminCallbacks } from "../../providers/garmin/pings.ts";

const garmin = "https://apis.garmin.com/wellness-api/rest/";
const taken = (url: unknown) => callbackOf(url, garminCallbacks);

describe("an address in a body", () => {
  it.each([
    `${garmin}activities?uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=2&token=X`,
    `${garmin}activityFile?id=21047282990&token=QWxhZGRpbg==`,
    `${garmin}activities`,
    "https://healthapi.garmin.com/wellness-api/rest/dailies?token=X",
  ])("is taken as it came: %s", (url) => {
    expect(taken(url)).toBe(url);
  });

  it.each([
    ["without TLS", "http://apis.garmin.com/wellness-api/rest/x"],
    ["in capitals", "https://APIS.garmin.com/wellness-api/rest/x"],
    ["of a longer host", "https://apis.garmin.com.evil.test/wellness-api/rest/x"],
    ["of a host below", "https://x.apis.garmin.com/wellness-api/rest/x"],
    ["of another host of Garmin's", "https://connect.garmin.com/wellness-api/rest/x"],
    ["with the root's dot", "https://apis.garmin.com./wellness-api/rest/x"],
    ["with a port", "https://apis.garmin.com:8443/wellness-api/rest/x"],
    ["with the usual port", "https://apis.garmin.com:443/wellness-api/rest/x"],
    ["with an empty port", "https://apis.garmin.com:/wellness-api/rest/x"],
    ["with a user", "https://u@apis.garmin.com/wellness-api/rest/x"],
    ["with an empty user", "https://@apis.garmin.com/wellness-api/rest/x"],
    ["whose host is a user's name", "https://apis.garmin.com@evil.test/wellness-api/rest/x"],
    ["with a fragment", `${garmin}x#y`],
    ["with an empty fragment", `${garmin}x#`],
    ["with a blank before it", ` ${garmin}x`],
    ["with a line after it", `${garmin}x\n`],
    ["with a tab in it", "https://apis.gar\tmin.com/wellness-api/rest/x"],
    ["with a full-width letter", "https://\uff41pis.garmin.com/wellness-api/rest/x"],
    ["with another alphabet's letter", "https://\u0430pis.garmin.com/wellness-api/rest/x"],
    ["with a soft hyphen", "https://apis\u00ad.garmin.com/wellness-api/rest/x"],
    ["with backslashes", "https:\\\\apis.garmin.com\\wellness-api\\rest\\x"],
    ["without slashes", "https:apis.garmin.com/wellness-api/rest/x"],
    ["of no scheme", "//apis.garmin.com/wellness-api/rest/x"],
    ["of another path", "https://apis.garmin.com/oauth-service/x"],
    ["of a path that begins alike", "https://apis.garmin.com/wellness-api/rest-of/x"],
    ["of nothing below the path", garmin],
    ["that climbs out", `${garmin}../../oauth-service/x`],
    ["that climbs out, escaped", `${garmin}%2e%2e/%2e%2e/x`],
    ["that climbs out with parameters", `${garmin}..;/..;/x`],
    ["with an escaped slash", `${garmin}..%2f..%2fx`],
    ["with an escaped zero", `${garmin}x%00`],
    ["where other things are done", `${garmin}user/id?token=1`],
    ["where an account ends", `${garmin}user/registration?token=1`],
    ["where history is asked for", `${garmin}backfill/activities`],
    ["that begins with a dot", `${garmin}.x`],
    ["of this machine", "https://127.0.0.1/wellness-api/rest/x"],
    ["of this machine as a number", "https://2130706433/wellness-api/rest/x"],
    ["of this machine, IPv6", "https://[::1]/wellness-api/rest/x"],
    ["of a cloud's own data", "https://169.254.169.254/wellness-api/rest/x"],
    ["of another scheme", "ftp://apis.garmin.com/wellness-api/rest/x"],
    ["that is data", "data:application/json,{}"],
    ["that is code", "javascript:alert(1)"],
    ["that is empty", ""],
    ["that is too long", `${garmin}${"x".repeat(callbackCharsMax)}`],
  ])("%s is not: %s", (_, url) => {
    expect(taken(url)).toBeNull();
  });

  it("is text", () => {
    for (const other of [null, undefined, 7, {}, [`${garmin}x`], new URL(`${garmin}x`)])
      expect(taken(other)).toBeNull();
  });

  it("of a provider that has a port has exactly that one", () => {
    const rule = { origins: ["http://127.0.0.1:8790"], prefix: "/wellness-api/rest/" };
    const at = (origin: string) => callbackOf(`${origin}/wellness-api/rest/x`, rule);
    expect(at("http://127.0.0.1:8790")).toBe("http://127.0.0.1:8790/wellness-api/rest/x");
    for (const origin of ["http://127.0.0.1:8791", "http://127.0.0.1", "http://localhost:8790"])
      expect(at(origin)).toBeNull();
  });
});

describe("whatever is put into a good address", () => {
  const whole = `${garmin}activities?token=X`;
  const odd = fc.oneof(
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.constantFrom("@", "#", "\\", "/", "..", "%2e", ":", "?", ";", "\t", "\r\n", "。", "ⓐ"),
  );

  it("it is not taken, or is asked of Garmin below its path, unchanged", () => {
    const changed = fc.tuple(fc.nat(whole.length), fc.nat(3), odd).map(([at, drop, put]) => {
      return whole.slice(0, at) + put + whole.slice(at + drop);
    });
    fc.assert(
      fc.property(fc.oneof(changed, fc.webUrl(), fc.string()), (url) => {
        const found = taken(url);
        if (found === null) return;
        const { origin, pathname, username, password, hash, href } = new URL(found);
        expect(found).toBe(url);
        expect(href).toBe(url);
        expect(garminCallbacks.origins).toContain(origin);
        expect(pathname.startsWith(garminCallbacks.prefix)).toBe(true);
        expect([username, password, hash]).toEqual(["", "", ""]);
        expect(decodeURIComponent(pathname)).toBe(pathname);
      }),
      { numRuns: 2000 },
    );
  });
});

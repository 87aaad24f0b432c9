/** What holds of every answer that was given while the table was asked. */
import { describe, expect, it } from "vitest";
import { type Told, told } from "./asking.ts";
import { policy } from "./policy.ts";

const shared = /^public, max-age=1$/;
const described = /^public, max-age=300$/;
/** Whose answer may be kept, and by whom: totals that everybody sees, and what never changes. */
const kept: Readonly<Record<string, RegExp>> = {
  "GET /v1/leaderboards": shared,
  "GET /v1/leaderboards/:board": shared,
  "GET /v1/teams/standings": shared,
  "GET /log/:log/tile/:path{.+}": /^no-store$|immutable$/,
  "GET /log/:log/witnessed/:path{.+}": /^public, max-age=31536000, immutable$/,
  "GET /openapi.json": described,
  "GET /docs": described,
};
/** Only what links an account leaves something in a browser: a secret that ends that link alone. */
const linking = "POST /v1/connections/:connection";
const linkCookie = /^__Host-link=[\w-]{43}; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/;

const faults = (isFault: (one: Told) => unknown): string[] => [
  ...new Set(
    told
      .filter((one) => isFault(one))
      .map(({ name, status, headers }) => `${name} ${status} ${headers.get("cache-control")}`),
  ),
];

export function answersSuite(): void {
  describe("every answer", () => {
    it("was given to thousands of questions", () => expect(told.length).toBeGreaterThan(1_000));

    it.each([
      ["strict-transport-security", /^max-age=31536000$/],
      ["x-content-type-options", /^nosniff$/],
      ["referrer-policy", /^no-referrer$/],
      ["x-request-id", /^[0-9a-f-]{36}$/],
    ])("says %s", (header, form) => {
      expect(faults(({ headers }) => !form.test(headers.get(header) ?? ""))).toEqual([]);
    });

    it.each([
      ...["server", "x-powered-by", "via", "x-aspnet-version", "x-runtime", "x-debug"],
      ...["access-control-allow-origin", "access-control-allow-credentials"],
    ])("says no %s: nothing of what it runs on, and no other page may read it", (header) => {
      expect(faults(({ headers }) => headers.has(header))).toEqual([]);
    });

    it("that is an error is kept by nobody", () => {
      const isKept = ({ headers }: Told) => headers.get("cache-control") !== "no-store";
      expect(faults((one) => one.status >= 400 && isKept(one))).toEqual([]);
    });

    it("that is about somebody is kept by nobody", () => {
      const isOpen = ({ name }: Told) => policy[name]?.may === "everybody";
      const isKept = ({ headers }: Told) =>
        !/^no-store(, no-transform)?$/.test(headers.get("cache-control") ?? "");
      expect(faults((one) => one.status < 400 && !isOpen(one) && isKept(one))).toEqual([]);
    });

    it("that is for everybody is kept as it says, or by nobody", () => {
      const isWrong = ({ name, headers }: Told) =>
        !(kept[name] ?? /^no-store$/).test(headers.get("cache-control") ?? "");
      const isOpen = ({ name }: Told) => policy[name]?.may === "everybody";
      expect(faults((one) => one.status < 400 && isOpen(one) && isWrong(one))).toEqual([]);
    });

    it("that depends on who asks, and may be kept, says so", () => {
      const isShared = ({ headers }: Told) => /public/.test(headers.get("cache-control") ?? "");
      const kinds = new Map<string, Set<string>>();
      for (const { name, headers } of told.filter(isShared))
        kinds.set(name, (kinds.get(name) ?? new Set()).add(headers.get("etag") ?? ""));
      expect([...kinds].filter(([, etags]) => etags.size > 1)).toEqual([]);
    });

    it("leaves nothing in a browser, but for the link that it begins there", () => {
      const cookies = told.filter(({ headers }) => headers.getSetCookie().length > 0);
      expect(new Set(cookies.map(({ name }) => name))).toEqual(new Set([linking]));
      for (const { headers } of cookies) {
        const parts = (headers.getSetCookie()[0] ?? "").split("; ");
        expect(parts.join("; ")).toMatch(linkCookie);
      }
    });

    it("that refuses a token says how one is shown, and nothing of why", () => {
      const isSilent = ({ headers }: Told) => headers.get("www-authenticate") !== "Bearer";
      const isOurs = ({ headers }: Told) => headers.get("content-type")?.includes("problem");
      expect(faults((one) => one.status === 401 && isOurs(one) && isSilent(one))).toEqual([]);
    });
  });
}

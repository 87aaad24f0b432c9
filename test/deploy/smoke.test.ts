/** What a new release is asked, asked of the real one: it passes, and what is broken is named. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Smoke, type SmokePorts, smoke } from "../../local/deploy-smoke.ts";
import { enrol, operatorToken, type Person } from "../../local/people.ts";
import { type OwnSystem, ownSystem } from "../system/support.ts";

const release = "0123456789ab";
let own: OwnSystem;
let person: Person;
beforeAll(async () => {
  const pages = join(import.meta.dirname, "pages");
  own = await ownSystem({ pages, vars: { edge: { RELEASE: release } } });
  person = await enrol(own.system, "subject-smoke", "Smoke", ["member"]);
});
afterAll(() => own.end());

const ports: SmokePorts = { fetch, nowMs: () => Date.now(), wait: async () => {} };
const asked = (over: Partial<Smoke> = {}): Smoke => ({
  url: own.system.url,
  release,
  token: person.token,
  signing: own.system.secrets.signing["standard-webhooks"],
  ...over,
});
const wrongIn = async (over: Partial<Smoke>): Promise<string[]> =>
  (await smoke(asked(over), ports))
    .filter(({ verdict }) => verdict === "wrong")
    .map(({ what }) => what);

it("is answered by a running edge in everything", async () => {
  const tried = await smoke(asked(), ports);
  expect(tried.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  expect(tried).toHaveLength(10);
});

it("takes whoever signed in for that, and no member", async () => {
  const token = await operatorToken(own.system);
  expect(await wrongIn({ token })).toEqual([]);
});

it("writes nothing: it may be asked of a system that people use", async () => {
  const warehouse = await own.system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  const rows = async () =>
    await warehouse
      .prepare("SELECT (SELECT count(*) FROM member) + (SELECT count(*) FROM ledger) AS n")
      .first("n");
  const before = await rows();
  await smoke(asked(), ports);
  expect(await rows()).toBe(before);
});

it("names what is not as it should be, and says what it could not try", async () => {
  expect(await wrongIn({ release: "ba9876543210" })).toEqual(["this release answers"]);
  expect(await wrongIn({ token: "e30.e30.e30" })).toEqual(["a signed token is taken"]);
  expect(await wrongIn({ signing: "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==" })).toEqual([
    "a signed delivery is taken",
  ]);
  const { token: _, signing: __, ...bare } = asked();
  const untried = (await smoke(bare, ports)).filter(({ verdict }) => verdict === "not tried");
  expect(untried.map(({ what }) => what)).toEqual([
    ...["a signed token is taken", "a signed delivery is taken"],
  ]);
});

it("ends, with every question wrong but those that nobody may pass, where nobody answers", async () => {
  const tried = await smoke(asked({ url: "http://127.0.0.1:9" }), ports);
  expect(tried.every(({ verdict }) => verdict === "wrong")).toBe(true);
});

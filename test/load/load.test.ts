/**
 * More than is taken at once, through the whole system with small bounds: the short cut of
 * `npm run load`. No time is asserted: a window of a counter may end at any moment, so what must be
 * refused is one more than two windows hold.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, call } from "../../local/people.ts";
import { chanceOf } from "../oracle/chance.ts";
import { type OwnSystem, ownSystem } from "../system/support.ts";
import { Book } from "./book.ts";
import { keptOf } from "./kept.ts";
import { Sender } from "./sender.ts";
import { type Asked, partyOf, Traffic } from "./traffic.ts";

const limits = { LIMIT_ASKING: 6, LIMIT_KNOCKING: 4, LIMIT_DELIVERING: 10, LIMIT_HEAVY: 3 };
const inHand = { delivery: 3, write: 2, narrows: false };
const burst = 60;
const readsMeanwhile = 6;

let own: OwnSystem;
let sender: Sender;
let traffic: Traffic;
beforeAll(async () => {
  own = await ownSystem({ limits, vars: { edge: { IN_HAND: JSON.stringify(inHand) } } });
  sender = new Sender(own.system.url);
  traffic = new Traffic(await partyOf(own.system, 4), chanceOf(14), Date.now());
});
afterAll(async () => {
  sender?.end();
  await own?.end();
});

/** Each from an address of its own, so that only what is in hand counts. */
const from = (asked: Asked, n: number): Asked => ({
  ...asked,
  headers: { ...asked.headers, "cf-connecting-ip": `198.51.100.${n}` },
});

describe("more at once than is taken", () => {
  it("is refused with 503 and Retry-After, loses nothing that was acknowledged, and comes to rest", async () => {
    const book = new Book();
    const row = book.begin("burst");
    const all = Array.from({ length: burst }, (_, n) => from(traffic.write(), n));
    const sent = all.map(async (asked) => {
      const { fact = "" } = asked;
      book.sent.add(fact);
      const said = await sender.send(asked);
      book.wrote(row, fact, said);
      return { asked, said };
    });
    const looks = Array.from({ length: readsMeanwhile }, (_, n) =>
      sender.send(from({ ...traffic.read(), path: "/v1/providers", headers: {} }, n)),
    );
    for (const look of looks) expect((await look).status).toBe(200);
    const told = await Promise.all(sent);
    const refused = told.filter(({ said }) => said.status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(row.accepted).toBeGreaterThanOrEqual(inHand.delivery);
    expect([...book.odd]).toEqual([]);
    expect(row).toMatchObject({ accepted: burst - refused.length, withoutRetryAfter: 0 });
    expect(await keptOf(own.system, traffic.members, book)).toMatchObject({
      ...{ lost: [], doubled: [], invented: [], boardsApart: [] },
    });
    const again = book.begin("again");
    for (const { asked } of refused) book.wrote(again, asked.fact ?? "", await sender.send(asked));
    expect(again).toMatchObject({ accepted: refused.length, unavailable: 0, other: 0 });
    const kept = await keptOf(own.system, traffic.members, book);
    expect(kept).toMatchObject({ lost: [], doubled: [], invented: [], boardsApart: [] });
    expect(kept.present).toBe(book.sent.size);
  });
});

/** So often that one has to be refused, whenever the counter's window ends. */
async function tooOften(times: number, ask: () => Promise<Answer>): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n <= 2 * times; n++) answers.push(await ask());
  return answers;
}

function expectRefused(answers: readonly Answer[], first: number, status: number, name: string) {
  expect(answers[0]?.status).toBe(first);
  const refused = answers.filter((answer) => answer.status === status);
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.filter((answer) => ![first, status].includes(answer.status))).toEqual([]);
  for (const { body, headers } of refused) {
    expect(body).toMatchObject({ type: `urn:singlet:problem:${name}`, status });
    expect([10, 60]).toContain(Number(headers.get("retry-after")));
  }
}

describe("one caller who asks too much", () => {
  const asking = (address: string, path: string, more: object = {}) => {
    const headers = { "cf-connecting-ip": address };
    return call(own.system.url, "GET", path, { headers, ...more });
  };

  it("without a token is told 429, and another address is not", async () => {
    const ask = () => asking("203.0.113.1", "/v1/providers");
    expectRefused(await tooOften(limits.LIMIT_ASKING, ask), 200, 429, "too-many");
    expect((await asking("203.0.113.2", "/v1/providers")).status).toBe(200);
  });

  it("with tokens that are no good is told so, whoever they name", async () => {
    const ask = () => asking("203.0.113.3", "/v1/me", { token: "no.good.token" });
    expectRefused(await tooOften(limits.LIMIT_ASKING, ask), 401, 429, "too-many");
    const [member] = traffic.members;
    const good = await asking("203.0.113.3", "/v1/me", { token: member?.token ?? "" });
    expect(good.status).toBe(200);
  });

  it("for what is heavy is told so, wherever they ask from, and nobody else is", async () => {
    const [one, other] = traffic.members;
    let n = 0;
    const ask = (token = "") =>
      asking(`203.0.113.${20 + n++}`, "/v1/exports/none/files/none", { token });
    expectRefused(await tooOften(limits.LIMIT_HEAVY, () => ask(one?.token)), 400, 429, "too-many");
    expect((await ask(other?.token)).status).toBe(400);
  });

  it("and guesses is told before the body is read", async () => {
    const ask = () =>
      call(own.system.url, "POST", "/v1/shares/open", {
        headers: { "cf-connecting-ip": "203.0.113.4" },
        body: "no json",
      });
    expectRefused(await tooOften(limits.LIMIT_KNOCKING, ask), 400, 429, "too-many");
  });

  it("at a provider's door is told 503, and the provider itself is not", async () => {
    const push = (address: string) =>
      call(own.system.url, "POST", "/webhooks/garmin/a-wrong-key", {
        headers: { "cf-connecting-ip": address },
        body: {},
      });
    const answers = await tooOften(limits.LIMIT_DELIVERING, () => push("203.0.113.5"));
    expectRefused(answers, 401, 503, "unavailable");
    expect((await push("203.0.113.6")).status).toBe(401);
  });
});

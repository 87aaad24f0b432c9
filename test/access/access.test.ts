/**
 * Every route × whoever may call × whose thing is meant, asked of the running system and held to
 * the policy (policy.ts): refused, hidden as what is not there, or really answered. Then what holds of
 * every answer that was given meanwhile, and of the ways around a door (around.ts).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Answered, refusedBody, uniform } from "../conformance/support.ts";
import { type OwnSystem, ownSystem } from "../system/support.ts";
import { answersSuite } from "./answers.ts";
import { aroundSuite } from "./around.ts";
import { absentOf, asking, type More, saidBy, whole } from "./asking.ts";
import { type Cast, castOf } from "./cast.ts";
import { fieldsSuite } from "./fields.ts";
import { answersOf, changes, isGuarded, names, placeOf, reads, schemaOf } from "./inventory.ts";
import { askedFor, type CallerKind, isDeciding, policy, verdict } from "./policy.ts";
import { unprovenTokens } from "./tokens.ts";
import { type Way, waysOf } from "./ways.ts";

let own: OwnSystem;
let cast: Cast;
let ways: Readonly<Record<string, Way>>;
let unproven: Awaited<ReturnType<typeof unprovenTokens>>;
beforeAll(async () => {
  own = await ownSystem();
  cast = await castOf(own.system);
  ways = waysOf(cast);
  unproven = await unprovenTokens(cast);
});
afterAll(() => own?.end());

const wayOf = (name: string): Way => {
  const way = ways[name];
  if (way === undefined) throw new Error(`nobody says how ${name} is asked`);
  return way;
};
const askedBy = (name: string, caller: CallerKind, more: More = {}): Promise<Answered> =>
  asking(cast, name, wayOf(name), caller, more);
const said = (name: string, answer: Answered) => saidBy(answer, wayOf(name), answersOf(name));

/** Where something other than a token lets in, all but its holder come with another. */
const brings = (name: string): boolean => ["holder", "invited"].includes(policy[name]?.may ?? "");
const shownBy = (name: string): string => {
  const { own: right = "" } = wayOf(name);
  return brings(name) ? absentOf(right) : right;
};

/** Of so many tokens that prove nothing each route gets one, in turn; three get all. */
const tokensEach = 6;
const everyToken: readonly string[] = ["GET /v1/me", "PUT /v1/me", "GET /v1/ops/parked"];

it("a code that opens something is heard before others guessed too often", async () => {
  const answer = await askedBy("POST /v1/shares/open", "holder");
  expect(answer.status, answer.text).toBe(200);
});

describe.each(names)("%s", (name) => {
  it("refuses whoever may not, and what is another's is as what is not there", async () => {
    for (const caller of askedFor(name, placeOf(name))) {
      const wanted = verdict(name, caller);
      if (wanted === "allowed") continue;
      const answer = await askedBy(name, caller, { id: shownBy(name) });
      if (wayOf(name).isCounted && answer.status === 429) continue;
      expect([caller, said(name, answer)]).toEqual([caller, wanted]);
      const isHidden = wanted === "hidden" || policy[name]?.may === "consented";
      if (!isHidden || brings(name)) continue;
      if (caller !== "another" && !isDeciding(name, caller)) continue;
      const absent = await askedBy(name, caller, { id: absentOf(wayOf(name).own ?? "") });
      expect([caller, whole(answer)]).toEqual([caller, whole(absent)]);
    }
  });

  it("takes no token that proves nothing", async () => {
    const wanted = verdict(name, "unproven");
    if (wanted === "allowed" || wayOf(name).isCounted) return;
    const isEach = everyToken.includes(name);
    for (const [nth, { what, token, isKey }] of unproven.entries()) {
      if ((isKey && brings(name)) || (!isEach && (nth + placeOf(name)) % tokensEach !== 0))
        continue;
      const answer = await askedBy(name, "unproven", { id: shownBy(name), token });
      expect([what, said(name, answer)]).toEqual([what, wanted]);
      if (isGuarded(name)) expect(uniform(answer)).toBe(refusedBody);
    }
  });
});

async function isAnswered(name: string, caller: CallerKind): Promise<void> {
  const { by } = wayOf(name);
  const answer = await askedBy(name, caller, by === undefined ? {} : { token: by.token });
  expect([caller, said(name, answer)]).toEqual([caller, "allowed"]);
  const schema = schemaOf(name, answer.status) as z.ZodType | undefined;
  const isJson = answer.headers.get("content-type") === "application/json";
  // Nothing is in it that the description does not name, whoever it is for.
  if (schema !== undefined && isJson) expect(schema.parse(answer.body)).toEqual(answer.body);
}

describe("whoever may", () => {
  it.each(reads)("is answered: %s", async (name) => {
    for (const caller of askedFor(name, placeOf(name)))
      if (verdict(name, caller) === "allowed") await isAnswered(name, caller);
  });

  it.each(names.filter((name) => policy[name]?.may === "owner"))(
    "is told as anybody is of what is nobody's, or of another kind: %s",
    async (name) => {
      const { own: right = "" } = wayOf(name);
      const { garmin = "", workout = "" } = cast.things;
      const absent = await askedBy(name, "owner", { id: absentOf(right) });
      expect(said(name, absent)).toBe("hidden");
      const other = await askedBy(name, "owner", { id: right === garmin ? workout : garmin });
      if (other.status !== 400) expect(said(name, other)).toBe("hidden");
    },
  );
});

fieldsSuite(() => cast);
aroundSuite(() => ({ cast, ways }));

describe("whoever may", () => {
  it.each(changes)("changes what they may: %s", async (name) => {
    const able = askedFor(name, placeOf(name)).filter((one) => verdict(name, one) === "allowed");
    const caller = able.find((one) => one === "owner") ?? able.at(-1);
    if (caller !== undefined && !wayOf(name).isCounted) await isAnswered(name, caller);
  });
});

answersSuite();

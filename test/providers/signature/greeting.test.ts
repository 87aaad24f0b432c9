import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Greeting, SignatureRecipe } from "../../../providers/recipe.ts";
import { greet } from "../../../providers/signature.ts";
import { ask, hexed, hmac, nowMs } from "./signed.ts";

const word: Greeting = { kind: "word", parameter: "verify", right: 204, wrong: 404 };
const challenge: Greeting = {
  kind: "challenge",
  word: "verification_token",
  challenge: "challenge",
  answer: "hub.challenge",
  wrong: 401,
};
const asks = (greeting: Greeting | undefined, query: string, verification: unknown = ["ours"]) =>
  greet(greeting, new URLSearchParams(query), { verification: verification as string[] }, nowMs);

describe("a greeting by GET with our word", () => {
  it("is told right from wrong by status alone", async () => {
    expect(await asks(word, "verify=ours")).toEqual({ status: 204 });
    for (const query of [
      "verify=theirs",
      "verify=",
      "",
      "verify=OURS",
      "verify=ours%20",
      "Verify=ours",
    ])
      expect(await asks(word, query)).toEqual({ status: 404 });
  });

  it("says the word exactly once", async () => {
    for (const query of ["verify=ours&verify=ours", "verify=no&verify=ours", "verify=ours&verify="])
      expect(await asks(word, query)).toEqual({ status: 404 });
    expect(await asks(word, "verify=ours&other=1")).toEqual({ status: 204 });
  });

  it("is wrong, never right, where the deployment has no word", async () => {
    for (const verification of [undefined, [], [""], [null], "", [{ kid: "x", secret: "" }]])
      for (const query of ["verify=", "", "verify=undefined", "verify=null", "verify=x"])
        expect(await asks(word, query, verification)).toEqual({ status: 404 });
  });

  it("knows both words of a rotation", async () => {
    for (const said of ["new", "old"])
      expect(await asks(word, `verify=${said}`, ["new", "old"])).toEqual({ status: 204 });
    const five = ["e", "d", "c", "b", "oldest"];
    expect(await asks(word, "verify=b", five)).toEqual({ status: 204 });
    expect(await asks(word, "verify=oldest", five)).toEqual({ status: 404 });
    const ended = { kid: "x", secret: "gone", notAfter: new Date(nowMs - 1).toISOString() };
    expect(await asks(word, "verify=gone", ["new", ended])).toEqual({ status: 404 });
  });
});

describe("a greeting by GET with a challenge", () => {
  const query = (said: string) => `verification_token=ours&challenge=${encodeURIComponent(said)}`;

  it("is answered with the challenge, under the name that is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[A-Za-z0-9._~-]{1,256}$/), async (said) => {
        const answer = await asks(challenge, query(said));
        expect(answer).toEqual({ status: 200, json: { "hub.challenge": said } });
      }),
    );
  });

  it("never echoes what could mean something elsewhere", async () => {
    for (const said of [
      "",
      "<b>",
      "a b",
      '"',
      "a\n",
      "ä",
      "a".repeat(257),
      "{}",
      "%00",
      "a+b",
      "a/",
    ])
      expect(await asks(challenge, query(said))).toEqual({ status: 401 });
  });

  it("needs the word and the challenge, each exactly once", async () => {
    const right = query("abc");
    expect((await asks(challenge, right))?.status).toBe(200);
    for (const wrong of [
      "challenge=abc",
      "verification_token=ours",
      "verification_token=theirs&challenge=abc",
      `${right}&challenge=abc`,
      `${right}&verification_token=ours`,
      "",
    ])
      expect(await asks(challenge, wrong)).toEqual({ status: 401 });
    expect(await asks(challenge, "verification_token=&challenge=abc", [])).toEqual({ status: 401 });
  });
});

it("a hello is answered to anybody, in the very words", async () => {
  const hello: Greeting = { kind: "hello", json: { message: "ok", result: "0000" } };
  for (const query of ["", "verify=x&verify=y"]) {
    const answer = await asks(hello, query, undefined);
    expect(JSON.stringify(answer)).toBe('{"status":200,"json":{"message":"ok","result":"0000"}}');
  }
  // By POST it is none.
  const posted = await ask(hexed, { body: "{}", secrets: ["s"], greeting: hello });
  expect(posted).toEqual({ is: "refused" });
});

it("nothing else greets by GET", async () => {
  const authorised: Greeting = { kind: "authorised", body: "{}", status: 201 };
  const ping: Greeting = { kind: "ping", fields: { event: "PING" }, status: 200 };
  for (const greeting of [undefined, authorised, ping])
    expect(await asks(greeting, "verify=ours&event=PING")).toBeNull();
});

describe("a ping", () => {
  const greeting: Greeting = { kind: "ping", fields: { event: "PING" }, status: 200 };
  const ping = (body: string | Buffer, headers = {}, recipe: SignatureRecipe = hexed) =>
    ask(recipe, { headers, body, secrets: ["s"], greeting });

  it("is answered before there is a secret, whatever signature it carries", async () => {
    for (const body of ['{"event":"PING"}', ' {"timestamp":"2018-05-15T14:22:24Z","event":"PING"}'])
      for (const headers of [{}, { "x-signature": "junk" }, { "x-signature": hmac("s", body) }]) {
        expect(await ping(body, headers)).toEqual({ is: "greeting", status: 200 });
        const noSecrets = { headers, body, secrets: [], greeting };
        expect(await ask(hexed, noSecrets)).toEqual({ is: "greeting", status: 200 });
      }
  });

  it("says nothing besides", async () => {
    for (const body of [
      '{"event":"PING","user_id":1}',
      '{"event":"EXERCISE"}',
      '{"event":["PING"]}',
      '{"timestamp":"PING"}',
      '[{"event":"PING"}]',
      '{"Event":"PING"}',
      '{"event":"PING","__proto__":{}}',
      '"PING"',
      "null",
      "{}",
      "",
      `{"event":"PING"}${" ".repeat(241)}`,
      '\ufeff{"event":"PING"}',
      Buffer.from('{"event":"PING","timestamp":"\xff"}', "latin1"),
    ]) {
      expect(await ping(body)).toEqual({ is: "refused" });
      // Signed, it is a delivery like any other.
      const headers = { "x-signature": hmac("s", body) };
      expect((await ping(body, headers)).is).toBe("genuine");
    }
    expect((await ping(`{"event":"PING"}${" ".repeat(240)}`)).is).toBe("greeting");
  });

  it("is none for a provider that does not greet so", async () => {
    const asked = { body: '{"event":"PING"}', secrets: ["s"] };
    expect(await ask(hexed, asked)).toEqual({ is: "refused" });
    expect(await ask(hexed, { ...asked, greeting: word })).toEqual({ is: "refused" });
  });
});

it("a greeting by POST is one at an address of ours alone, where there is one that nobody guesses", async () => {
  const ping: Greeting = { kind: "ping", fields: { event: "PING" }, status: 200 };
  const asking = (pathKey: string | null, pathKeys: string[]) =>
    ask(hexed, {
      body: '{"event":"PING"}',
      secrets: ["s"],
      greeting: ping,
      pathKey,
      also: { pathKeys },
    });
  expect(await asking("k", ["k"])).toEqual({ is: "greeting", status: 200 });
  for (const other of [null, "", "other"])
    expect(await asking(other, ["k"])).toEqual({ is: "refused" });
  expect(await asking(null, [])).toEqual({ is: "greeting", status: 200 });
});

describe("a greeting that is authorised", () => {
  const greeting: Greeting = { kind: "authorised", body: '{"type":"verification"}', status: 201 };
  const tink: SignatureRecipe = { kind: "authorization-and-tink", headers: ["x-signature"] };
  const greets = (authorization: string | null, body: string) => {
    const headers = authorization === null ? {} : { authorization };
    return ask(tink, { headers, body, secrets: ["right", "before"], greeting });
  };

  it("proves itself by the Authorization first; then its form counts", async () => {
    for (const authorization of ["right", "before"])
      for (const body of [greeting.body, '{ "type" : "verification" }\n'])
        expect(await greets(authorization, body)).toEqual({ is: "greeting", status: 201 });
    for (const authorization of [null, "", "Right", "right ", "right, right"])
      expect(await greets(authorization, greeting.body)).toEqual({ is: "refused" });
    for (const body of ['{"type":"verification","x":1}', '{"type":"Verification"}', "{}", "", "[]"])
      expect(await greets("right", body)).toEqual({ is: "refused" });
    expect(await greets("right", greeting.body + " ".repeat(300))).toEqual({ is: "refused" });
  });
});

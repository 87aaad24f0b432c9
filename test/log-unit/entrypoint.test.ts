/** The vault's `log` entrypoint: who may see what of the log, under which names, and what it says. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { Page, Role, ShownEntry } from "../../domain/ports.ts";
import { grantConsent, listConsents, revokeConsent } from "../../workers/vault/consents.ts";
import { shardsOf, type VaultEnv, vaultOf } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { Log } from "../../workers/vault/log.ts";
import { enrolPerson, personOf } from "../../workers/vault/principal.ts";
import { rename } from "../../workers/vault/profile.ts";
import { makeWorld } from "../vault-unit/world.ts";
import { checkpointOf, logWorld, origin } from "./log-world.ts";

vi.mock("cloudflare:workers", () => ({
  WorkerEntrypoint: class {
    readonly env: unknown;
    constructor(_: unknown, env: unknown) {
      this.env = env;
    }
  },
}));

const issuer = "https://id.example";
const jwksUrl = `${issuer}/keys`;
const pair = await generateKeyPair("ES256", { extractable: true });
const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k", alg: "ES256" }] };

let env: VaultEnv;
let log: Log;
let home: Awaited<ReturnType<typeof logWorld>>["home"];
beforeEach(async () => {
  vi.stubGlobal("fetch", async () => Response.json(jwks));
  const of = await logWorld();
  home = of.home;
  of.clock.nowMs = Date.now();
  env = {
    ...makeWorld().env,
    ...{ LOG: of.home, LOG_TILES: of.tiles, LOG_ENTRIES: of.entries, LOG_ORIGIN: origin },
    ...{ LOG_KEY: Buffer.alloc(32, 7).toString("base64"), LOG_COUNTS: "2" },
    ...{ WITNESS_KEYS: ` ${of.witness.verifierKey} `, TOKEN_ISSUER: issuer },
    ...{ TOKEN_AUDIENCE: "singlet", TOKEN_JWKS_URL: jwksUrl },
  } as unknown as VaultEnv;
  log = new Log({} as ExecutionContext, env);
});
afterEach(() => vi.unstubAllGlobals());

const token = (name: string, roles: readonly Role[] = []) =>
  new SignJWT({ roles })
    .setProtectedHeader({ alg: "ES256", kid: "k" })
    .setIssuer(issuer)
    .setAudience("singlet")
    .setSubject(name)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(pair.privateKey);

/** A member of that name, who is called so. */
async function enrol(name: string, roles: readonly Role[] = []) {
  const own = await token(name, roles);
  const person = await personOf(env, own, Date.now());
  if (person === null) throw new Error("nobody");
  const id = `m_${name}` as MemberId;
  await enrolPerson(shardsOf(env), person, id, Date.now());
  await rename(await vaultOf(env, id), id, name, Date.now());
  return { id, token: own };
}

const all = { actor: null, action: null, fromMs: null, toMs: null, cursor: null, limit: 50 };
const shown = (page: Page<ShownEntry> | { readonly refused: string }) => {
  if ("refused" in page) throw new Error(page.refused);
  return page.items.map((entry) => [entry.deed, entry.actorName, entry.actorRole, entry.outcome]);
};
const texts = () =>
  ["0", "1"].flatMap((name) =>
    home.rows(name, "SELECT text FROM entry ORDER BY idx").map((row) => String(row.text)),
  );
const split = { deed: "split", columns: ["workouts"], purpose: "own" } as const;
const permitted = { outcome: "permitted", ground: "own", rows: 2 };
const place = async (answer: ReturnType<Log["begin"]>) => {
  const opened = await answer;
  if ("refused" in opened) throw new Error(opened.refused);
  return opened;
};

describe("a deed of the edge's", () => {
  it("is an intent until it ends, of the member by their pseudonym, of a guest by their id", async () => {
    const ada = await enrol("ada");
    const at = await place(log.begin(ada.token, { ...split, member: ada.id }));
    expect(shown(await log.mine(ada.token, all))).toEqual([["split", "ada", "member", "pending"]]);
    await log.end(at, permitted);
    const ended = [["split", "ada", "member", "permitted"]];
    expect(shown(await log.mine(ada.token, all))).toEqual(ended);
    expect(shown(await log.mine(ada.token, { ...all, actor: ada.id }))).toEqual(ended);
    await place(log.begin(await token("stranger"), { ...split, member: null }));
    expect(texts().join()).not.toContain(ada.id);
    expect(texts().join()).toContain('"actor":"guest_');
  });

  it("is not begun without a token, and ends in no log that is not there", async () => {
    const refused = { refused: "unauthenticated" };
    expect(await log.begin("x", { ...split, member: null })).toEqual(refused);
    expect(await log.mine("x", all)).toEqual(refused);
    await expect(log.end({ log: 7, index: 0 }, permitted)).rejects.toThrow();
    expect(texts()).toEqual([]);
  });

  it("is refused once the caller was refused too often", async () => {
    const ada = await enrol("ada");
    const eve = await enrol("eve");
    let answer: object = {};
    for (let n = 0; n < 130; n++) answer = await log.mayListWorkouts(eve.token, ada.id);
    expect(answer).toEqual({ refused: "too-many" });
    expect(await log.begin(eve.token, { ...split, member: ada.id })).toEqual(answer);
  });
});

describe("another member's open workouts", () => {
  const draft = { columns: ["heart_rate"], purpose: "coaching", notBeforeMs: null } as const;
  const grant = async (member: MemberId, grantee: { kind: "member" | "role"; id: string }) => {
    const terms = { ...draft, effect: "permit", grantee, notAfterMs: null } as const;
    const given = await grantConsent(await vaultOf(env, member), member, terms, Date.now());
    if ("refused" in given) throw new Error(given.refused);
    return given.id;
  };
  const lastGround = () => /"ground":"([^"]*)"/.exec(texts().at(-1) ?? "")?.[1];

  it("are listed to whom the member lets read anything, and the log says why first", async () => {
    env = { ...env, LOG_COUNTS: "1" };
    log = new Log({} as ExecutionContext, env);
    const ada = await enrol("ada");
    const eve = await enrol("eve");
    const coach = await enrol("carl", ["coach"]);
    const auditor = await enrol("olga", ["coach", "auditor"]);
    const may = async (who: { token: string }) => {
      const answer = await log.mayListWorkouts(who.token, ada.id);
      return ["refused" in answer ? answer.refused : "permitted", lastGround()];
    };
    const refused = ["forbidden", "no-consent"];
    expect([await may(ada), await may(eve), await may(coach)]).toEqual([
      ["permitted", "own"],
      ...[refused, refused],
    ]);
    const byRole = await grant(ada.id, { kind: "role", id: "coach" });
    expect([await may(coach), await may(eve)]).toEqual([["permitted", byRole], refused]);
    expect(await may(auditor)).toEqual(refused);
    const byName = await grant(ada.id, { kind: "member", id: eve.id });
    expect(await may(eve)).toEqual(["permitted", byName]);
    const vault = await vaultOf(env, ada.id);
    for (const { id } of await listConsents(vault, ada.id, Date.now()))
      await revokeConsent(vault, ada.id, id, Date.now());
    expect([await may(eve), await may(coach)]).toEqual([refused, refused]);
  });

  it("of somebody unknown are refused alike; of what is no id, without an entry", async () => {
    const eve = await enrol("eve");
    const nobody = await log.mayListWorkouts(eve.token, "m_nobody" as MemberId);
    expect([nobody, lastGround()]).toEqual([{ refused: "forbidden" }, "no-consent"]);
    const before = texts().length;
    expect(await log.mayListWorkouts(eve.token, "no id" as MemberId)).toEqual(nobody);
    expect(texts()).toHaveLength(before);
  });
});

describe("an auditor", () => {
  it("sees every log's entries, or one member's until they are erased; each look is said", async () => {
    const ada = await enrol("ada");
    const eve = await enrol("eve");
    const olga = await enrol("olga", ["auditor"]);
    for (const { id, token: own } of [ada, eve]) await log.begin(own, { ...split, member: id });
    const one = { ...all, member: ada.id };
    const page = async () => shown(await log.entries(olga.token, one));
    const query = ["query-log", "olga", "auditor", "permitted"];
    const own = ["split", null, "member", "pending"];
    expect(await page()).toEqual([query, own]);
    const every = shown(await log.entries(olga.token, { ...all, member: null }));
    expect(every.filter(([deed]) => deed === "split")).toEqual([own, own]);
    expect(every.filter(([deed]) => deed === "query-log")).toEqual([query, query]);
    const said = texts().length;
    await eraseScope(await vaultOf(env, ada.id), ada.id, { kind: "member" }, Date.now());
    expect(await page()).toEqual([]);
    expect(texts().length).toBeGreaterThan(said);
  });

  it("alone may query and export; a cursor that is none is refused", async () => {
    const ada = await enrol("ada");
    const olga = await enrol("olga", ["auditor"]);
    const refused = { refused: "forbidden" };
    expect(await log.entries(ada.token, { ...all, member: null })).toEqual(refused);
    expect(await log.bundle(ada.token, 0, 0)).toEqual(refused);
    expect(texts()).toEqual([]);
    expect(await log.bundle(olga.token, 0, 0)).toEqual({ refused: "not-found" });
    await log.checkpointFor(0, 0);
    expect(await log.bundle(olga.token, 0, 0)).toEqual({ bytes: expect.any(Uint8Array) });
    const wrong = { ...all, member: null, cursor: "x" };
    expect(await log.entries(olga.token, wrong)).toEqual({ refused: "invalid" });
    expect(texts().filter((text) => text.includes('"export-log"'))).toHaveLength(2);
  });
});

describe("a proof", () => {
  it("is for whose entry it is and for auditors; for others it is not there", async () => {
    const ada = await enrol("ada");
    const eve = await enrol("eve");
    const olga = await enrol("olga", ["auditor"]);
    const at = await place(log.begin(ada.token, { ...split, member: ada.id }));
    await log.end(at, permitted);
    const answer = async (who: { token: string }, index = at.index) =>
      (await log.proof(who.token, { log: at.log, index })) as { refused: string };
    const closed = at.index + 1;
    const notWitnessed = { refused: "not-witnessed" };
    for (const index of [at.index, closed]) {
      expect(await answer(ada, index)).toEqual(notWitnessed);
      expect(await answer(olga, index)).toEqual(notWitnessed);
      expect(await answer(eve, index)).toEqual({ refused: "not-found" });
    }
    expect(await answer(olga, 99)).toEqual({ refused: "not-found" });
  });
});

describe("everybody", () => {
  it("sees each log's keys and size, and its checkpoint", async () => {
    const ada = await enrol("ada");
    const { log: number } = await place(log.begin(ada.token, { ...split, member: ada.id }));
    expect(await log.checkpointFor(number, 0)).toContain(`${origin}/${number}\n1\n`);
    const said = await log.logs();
    expect(said.map((one) => [one.log, one.origin, one.witnesses.length])).toEqual([
      [0, `${origin}/0`, 1],
      [1, `${origin}/1`, 1],
    ]);
    expect(said[number]).toMatchObject({ status: { size: 1, published: 1, notes: 0 } });
    expect(said[number]?.key).toMatch(new RegExp(`^${origin}/${number}\\+[0-9a-f]{8}\\+`));
    const file = Buffer.from((await log.file(number, "checkpoint")) ?? []).toString();
    expect(checkpointOf(file).size).toBe(1);
    expect(await log.file(7, "checkpoint")).toBeNull();
    expect([await log.cosigned(number, file), await log.cosigned(7, file)]).toEqual([
      ...["refused", "refused"],
    ]);
  });
});

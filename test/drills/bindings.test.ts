/**
 * Whoever takes over the edge has its bindings and nothing else. No call through them, whatever is
 * called with whatever, brings out a reading without a valid token of somebody who may read it, and
 * no call at all brings out a provider's token.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { enrol, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { BindingAnswer, BindingCall } from "../fakes/faults.ts";
import { googleExercise } from "../fakes/rides.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  workoutsOf,
} from "../system/support.ts";
import { drillSystem, expectStanding, pushRide, rideOf } from "./drill.ts";

const title = "BindungsKanarie Abendrunde";
const entrypoints = {
  VAULT_SEAL: "seal",
  VAULT_OPEN: "open",
  VAULT_CONNECT: "connect",
  VAULT_WORK: "work",
  VAULT_LOG: "log",
  VAULT_CARDS: "cards",
  VAULT_REVEAL: "reveal",
} as const;
type Binding = keyof typeof entrypoints;

/** The public methods that an entrypoint's class declares. */
const methodsOf = (entrypoint: string): string[] => {
  const file = resolve(import.meta.dirname, `../../workers/vault/${entrypoint}.ts`);
  return [...readFileSync(file, "utf8").matchAll(/^ {2}(?:async )?([a-z]\w*)\(/gm)].map(
    (m) => m[1] ?? "",
  );
};

let own: OwnSystem;
let system: System;
let member: Athlete;
let coach: Person;
let rows: string[] = [];
let connection = "";
const tokens: Record<string, string> = {};

const call = async (of: BindingCall): Promise<BindingAnswer> => {
  const edge = await system.runtime.mf.getWorker("singlet-edge");
  const body = JSON.stringify(of);
  const answer = await edge.fetch("http://drill/__call", { method: "POST", body });
  return (await answer.json()) as BindingAnswer;
};

beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
  member = await athlete(system, "bindings");
  coach = await enrol(system, "bindings-coach", "Coach", ["coach", "operator"]);
  expect(await pushRide(system, { ...rideOf(member, 1), title })).toBe(200);
  const told = googleExercise({ ...rideOf(member, 2), account: member.google, id: "95001" });
  system.provider.setExercise(member.google, told.point);
  system.provider.setHeartRate(member.google, told.heartRate);
  const { startMs } = rideOf(member, 2);
  await notifyGoogle(system, member.google, startMs, startMs + 3_600_000);
  await expectStanding(system, member, 2, 40_000);
  const workouts = await workoutsOf(system, member);
  rows = workouts.flatMap((w) => w.sources.map((s: { record: string }) => s.record));
  const warehouse = await system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  connection =
    (await warehouse
      .prepare("SELECT id FROM connection WHERE member = ? AND provider = 'google-health'")
      .bind(member.id)
      .first<string>("id")) ?? "";
  const nowMs = Date.now();
  const token = (issuedAtMs: number, expiresInSeconds: number, subject = "subject-bindings") =>
    system.issuer.token(subject, ["member"], { issuedAtMs, expiresInSeconds });
  tokens.none = "";
  tokens["no token"] = "eyJhbGciOiJub25lIn0.e30.";
  tokens.expired = await token(nowMs - 7_200_000, 60);
  tokens.forged = `${member.token.slice(0, -8)}AAAAAAAA`;
  tokens["a stranger's"] = await token(nowMs, 3600, "subject-nobody-knows");
  tokens["a coach's and operator's, without consent"] = coach.token;
});
afterAll(() => own.end());

/** Arguments that ask for as much as there is. */
function argsFor(binding: Binding, method: string, token: string): unknown[] {
  const request = { path: "/v4/users/me/identity", query: {} };
  const read = {
    member: member.id,
    purpose: "coaching",
    rows,
    ownRows: [],
    take: "all",
    span: null,
    after: null,
  };
  switch (binding) {
    case "VAULT_SEAL":
      if (method === "seal") return [member.id, connection, []];
      return method === "retract" ? [member.id, []] : [[]];
    case "VAULT_CONNECT":
      if (method === "session") return ["terra", "no-member's-word", null];
      return method === "link"
        ? [member.id, connection, "google-health", "no-code"]
        : [member.id, connection, "google-health", request];
    case "VAULT_OPEN":
      if (method === "readings") return [token, { ...read, column: "heart_rate", limit: 20_000 }];
      if (method === "enrol" || method === "breakGlass") return [token, member.id, "x"];
      if (method === "erase") return [token, { kind: "rows", rows: [] }];
      if (method === "names") return [[member.id]];
      if (method === "grant" || method === "setPrivacyZones") return [token, {}];
      return [token, null, 100];
    case "VAULT_WORK":
      return method === "parked" ? [token, null, 100] : [token, "nothing", false];
    case "VAULT_LOG":
      return logArgsFor(method, token);
    case "VAULT_CARDS":
      return method === "tokenise" ? [member.id, []] : [member.id, "nobody"];
    case "VAULT_REVEAL":
      return [token, member.id, "card_AAAAAAAAAAAAAAAAAAAAAA", "a reason"];
  }
}

function logArgsFor(method: string, token: string): unknown[] {
  const place = { log: 0, index: 0 };
  const asked = { deed: "split", member: member.id, columns: [], purpose: "" };
  const query = { actor: null, action: null, fromMs: null, toMs: null, cursor: null, limit: 100 };
  switch (method) {
    case "begin":
      return [token, asked];
    case "end":
      return [place, { outcome: "permitted", ground: "", rows: 0 }];
    case "mine":
      return [token, query];
    case "entries":
      return [token, { ...query, member: member.id }];
    case "mayListWorkouts":
      return [token, member.id];
    case "proof":
      return [token, place];
    case "bundle":
      return [token, 0, 0];
    case "file":
      return [0, "tile/entries/000"];
    default:
      return [0, 0];
  }
}

const secretsIn = (text: string): string[] => [
  ...["bpm", '"lat"', title].filter((canary) => text.includes(canary)),
  ...system.provider.tokens.filter((token) => text.includes(token)),
];

describe("the edge's bindings", () => {
  it("lead to these entrypoints, and each method of theirs is tried", () => {
    const { VAULT_REVEAL: reveal, ...others } = entrypoints;
    for (const entrypoint of Object.values(others))
      expect(methodsOf(entrypoint).length, entrypoint).toBeGreaterThan(1);
    expect(methodsOf(reveal)).toEqual(["reveal"]);
    expect(methodsOf("connect")).toEqual(expect.arrayContaining(["request", "session"]));
    expect(methodsOf("open")).toEqual(expect.arrayContaining(["readings", "erase", "names"]));
    expect(system.provider.tokens.length).toBeGreaterThan(1);
    expect(rows.length).toBeGreaterThan(1);
    expect(connection).not.toBe("");
  });

  it("hand out what a provider says of an account, but not when it says the token", async () => {
    const args = argsFor("VAULT_CONNECT", "request", "");
    const asked = async () =>
      JSON.stringify(await call({ binding: "VAULT_CONNECT", method: "request", args }));
    expect(await asked()).toContain("healthUserId");
    system.provider.faults = { echo: true };
    const echoed = await asked();
    system.provider.faults = {};
    expect(echoed).toContain('"complete":false');
    expect(secretsIn(echoed)).toEqual([]);
  });

  it("send a token nowhere but where the provider said it is asked", async () => {
    const before = system.provider.requests.length;
    for (const path of [
      "/token",
      "/v4/users/me/../../../token",
      "//evil.example/v4/users/me/",
      "v4",
    ]) {
      const args = [member.id, connection, "google-health", { path, query: {} }];
      const answer = await call({ binding: "VAULT_CONNECT", method: "request", args });
      expect(answer, path).toHaveProperty("error");
    }
    // What it reads by itself meanwhile asks for neither.
    const asked = system.provider.requests.slice(before).map(({ path }) => path);
    expect(asked.filter((path) => path === "/token" || path.includes("evil"))).toEqual([]);
  });

  // Last, for among them is ending the connection.
  it.each(Object.entries(entrypoints))(
    "%s hands out no reading to a caller without a token that may read it, and no token",
    async (name, entrypoint) => {
      const binding = name as Binding;
      for (const method of methodsOf(entrypoint))
        for (const [kind, token] of Object.entries(tokens)) {
          const text = JSON.stringify(
            await call({ binding, method, args: argsFor(binding, method, token) }),
          );
          expect(secretsIn(text), `${entrypoint}.${method} with ${kind}`).toEqual([]);
        }
    },
  );

  it("hand out the member's own reading to the member's own token", async () => {
    const args = argsFor("VAULT_OPEN", "readings", member.token);
    const text = JSON.stringify(await call({ binding: "VAULT_OPEN", method: "readings", args }));
    expect(secretsIn(text)).toEqual(["bpm"]);
    const [workout] = await workoutsOf(system, member);
    expect((await heartRateOf(system, member, workout.id))?.length).toBeGreaterThan(10);
  });
});

/** What is sealed is read again by a newer edition: first to look, then for good, and only once. */
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pushActivities, until } from "../../local/deliveries.ts";
import { call, operatorToken } from "../../local/people.ts";
import { reread } from "../../local/reread.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "./support.ts";

const learnedVault = resolve(import.meta.dirname, "../fakes/learned-vault.ts");
const range = { from: "2026-10-01T00:00:00Z", to: "2026-10-31T23:59:59Z" };
const climbedMm = 120_000;

let own: OwnSystem;
let ada: Athlete;
let ben: Athlete;
let token: string;

const rideOf = ({ garmin }: Athlete, id: string): Ride => ({
  account: garmin,
  id,
  startMs: Date.UTC(2026, 9, 14, 7),
  elapsedSeconds: 900,
  distanceM: 9_000,
  title: "Morning ride",
});
const push = (who: Athlete, id: string) =>
  pushActivities(own.system, garminActivity(rideOf(who, id)), garminDetails(rideOf(who, id)));
const ask = (body: object) =>
  call(own.system.url, "POST", "/v1/ops/rereads", { token, body: { ...range, ...body } });
const climbed = async (who: Athlete): Promise<(number | undefined)[]> =>
  (await workoutsOf(own.system, who)).map((workout) => workout.elevationGainMm?.value);
async function titleOf(who: Athlete): Promise<unknown> {
  const [workout] = await workoutsOf(own.system, who);
  const path = `/v1/members/${who.id}/readings/title?workout=${workout.id}`;
  const { body } = await call(own.system.url, "GET", path, { token: who.token });
  return body.readings[0]?.value;
}
/** Through the command that walks all pages. */
async function walked(apply: boolean): Promise<string[]> {
  const said: string[] = [];
  const asking = async (path: string, body: unknown) => {
    const answer = await call(own.system.url, "POST", path, { token, body });
    expect(answer.status).toBe(200);
    return answer;
  };
  await reread(asking, (line) => said.push(line), "garmin", { ...range, apply });
  return said;
}

beforeAll(async () => {
  own = await ownSystem({ mains: { vault: learnedVault } });
  token = await operatorToken(own.system);
  ada = await athlete(own.system, "ada");
  ben = await athlete(own.system, "ben");
  for (const [n, who] of [ada, ben].entries()) await push(who, `71${n}`);
  for (const who of [ada, ben])
    await until(
      () => climbed(who),
      ([mm]) => mm === climbedMm,
    );
  const registered = async () =>
    (await own.system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge"))
      .prepare("SELECT count(*) AS n FROM ledger")
      .first<number>("n");
  await until(registered, (n) => n === 2);
});
afterAll(() => own?.end());

it("a dry run says what differs and changes nothing", async () => {
  const said = await walked(false);
  expect(said).toContain("2 changed");
  expect(said).toContain("nothing was changed: --apply does it");
  const shown = said.join("\n");
  expect(shown).toContain(`elevationGainMm ${climbedMm} → ${climbedMm + 1_000}`);
  expect(shown).toContain("title (restricted)");
  expect(shown).not.toContain("read again");
  expect(await climbed(ada)).toEqual([climbedMm]);
  expect(await titleOf(ada)).toBe("Morning ride");
  const log = await call(own.system.url, "GET", "/v1/access-log?limit=20", { token: ada.token });
  const entries = log.body.items.filter(
    ({ columns, action }: { columns: string[]; action: string }) =>
      columns.includes("raw") && action === "admin",
  );
  expect(entries).toMatchObject([{ outcome: "permitted" }]);
});

it("applied to one member it leaves the others, applied to all it does the rest, once", async () => {
  const first = await ask({ provider: "garmin", member: ada.id, dryRun: false });
  expect(first.body).toMatchObject({ recorded: 1, next: null });
  expect(first.body.items).toMatchObject([{ member: ada.id, outcome: "changed" }]);
  expect(await climbed(ada)).toEqual([climbedMm + 1_000]);
  expect(await titleOf(ada)).toBe("Morning ride, read again");
  expect(await climbed(ben)).toEqual([climbedMm]);
  const said = await walked(true);
  expect(said).toEqual(expect.arrayContaining(["1 changed", "1 same"]));
  expect(said).toContain("1 new editions recorded");
  expect(await climbed(ben)).toEqual([climbedMm + 1_000]);
  expect(await walked(true)).toEqual(expect.arrayContaining(["2 same", "0 new editions recorded"]));
});

it("the same body said again by an edge of the older edition takes nothing back", async () => {
  expect((await push(ada, "710")).status).toBe(200);
  expect(await climbed(ada)).toEqual([climbedMm + 1_000]);
  const again = await ask({ provider: "garmin", member: ada.id, dryRun: false });
  expect(again.body.recorded).toBe(0);
});

it("a member with more than a page has all of them read, and none twice", async () => {
  const cleo = await athlete(own.system, "cleo");
  const startMs = Date.UTC(2026, 9, 2, 7);
  const rides = Array.from({ length: 60 }, (_, n) => ({
    ...rideOf(cleo, `8${100 + n}`),
    startMs: startMs + n * 7_200_000,
  }));
  await pushActivities(own.system, ...rides.map((ride) => garminActivity(ride)));
  const asked = { provider: "garmin", member: cleo.id };
  const read: string[] = [];
  let pages = 0;
  for (let cursor: string | null = ""; cursor !== null; pages++) {
    const { body }: { body: { items: { id: string }[]; next: string | null } } = await ask({
      ...asked,
      ...(cursor === "" ? {} : { cursor }),
    });
    read.push(...body.items.map(({ id }) => id));
    cursor = body.next;
  }
  expect(pages).toBe(3);
  expect(read).toHaveLength(60);
  expect(new Set(read).size).toBe(60);
  const [from, to] = [new Date(startMs).toISOString(), new Date(startMs + 7_200_000).toISOString()];
  expect((await ask({ ...asked, from, to })).body.items).toHaveLength(2);
});

it("what cannot be asked is refused, and nothing of it is read", async () => {
  const provider = "garmin";
  for (const wrong of [
    { provider: "no-such" },
    { provider, from: "2026-11-01T00:00:00Z" },
    { provider, cursor: "no cursor" },
    { provider, cursor: btoa(JSON.stringify(["m_a", "[]"])) },
    { provider, member: ada.id, cursor: btoa(JSON.stringify([ben.id, null])) },
  ])
    expect((await ask(wrong)).status, JSON.stringify(wrong)).toBe(400);
  const fieldOf = async (wrong: object) => (await ask({ provider, ...wrong })).body.fields[0].field;
  expect(await fieldOf({ from: "2026-11-01T00:00:00Z" })).toBe("body.to");
  expect(await fieldOf({ cursor: "no cursor" })).toBe("body.cursor");
  const nobody = await ask({ provider, member: `m_${"0".repeat(32)}` });
  expect(nobody.status).toBe(404);
  expect((await ask({ provider: "files" })).body).toEqual({ items: [], recorded: 0, next: null });
});

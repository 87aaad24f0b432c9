/**
 * The log of who looked from outside: who may see what of it, in which form, and what is said of bad
 * questions. docs/errors.md has a line for each refusal.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deliveries.ts";
import { enrol, type Person } from "../../local/people.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "../system/support.ts";
import { type Answered, ask, marker } from "./support.ts";

let own: OwnSystem;
let who: Athlete;
let other: Athlete;
let coach: Person;
let auditor: Person;

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "audited");
  other = await athlete(own.system, "another");
  coach = await enrol(own.system, "coach", "Coach Cora", ["coach"]);
  auditor = await enrol(own.system, "auditor", "The auditor", ["auditor"]);
});
afterAll(() => own?.end());

const get = (path: string, by?: Person): Promise<Answered> =>
  ask(own.system, "GET", path, by === undefined ? {} : { token: by.token });
const said = ({ status, body }: Answered) => [status, body.type?.replace(/.*:/, "")];
const listed = async (by: Person) => (await get("/v1/access-log?limit=200", by)).body.items;
/** The path of their newest entry, `<log>/<index>`. */
const newest = async (by: Person): Promise<string> => (await listed(by))[0].entry;

describe("the log", () => {
  it("tells a member what was done and tried, each in a sentence, the newest first", async () => {
    expect(said(await get(`/v1/members/${who.id}/workouts`, coach))).toEqual([403, "forbidden"]);
    const [entry, before] = await listed(who);
    expect(entry).toMatchObject({
      who: { id: coach.id, name: "Coach Cora", role: "coach" },
      sentence:
        "Coach Cora (coach) tried to look at the list of your workouts and was refused: you have not allowed it.",
      action: "view",
      deed: "list-workouts",
      outcome: "refused",
      ground: "no-consent",
      proof: `/v1/access-log/${entry.entry}/proof`,
      outcomeProof: null,
    });
    expect(before).toMatchObject({
      who: { id: who.id },
      sentence: "You linked an account to yours.",
      deed: "connect",
      outcome: "permitted",
      ground: "own",
      outcomeProof: expect.stringMatching(/^\/v1\/access-log\/\d+\/\d+\/proof$/),
    });
    expect((await get("/v1/access-log?action=delete", who)).body.items).toEqual([]);
  });

  it("leads from page to page without a gap", async () => {
    const all = (await listed(who)).map((e: { entry: string }) => e.entry);
    const paged: string[] = [];
    for (let next: string | null = "", pages = 0; next !== null && pages < 20; pages++) {
      const cursor: string = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await get(`/v1/access-log?limit=2${cursor}`, who);
      paged.push(...body.items.map((e: { entry: string }) => e.entry));
      next = body.next;
    }
    expect(paged).toEqual(all);
  });

  it("is an auditor's to read by member and to keep, as JSON, lines or CSV", async () => {
    const path = `/v1/audit/entries?member=${who.id}&action=edit&limit=1`;
    const json = await get(path, auditor);
    expect(json.body.items[0]).toMatchObject({ deed: "connect", outcome: "permitted" });
    expect(json.text).not.toContain(who.id);
    expect(json.headers.get("link")).toMatch(/^<\/v1\/audit\/entries\?.+cursor=.+>; rel="next"$/);
    const lines = await get(`${path}&format=ndjson`, auditor);
    expect(JSON.parse(lines.text)).toEqual(json.body.items[0]);
    const csv = await get(`${path}&format=csv`, auditor);
    expect(csv.headers.get("content-type")).toMatch(/^text\/csv/);
    expect(csv.text.split("\r\n")[1]).toContain(json.body.items[0].entry);
    const link = csv.headers.get("link")?.match(/<(.+)>/)?.[1] ?? "";
    expect((await get(link, auditor)).text.split("\r\n")[1]).not.toBe(csv.text.split("\r\n")[1]);
    expect((await listed(who))[0]).toMatchObject({
      who: { id: auditor.id, role: "auditor" },
      sentence: "The auditor (auditor) looked at the log of who looked.",
    });
  });

  it("is nobody else's", async () => {
    for (const by of [who, coach])
      for (const path of ["/v1/audit/entries", "/v1/audit/logs/0/entries/0"])
        expect(said(await get(path, by))).toEqual([403, "forbidden"]);
  });

  it.each([
    ["action=look", "query.action"],
    ["from=yesterday", "query.from"],
    ["limit=201", "query.limit"],
    [`cursor=${marker}`, undefined],
  ])("takes no %s", async (query, field) => {
    for (const [path, by] of [
      ["/v1/access-log", who],
      ["/v1/audit/entries", auditor],
    ] as const) {
      const answer = await get(`${path}?${query}`, by);
      expect(said(answer)).toEqual([400, "invalid-request"]);
      expect(answer.body.fields?.[0].field).toBe(field);
    }
  });
});

describe("a proof", () => {
  it("is its reader's to keep once the witness has seen the entry, and nobody else's", async () => {
    const entry = await newest(who);
    const path = `/v1/access-log/${entry}/proof`;
    const early = await get(path, who);
    if (early.status === 200) expect(early.text).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    else {
      expect(said(early)).toEqual([409, "not-witnessed"]);
      expect(early.headers.get("retry-after")).toBe("60");
    }
    for (const by of [other, coach]) expect(said(await get(path, by))).toEqual([404, "not-found"]);
    const [log] = entry.split("/");
    const beyond = await get(`/v1/access-log/${log}/999999999/proof`, who);
    expect(said(beyond)).toEqual([404, "not-found"]);
    for (const odd of ["-1", "1e3", "0x1", "01", "9".repeat(16)])
      expect(said(await get(`/v1/access-log/0/${odd}/proof`, who))[0]).toBe(400);
  });
});

describe("who may see the log", () => {
  it("has everybody's hashes, by keys that are named, and no entry", async () => {
    const { body } = await get("/v1/logs");
    const at = body.items.findIndex((log: { size: number }) => log.size > 0);
    const log = body.items[at];
    expect(log).toMatchObject({ log: at, url: `/log/${at}`, key: expect.stringMatching(/\+/) });
    const checkpoint = await until(
      () => get(`${log.url}/checkpoint`),
      ({ status }) => status === 200,
    );
    expect(checkpoint?.text.split("\n")[0]).toBe(log.origin);
    expect(checkpoint?.headers.get("cache-control")).toBe("no-store");
    const size = Number(checkpoint?.text.split("\n")[1]);
    const tile = await get(`${log.url}/tile/0/000.p/${size}`);
    expect([tile.status, tile.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(tile.headers.get("content-type")).toBe("application/octet-stream");
  });

  it.each([
    "/log/0/tile/entries/000",
    "/log/0/tile/0/999",
    "/log/0/tile/0/000.p/256",
    "/log/0/tile/64/000",
    "/log/0/tile/0/..%2f..%2fcheckpoint",
    `/log/0/tile/${marker}`,
    "/log/0/witnessed/999/999",
    "/log/0/witnessed/000/checkpoint",
    "/log/200/checkpoint",
  ])("has nothing at %s", async (path) => {
    expect(said(await get(path))).toEqual([404, "not-found"]);
  });
});

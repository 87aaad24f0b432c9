/** A member's own list of others: who gets onto it, and what it tells of them. */
import { expect, it } from "vitest";
import { aboutMember, memberId, saidOf, type World, world } from "./social-world.ts";

const { friendsMax } = (await import(
  /* @vite-ignore */ new URL("../../workers/edge/social.ts", import.meta.url).href
)) as { friendsMax: number };

const follow = (here: World, member: string, other: string) =>
  here.ask("put", `/v1/friends/${other}`, { member });
const listed = async (here: World, member: string) =>
  (await here.ask("get", "/v1/friends", { member })).body.items;

it("whoever is on boards is followed by their id, and shown by name while they are", async () => {
  const here = world();
  const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
  expect((await follow(here, ada, ben)).body).toEqual({ member: ben, name: `Name of ${ben}` });
  expect((await follow(here, ada, ben)).status).toBe(200);
  expect(await listed(here, ada)).toEqual([{ member: ben, name: `Name of ${ben}` }]);
  await here.choose(ben, false);
  expect(await listed(here, ada)).toEqual([{ member: ben, name: null }]);
});

it("it is one side's: the other's list and settings stay as they were, and nobody is told", async () => {
  const here = world();
  const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
  const before = here.settings.get(ben);
  await follow(here, ada, ben);
  expect(await listed(here, ben)).toEqual([]);
  expect(here.settings.get(ben)).toEqual(before);
});

it("one off boards is not found, also in a team of mine: it tells nobody that they are in it", async () => {
  const here = world();
  const [ada, ben] = [await here.enrol(1), await here.enrol(2, false)];
  const made = (await here.ask("post", "/v1/teams", { member: ada, body: { name: "Ours" } })).body;
  const body = { code: made.code };
  await here.ask("post", `/v1/teams/${made.id}/members`, { member: ben, body });
  expect(saidOf(await follow(here, ada, ben))).toBe("not-found");
  await here.choose(ben, true);
  expect((await follow(here, ada, ben)).body).toMatchObject({ member: ben });
});

it("of who is on no board nothing is said, not even whether they are there", async () => {
  const here = world();
  const ada = await here.enrol(1);
  const hidden = await here.enrol(2, false);
  const gone = await here.enrol(3);
  await here.rows("UPDATE member SET erased_at = 1 WHERE id = ?", gone);
  const answers = await Promise.all(
    [hidden, gone, memberId(99)].map((other) => follow(here, ada, other)),
  );
  for (const { status, body } of answers) {
    expect(status).toBe(404);
    expect(body).toEqual(answers[0]?.body);
  }
  expect(await listed(here, ada)).toEqual([]);
});

it("oneself, and what is no id, is not taken", async () => {
  const here = world();
  const ada = await here.enrol(1);
  for (const other of [ada, "m_1", "somebody", "%00"])
    expect(saidOf(await follow(here, ada, other))).toBe("invalid-request");
});

it("a full list says so of anybody, there or not", async () => {
  const here = world();
  const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
  const others = Array.from({ length: friendsMax }, (_, i) => memberId(1000 + i));
  await here.rows(
    "INSERT INTO follow SELECT ?, value, 0 FROM json_each(?)",
    ada,
    JSON.stringify(others),
  );
  for (const other of [ben, memberId(99)])
    expect(saidOf(await follow(here, ada, other))).toBe("full");
  expect((await follow(here, ada, others[0] ?? "")).status).toBe(200);
  await here.ask("delete", `/v1/friends/${others[0]}`, { member: ada });
  expect((await follow(here, ada, ben)).status).toBe(200);
});

it("who is taken off is off, and so is one who never was on; pages follow each other", async () => {
  const here = world();
  const ada = await here.enrol(1);
  const others: string[] = [];
  for (let n = 2; n < 7; n++) others.push(await here.enrol(n));
  for (const other of others) await follow(here, ada, other);
  for (const other of [others[0], memberId(99)]) {
    const { status, body } = await here.ask("delete", `/v1/friends/${other}`, { member: ada });
    expect([status, body]).toEqual([200, { unfollowed: other }]);
  }
  const first = (await here.ask("get", "/v1/friends?limit=3", { member: ada })).body;
  expect(first.items.map((of: { member: string }) => of.member)).toEqual(others.slice(1, 4));
  const cursor = encodeURIComponent(first.next);
  const rest = (await here.ask("get", `/v1/friends?limit=3&cursor=${cursor}`, { member: ada }))
    .body;
  expect(rest.items.map((of: { member: string }) => of.member)).toEqual(others.slice(4));
  expect(rest.next).toBeNull();
  const wrong = await here.ask("get", "/v1/friends?cursor=wrong", { member: ada });
  expect(saidOf(wrong)).toBe("invalid-request");
});

it("stands in the member's own export", async () => {
  const here = world();
  const [ada, ben] = [await here.enrol(1), await here.enrol(2)];
  await follow(here, ada, ben);
  expect(await aboutMember(here.ports, ada)).toMatchObject({ friends: [ben] });
  expect(await aboutMember(here.ports, ben)).toMatchObject({ friends: [] });
});

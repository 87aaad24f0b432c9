/** What `npm run deploy` leaves behind: a running system, the former one, or everything as it was. */
import { afterEach, expect, it } from "vitest";
import { putting, secrets } from "../../local/deploy-secrets.ts";
import {
  configOf,
  deployedIn,
  giveSecrets,
  Killed,
  settingsOf,
  type World,
  world,
} from "./scenarios.ts";
import { standIn } from "./stand-in.ts";

const worlds: World[] = [];
async function fresh(): Promise<World> {
  const made = await world(standIn);
  worlds.push(made);
  return made;
}
afterEach(async () => {
  for (const each of worlds.splice(0)) await each.end();
});

it("makes a running system of an empty account, and changes nothing when asked again", async () => {
  const w = await fresh();
  giveSecrets(w);
  const first = await w.run("one");
  expect(first.outcome).toBe("deployed");
  expect(first.tried.filter(({ verdict }) => verdict === "wrong")).toEqual([]);
  expect([...w.account.databases.keys()]).toEqual([
    ...["vault-directory", "phi-0", "keys-0", "phi-1", "keys-1", "warehouse"],
  ]);
  for (const name of w.account.databases.keys()) expect(w.account.migrated(name)).not.toEqual([]);
  expect(w.account.buckets.size).toBe(7);
  expect([...w.account.queues.keys()].sort()).toEqual(["changes", "changes-dead", "runs"]);
  expect(w.account.buckets.get("singlet-log-entries")).toMatchObject([{ prefix: "entries/" }]);
  const order = w.account.changes.filter((each) => each.startsWith("version")).slice(-3);
  expect(order).toEqual(
    ["singlet-vault", "singlet-edge", "singlet-archive"].map((n) => `version ${n}`),
  );

  const before = [w.state(), w.account.changes.length];
  const again = await w.run("one");
  expect([again.outcome, again.release]).toEqual(["unchanged", first.release]);
  expect([w.state(), w.account.changes.length]).toEqual(before);
});

it("binds the ids that the account gave, and keeps them out of the repository", async () => {
  const w = await fresh();
  giveSecrets(w);
  await w.run("one");
  const ids = [...w.account.databases.values()].map(({ uuid }) => uuid);
  const vault = await configOf(w, "production", "vault");
  for (const id of ids.slice(0, 5)) expect(vault).toContain(id);
  expect(await configOf(w, "production", "edge")).toContain(ids[5]);
});

it("says of each missing secret what it is and how it is given, and changes nothing", async () => {
  for (const missing of secrets) {
    const w = await fresh();
    for (const each of secrets)
      if (each !== missing) w.account.putSecret(`singlet-${each.worker}`, each.name);
    const before = [w.state(), w.account.changes.length];
    const { outcome, steps } = await w.run("one");
    expect(outcome).toBe("refused");
    const text = steps.map(({ said }) => said).join("\n");
    expect(text).toContain(`singlet-${missing.worker} ${missing.name}: ${missing.what}`);
    expect(text).toContain(putting(missing, `singlet-${missing.worker}`));
    expect([w.state(), w.account.changes.length]).toEqual(before);
  }
});

it("changes nothing for a tree, a setting or a lock that is not as it should be", async () => {
  const w = await fresh();
  giveSecrets(w);
  w.account.createBucket("singlet-keyring");
  const right = settingsOf("production", "one");
  const cases = [
    { changed: [" M wrangler.toml"] },
    { settings: { ...right, edge: { ...right.edge, PUBLIC_URL: "" } } },
    { settings: { ...right, edge: { ...right.edge, PUBLIC_URL: "http://p.test" } } },
    { settings: { ...right, edge: { ...right.edge, PUBLIC_URL: "p.test" } } },
    { settings: { ...right, vault: { ...right.vault, TOKEN_AUDIENCE: "another" } } },
    {
      settings: {
        ...right,
        archive: { ...right.archive, LOG_KEYS: "log.p.test/0+1+k log.q.test/0+1+k" },
      },
    },
    { settings: { ...right, vault: { ...right.vault, LOG_ORIGIN: "log.example.com" } } },
    { settings: settingsOf("preview", "one") },
  ];
  const before = w.account.changes.length;
  for (const each of cases) expect((await w.run("one", each)).outcome).toBe("refused");
  w.account.lock("singlet-keyring", [{ id: "keep", prefix: "" }]);
  expect((await w.run("one")).outcome).toBe("refused");
  expect(w.account.changes.length).toBe(before + 1);
  w.account.lock("singlet-keyring", []);
  expect((await w.run("one")).outcome).toBe("deployed");
});

it("tells a plan of everything, and changes nothing", async () => {
  const w = await fresh();
  giveSecrets(w);
  const before = w.state();
  const { outcome, steps } = await w.run("one", { isPlan: true });
  expect([outcome, w.state()]).toEqual(["planned", before]);
  const count = (step: string) => steps.filter((each) => each.step === step).length;
  expect([count("make"), count("migrate"), count("deploy")]).toEqual([17, 6, 3]);
});

it("is asked once all is said, and changes nothing for whoever does not agree", async () => {
  const w = await fresh();
  giveSecrets(w);
  const before = [w.state(), w.account.changes.length];
  let told = 0;
  const agrees = async (steps: readonly unknown[]) => {
    told = steps.length;
    return false;
  };
  const { outcome } = await w.run("one", { agrees });
  expect([outcome, w.state(), w.account.changes.length]).toEqual(["not agreed", ...before]);
  expect(told).toBeGreaterThan(17 + 6 + 3);
  await w.run("one");
  expect((await w.run("one", { agrees })).outcome).toBe("unchanged");
});

it("puts the former release back, last first, when the new one does not answer", async () => {
  const w = await fresh();
  giveSecrets(w);
  const good = await w.run("one");
  const stood = deployedIn(w);
  const from = w.account.changes.length;
  const bad = await w.run("two", { broken: (release) => release !== good.release });
  expect(bad.outcome).toBe("rolled back");
  expect(bad.steps.map(({ what }) => what).join()).toContain("the vault and its log answer");
  expect(deployedIn(w)).toEqual(stood);
  expect(bad.versions).toEqual(good.versions);
  expect(w.account.changes.slice(from).filter((each) => each.startsWith("deployed"))).toEqual(
    ["archive", "edge", "vault"].map((name) => `deployed singlet-${name}`),
  );
  expect((await w.run("two")).outcome).toBe("deployed");
});

it("leaves a release that stood before, and says so, when it no longer answers", async () => {
  const w = await fresh();
  giveSecrets(w);
  await w.run("one");
  const before = w.state();
  const { outcome } = await w.run("one", { broken: () => true });
  expect([outcome, w.state()]).toEqual(["failed", before]);
});

it("completes when it is run again, wherever it was killed", async () => {
  const whole = await fresh();
  giveSecrets(whole);
  await whole.run("one");
  const commands = 17 + 6 + 3;
  for (let nth = 1; nth <= commands; nth++) {
    const w = await fresh();
    giveSecrets(w);
    await expect(w.run("one", { killedAt: nth }), `${nth}`).rejects.toThrow(Killed);
    const { outcome } = await w.run("one");
    expect([nth, outcome]).toEqual([nth, "deployed"]);
    expect([nth, w.state()]).toEqual([nth, whole.state()]);
  }
});

it("takes back by hand what was deployed last, also when that was killed half-way", async () => {
  for (const killedAt of [undefined, 2, 3]) {
    const w = await fresh();
    giveSecrets(w);
    await w.run("one");
    const stood = deployedIn(w);
    const second = w.run("two", killedAt === undefined ? {} : { killedAt });
    await (killedAt === undefined ? second : expect(second).rejects.toThrow(Killed));
    expect(deployedIn(w)).not.toEqual(stood);
    expect((await w.rollBack()).isWhole).toBe(true);
    expect(deployedIn(w)).toEqual(stood);
  }
});

it("takes nothing back by hand from behind a worker that another command changed since", async () => {
  for (const changed of ["singlet-edge", "singlet-archive"]) {
    const w = await fresh();
    giveSecrets(w);
    await w.run("one");
    await w.run("two");
    w.account.putSecret(changed, "ALERT_SECRET");
    const stood = deployedIn(w);
    const { isWhole, steps } = await w.rollBack();
    expect(isWhole).toBe(false);
    expect(steps.at(-1)).toMatchObject({ step: "STANDS", what: `${changed} as it was deployed` });
    const { "singlet-vault": vault, "singlet-edge": edge } = deployedIn(w);
    expect([vault, edge]).toEqual([stood["singlet-vault"], stood["singlet-edge"]]);
  }
});

it("says what stands, where wrangler answers nothing that is understood while it puts back", async () => {
  const w = await fresh();
  giveSecrets(w);
  await w.run("one");
  let isBroken = false;
  const broken = () => {
    isBroken = true;
    return true;
  };
  const { outcome, steps } = await w.run("two", { broken, isCut: () => isBroken });
  expect(outcome).toBe("failed");
  expect(steps.at(-1)).toMatchObject({
    step: "STANDS",
    what: "singlet-archive as it was deployed",
  });
});

it("keeps a preview apart: no name, id, address or key is production's", async () => {
  const w = await fresh();
  giveSecrets(w);
  giveSecrets(w, "-preview");
  await w.run("one");
  const production = w.state();
  expect((await w.run("one", { environment: "preview" })).outcome).toBe("deployed");
  const named = (text: string) =>
    new Set(
      [
        ...text.matchAll(
          /"(?:name|service|script_name|database_name|database_id|bucket_name|queue|dead_letter_queue|dataset|namespace_id)": "([^"]+)"/g,
        ),
      ]
        .map(([, value = ""]) => value)
        // What a binding is called in the code is no name in the account.
        .filter((value) => value !== value.toUpperCase()),
    );
  for (const worker of ["vault", "edge", "archive"]) {
    const [p, q] = await Promise.all(
      (["production", "preview"] as const).map((each) => configOf(w, each, worker)),
    );
    const theirs = named(q ?? "");
    const shared = [...named(p ?? "")].filter((name) => theirs.has(name));
    expect([worker, shared]).toEqual([worker, []]);
  }
  await w.run("two", { environment: "preview" });
  const kept = JSON.parse(w.state());
  for (const [name, held] of Object.entries(JSON.parse(production) as Record<string, unknown[]>))
    for (const each of held)
      if (!JSON.stringify(each).includes("preview")) expect(kept[name]).toContainEqual(each);
});

/**
 * A wrangler that acts on an `Account` in memory and says what the real one says of it, as far as the
 * deploy reads it. That both lead to the same is held by `node test/deploy/main.ts`, which goes
 * through the same scenarios with the real one; this one takes milliseconds.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Said, Wrangler } from "../../local/deploy-wrangler.ts";
import type { Account } from "./cloudflare.ts";

const done = (out = ""): Said => ({ status: 0, out, err: "" });
const shown = (value: unknown): Said => done(JSON.stringify(value));
const failed = (why: string): Said => ({ status: 1, out: "", err: `✘ [ERROR] ${why}\n` });

const optionOf = (words: readonly string[], name: string): string => {
  const at = words.indexOf(name);
  return at < 0 ? "" : (words[at + 1] ?? "");
};

interface Config {
  readonly name: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly services?: readonly { readonly binding: string; readonly service: string }[];
  readonly d1_databases?: readonly {
    readonly binding: string;
    readonly database_name: string;
    readonly database_id: string;
    readonly migrations_dir: string;
  }[];
  readonly migrations?: readonly { readonly tag: string }[];
}
const configAt = (file: string): Config => JSON.parse(readFileSync(file, "utf8"));

/** As `wrangler deploy` of no more than a page of code. */
const kib = "12.00";

function deploy(account: Account, words: readonly string[]): Said {
  const config = configAt(optionOf(words, "-c"));
  if (words.includes("--dry-run")) {
    const outdir = optionOf(words, "--outdir");
    mkdirSync(outdir, { recursive: true });
    writeFileSync(join(outdir, "index.js"), config.name);
    return done(`Total Upload: ${kib} KiB / gzip: 3.00 KiB\n--dry-run: exiting now.\n`);
  }
  for (const { service } of config.services ?? [])
    if (!account.workers.has(service))
      return failed(`Could not resolve service binding ${service}`);
  const bindings = Object.fromEntries([
    ...(config.services ?? []).map((each) => [each.binding, each.service]),
    ...(config.d1_databases ?? []).map((each) => [each.binding, each.database_id]),
  ]);
  const message = optionOf(words, "--message");
  const tag = config.migrations?.at(-1)?.tag ?? null;
  const id = account.upload(config.name, { message, vars: config.vars, bindings }, tag);
  return done(`Uploaded ${config.name} (1.00 sec)\nCurrent Version ID: ${id}\n`);
}

function migrations(account: Account, words: readonly string[]): Said {
  const [, , verb, name = ""] = words;
  const file = optionOf(words, "-c");
  const declared = configAt(file).d1_databases?.find((each) => each.database_name === name);
  const found = account.databases.get(name);
  if (declared === undefined || found?.uuid !== declared.database_id)
    return failed(`Couldn't find a D1 DB with the name ${name}`);
  const folder = resolve(dirname(file), declared.migrations_dir);
  const seen = new Set(account.migrated(name));
  const pending = readdirSync(folder)
    .filter((each) => each.endsWith(".sql") && !seen.has(each))
    .sort();
  if (verb === "list") return done(pending.map((each) => `│ ${each} │`).join("\n"));
  found.db.exec(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)",
  );
  for (const each of pending) {
    found.db.exec(readFileSync(join(folder, each), "utf8"));
    found.db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").run(each);
    account.changes.push("migration");
  }
  return done();
}

function buckets(account: Account, [, , verb, name = ""]: readonly string[]): Said {
  if (verb === "list")
    return done([...account.buckets.keys()].map((each) => `name:           ${each}\n`).join(""));
  if (verb === "info") return account.buckets.has(name) ? done() : failed("no such bucket");
  if (account.buckets.has(name)) return failed("it already exists [code: 10004]");
  account.createBucket(name);
  return done();
}

function locks(
  account: Account,
  [, , , verb, bucket = "", id = "", prefix = ""]: readonly string[],
) {
  const held = account.buckets.get(bucket);
  if (held === undefined) return failed("no such bucket");
  if (verb === "add") account.lock(bucket, [...held, { id, prefix }]);
  return done(held.map((each) => `name:       ${each.id}\nenabled:    Yes\n`).join(""));
}

function queues(account: Account, words: readonly string[]): Said {
  const [, verb, name = ""] = words;
  if (verb === "list") {
    const rows = optionOf(words, "--page") === "1" ? [...account.queues] : [];
    return done(["│ id │ name │", ...rows.map(([n, { id }]) => `│ ${id} │ ${n} │`)].join("\n"));
  }
  if (account.queues.has(name)) return failed("already taken [code: 11009]");
  account.createQueue(name);
  return done();
}

function databases(account: Account, words: readonly string[]): Said {
  const [, verb, name = ""] = words;
  if (verb === "migrations") return migrations(account, words);
  if (verb === "list")
    return shown([...account.databases].map(([each, { uuid }]) => ({ name: each, uuid })));
  if (account.databases.has(name)) return failed("A database with that name already exists");
  account.createDatabase(name);
  return done();
}

function versions(account: Account, words: readonly string[]): Said {
  const [first, second = ""] = words;
  const name = optionOf(words, "--name");
  const worker = account.workers.get(name);
  if (worker === undefined)
    return failed("This Worker does not exist on your account. [code: 10007]");
  if (first === "secret") return shown([...worker.secrets].map((each) => ({ name: each })));
  if (first === "deployments") return shown({ versions: [{ version_id: worker.deployed }] });
  if (first === "rollback")
    return account.deploy(name, second) ? done() : failed("no such version");
  const [, , id = ""] = words;
  const message = worker.versions.find((each) => each.id === id)?.message ?? null;
  return shown({ id, annotations: message === null ? {} : { "workers/message": message } });
}

export const standIn =
  (account: Account): Wrangler =>
  async (words) => {
    const [first, second, third] = words;
    if (first === "whoami")
      return shown({ loggedIn: true, accounts: [{ id: "one", name: "one" }] });
    if (first === "deploy") return deploy(account, words);
    if (first === "d1") return databases(account, words);
    if (first === "queues") return queues(account, words);
    if (first === "r2" && second === "bucket" && third === "lock") return locks(account, words);
    if (first === "r2") return buckets(account, words);
    return versions(account, words);
  };

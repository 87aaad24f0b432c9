/**
 * `npm run audit`: what an auditor, a member or anybody else checks the log of who looked with. What
 * is checked, and how, is `audit-verify.ts` alone; this reads the words and says what came of it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fetchLog } from "./audit-fetch.ts";
import { folderSource, urlSource } from "./audit-source.ts";
import { checkProof, grouped, type Keys, readKeys, verifyLog, Wrong } from "./audit-verify.ts";
import { coSigns, keyFile, newSeed, signs, verifierKeyOf } from "./log-keys.ts";
import { call } from "./people.ts";
import { say } from "./say.ts";
import { table } from "./table.ts";

const help = `npm run audit -- COMMAND [options]

  verify --tiles DIR|URL    a whole log: a folder that \`fetch\` filled, or where it is published
                            (https://…/log/0). Says OK, or WRONG and the first thing that does not fit
  proof FILE                one downloaded proof (.tlog-proof), and what its entry says
  fetch --log N --into DIR  takes a log home: checkpoint, tiles, witnessed checkpoints and, with an
                            auditor's token, the entries. Run again, it goes on where it was
  key-file                  writes what the system says its keys are to the key file
  keys NAME                 makes a secret, and says the keys that others verify it with by that
                            name: LOG_KEY's (NAME is an origin, log.example.com/0) or WITNESS_KEY's;
                            --secret BASE64 says those of one that there is

  --key FILE     the keys to verify with (default .singlet/log.keys)
  --url URL      the edge (default: of .singlet/local.json)
  --token TOKEN  an auditor's (default: of .singlet/local.json, unless --url is given)
  --help         this text

  Exit code 0: OK. 1: wrong, or it could not be checked. 2: not understood.
`;

const local = resolve(import.meta.dirname, "../.singlet");
const keyFileName = "log.keys";

class Misused extends Error {}
const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
/** As the caller's shell means it: npm runs scripts elsewhere. */
const pathOf = (path: string): string => resolve(process.env.INIT_CWD ?? ".", path);

interface Options {
  readonly tiles?: string;
  readonly key?: string;
  readonly log?: string;
  readonly into?: string;
  readonly url?: string;
  readonly token?: string;
  readonly secret?: string;
}

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ tiles: text, key: text, log: text, into: text, url: text, token: text, secret: text },
      help: { type: "boolean", default: false },
    },
  });
  const [command, word, ...rest] = positionals;
  if (values.help || command === undefined) return void process.stdout.write(help);
  if (rest.length > 0) throw new Misused("too many words");
  const takesWord = command === "proof" || command === "keys";
  if (takesWord !== (word !== undefined))
    throw new Misused(`${command} takes ${takesWord ? "one word more" : "no other word"}`);
  switch (command) {
    case "verify":
      return verify(values);
    case "proof":
      return proof(word ?? "", values);
    case "fetch":
      return fetchInto(values);
    case "key-file":
      return writeKeys(values);
    case "keys":
      return keys(word ?? "", values.secret ?? newSeed());
    default:
      throw new Misused(`there is no command ${command}`);
  }
}

const keysAt = ({ key }: Options): string =>
  key === undefined ? join(local, keyFileName) : pathOf(key);

async function keysOf(options: Options): Promise<Keys> {
  const file = keysAt(options);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) throw new Error(`there is no ${file}: \`npm start\` writes it, or --key FILE`);
  return readKeys(text);
}

/** What is not given is the local system's. */
async function doorOf({ url, token }: Options) {
  if (url !== undefined) return { url: url.replace(/\/$/, ""), token: token ?? null };
  const text = await readFile(join(local, "local.json"), "utf8").catch(() => null);
  if (text === null)
    throw new Error("there is no .singlet/local.json: `npm start` writes it, or give --url");
  const door = JSON.parse(text);
  return { url: door.url as string, token: token ?? (door.tokens?.auditor as string) ?? null };
}

async function verify(options: Options): Promise<void> {
  const { tiles } = options;
  if (tiles === undefined) throw new Misused("verify takes --tiles");
  const isUrl = /^https?:\/\//.test(tiles);
  const source = isUrl ? urlSource(tiles) : folderSource(pathOf(tiles));
  say(table(["what", "found"], await verifyLog(source, await keysOf(options))));
  say("OK");
}

async function proof(file: string, options: Options): Promise<void> {
  const checked = checkProof(await readFile(pathOf(file), "utf8"), await keysOf(options));
  const { origin, index, size, witnessedAt, entry } = checked;
  const said = Object.entries(entry).filter(([name]) => name !== "v" && name !== "salt");
  say(
    table(
      ["field", "says"],
      said.map(([name, value]) => [name, wordOf(value)]),
    ),
  );
  say(`entry ${grouped(index)} of the first ${grouped(size)} in ${origin},`);
  say(`which a witness had seen by ${witnessedAt}`);
  say("OK");
}

const wordOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : String(value);

async function fetchInto(options: Options): Promise<void> {
  const { log, into } = options;
  if (!/^\d{1,3}$/.test(log ?? "") || into === undefined)
    throw new Misused("fetch takes --log and --into");
  const door = await doorOf(options);
  await fetchLog({ ...door, log: Number(log), into: pathOf(into), say });
  const entries = door.token === null ? "; without a token, no entries" : "";
  say(`done${entries}. Next: npm run audit -- verify --tiles ${into}`);
}

async function writeKeys(options: Options): Promise<void> {
  const { url } = await doorOf(options);
  const { status, body } = await call(url, "GET", "/v1/logs");
  if (status !== 200) throw new Error(`GET /v1/logs: ${status}`);
  const logs: { key: string; witnesses: string[] }[] = body.items;
  const witnesses = new Set(logs.flatMap((one) => one.witnesses));
  const text = keyFile(
    logs.map((one) => one.key),
    [...witnesses],
  );
  readKeys(text);
  await writeFile(keysAt(options), text);
  say(`${text}\nwritten to ${keysAt(options)}`);
  say("These are the system's own words. Compare them with keys that reached you another way:");
  say("whoever could rewrite the log could also tell you other keys.");
}

function keys(name: string, secret: string): void {
  if (!/^[^\s+]+$/.test(name)) throw new Misused("a name has no blanks and no +");
  if (Buffer.from(secret, "base64").length !== 32) throw new Misused("a secret is 32 bytes");
  say(`secret     ${secret}`);
  say(`as a log   ${verifierKeyOf(name, secret, signs)}`);
  say(`as witness ${verifierKeyOf(name, secret, coSigns)}`);
  say("A secret is for one of the two only, and a log's and its witness's belong in other hands.");
}

main().catch((error: Error) => {
  if (error instanceof Wrong) {
    say(`WRONG: ${error.message}`);
    process.exit(1);
  }
  process.stderr.write(`audit: ${error.message}\n`);
  const isMisused = error instanceof Misused || /^ERR_PARSE_ARGS/.test(codeOf(error));
  if (isMisused) process.stderr.write(`\n${help}`);
  process.exit(isMisused ? 2 : 1);
});

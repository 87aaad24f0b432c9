/**
 * `npm run vault`: the operator's commands for keys and shards, over the edge's own routes. Every
 * command may be stopped at any point and run again: the vault knows how far it is.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Answer, call } from "./people.ts";
import { type RereadValues, reread, rereadHelp, rereadOptions } from "./reread.ts";
import { say } from "./say.ts";
import { nextCommands, shardsIn, vaultConfig, withShard } from "./shard-config.ts";
import { table } from "./table.ts";

const help = `npm run vault -- COMMAND [options]

  status           epochs, root keys and shards as they are
  rotate           wrap every member's key under a new epoch and destroy the older one: from then
                   on no old copy of a database opens what was erased before. One that is under
                   way is finished first, because it may have begun before that erasure
  rotate --root    wrap the epochs under the present root key; until that is done the vault
                   needs both secrets, ROOT_KEY and ROOT_KEY_PREVIOUS
  restore N        make shard N whole after its databases were restored; --force: even if it looks
                   whole, which keeps everybody out of it meanwhile
  open-shard N     place new members on shard N
  close-shard N    place no new members there; those it has stay
  add-shard        declare one shard more in ${vaultConfig} and say what to run next
${rereadHelp}

  --url URL        the edge (default: of .singlet/local.json)
  --token TOKEN    an operator's token (default: of .singlet/local.json)
  --help           this text

  Exit code 0: done. 1: refused or failed; run it again. 2: not understood.
`;

const root = resolve(import.meta.dirname, "..");
const stepsMax = 1_000_000;
const stuckStepsMax = 3;
const triesMax = 6;
const waitMs = 500;
const bytesMax = 8_000_000_000;

interface Door {
  readonly url: string;
  readonly token: string;
}
interface Shard {
  readonly shard: number;
  readonly open: boolean;
  readonly members: number;
  readonly bytes: number;
  readonly restored: boolean;
  readonly missing: boolean;
  readonly left: number;
}
interface Keys {
  readonly epoch: number;
  readonly epochMadeAt: string | null;
  readonly epochs: readonly number[];
  readonly underOldRoot: number;
  readonly shards: readonly Shard[];
}

class Misused extends Error {}
const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));
const grouped = (n: number): string => n.toLocaleString("en-US");
const percent = (part: number, whole: number): string =>
  `${(whole === 0 ? 100 : (100 * part) / whole).toFixed(1)} %`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      root: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      ...rereadOptions,
      url: { type: "string" },
      token: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [command, number, ...rest] = positionals;
  if (values.help || command === undefined) return void process.stdout.write(help);
  if (rest.length > 0) throw new Misused("too many words");
  const { from, to, member, apply } = values;
  const isRange = [from, to, member].some((given) => given !== undefined) || apply;
  if (isRange && command !== "reread")
    throw new Misused("--from, --to, --member and --apply go with reread");
  const isAlone = !values.root && !values.force;
  const run =
    command === "reread" && isAlone
      ? rereadOf(number, values)
      : commandOf(command, number, values.root, values.force);
  await run(await doorOf(values.url, values.token));
}

function commandOf(
  command: string,
  number: string | undefined,
  ofRoot: boolean,
  isForced: boolean,
) {
  if (ofRoot && command !== "rotate") throw new Misused("--root goes with rotate");
  if (isForced && command !== "restore") throw new Misused("--force goes with restore");
  const numbered: Readonly<Record<string, (door: Door, n: number) => Promise<void>>> = {
    restore: (door, n) => restore(door, n, isForced),
    "open-shard": (door, n) => openShard(door, n, true),
    "close-shard": (door, n) => openShard(door, n, false),
  };
  const plain: Readonly<Record<string, (door: Door) => Promise<void>>> = {
    status: async (door) => show(await statusOf(door)),
    rotate: (door) => rotate(door, ofRoot ? "root" : "epoch"),
    "add-shard": addShard,
  };
  const withNumber = numbered[command];
  if (withNumber !== undefined) {
    if (!/^\d{1,3}$/.test(number ?? "")) throw new Misused(`${command} takes a shard's number`);
    return (door: Door) => withNumber(door, Number(number));
  }
  const alone = plain[command];
  if (alone === undefined) throw new Misused(`there is no command ${command}`);
  if (number !== undefined) throw new Misused(`${command} takes nothing else`);
  return alone;
}

function rereadOf(provider: string | undefined, { from, to, member, apply }: RereadValues) {
  if (provider === undefined || from === undefined || to === undefined)
    throw new Misused("reread takes a provider, --from and --to");
  const values = { from, to, ...(member === undefined ? {} : { member }), apply };
  return (door: Door) =>
    reread((path, body) => ask(door, "POST", path, body), say, provider, values);
}

/** What is not given is the local system's. */
async function doorOf(url: string | undefined, token: string | undefined): Promise<Door> {
  if (url !== undefined && token !== undefined) return { url: url.replace(/\/$/, ""), token };
  if (url !== undefined) throw new Misused("--url goes with --token");
  try {
    const local = JSON.parse(await readFile(join(root, ".singlet/local.json"), "utf8"));
    return { url: local.url, token: token ?? local.tokens.operator };
  } catch {
    throw new Error(
      "there is no .singlet/local.json: `npm start` writes it, or give --url, --token",
    );
  }
}

/** One request; what the system cannot answer at the moment is asked again, a few times. */
async function ask(door: Door, method: string, path: string, body?: unknown): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const options = { token: door.token, ...(body === undefined ? {} : { body }) };
    const answer = await call(door.url, method, path, options).catch(() => null);
    if (answer !== null && answer.status < 500) {
      if (answer.status < 300) return answer;
      throw new Error(`${method} ${path}: ${answer.status} ${reasonOf(answer)}`);
    }
    if (tries === triesMax)
      throw new Error(`${method} ${path}: ${answer?.status ?? "nobody answers"}; run it again`);
    await sleep(waitMs * 2 ** (tries - 1));
  }
}

/** The problem's title and what of the question broke which rule: "body.to custom". */
function reasonOf({ body }: Answer): string {
  if (typeof body === "string") return body;
  const fields: readonly { field: string; rule: string }[] = body.fields ?? [];
  const named = fields.map(({ field, rule }) => `${field} ${rule}`);
  return named.length === 0 ? body.title : `${body.title} (${named.join(", ")})`;
}

const statusOf = async (door: Door): Promise<Keys> =>
  (await ask(door, "GET", "/v1/ops/keys")).body as Keys;

function show(keys: Keys): void {
  const { epoch, epochMadeAt, epochs, underOldRoot, shards } = keys;
  const under = epochs.length > 1 ? `; a rotation is under way (${epochs.join(", ")} exist)` : "";
  say(epochMadeAt === null ? "no epoch yet" : `epoch ${epoch}, made ${epochMadeAt}${under}`);
  say(`${underOldRoot} of ${epochs.length} epochs under an older root key`);
  const rows = shards.map((shard) => [
    String(shard.shard),
    stateOf(shard),
    grouped(shard.members),
    grouped(shard.bytes),
    percent(shard.bytes, bytesMax),
    grouped(shard.left),
  ]);
  const heads = ["shard", "state", "members", "bytes", "of what closes it"];
  say(table([...heads, "keys under older epochs"], rows));
}

function stateOf({ open, restored, missing }: Shard): string {
  if (missing) return "missing: bind and migrate it";
  if (restored) return "restored: run restore";
  return open ? "open" : "closed";
}

async function rotate(door: Door, what: "epoch" | "root"): Promise<void> {
  if (what === "root") return rotateOnce(door, what);
  const { shards, epochs } = await statusOf(door);
  const missing = shards.find((shard) => shard.missing);
  if (missing !== undefined)
    throw new Error(
      `shard ${missing.shard} is not bound or not migrated, and its keys would be lost: nothing ` +
        "is rotated before it is (an empty one may be closed instead)",
    );
  const old = shards.find(({ restored }) => restored);
  if (old !== undefined) throw new Error(`first: npm run vault -- restore ${old.shard}`);
  if (epochs.length > 1) {
    say("a rotation is under way: it is finished, then another one is done from its beginning");
    await rotateOnce(door, what);
  }
  await rotateOnce(door, what);
}

async function rotateOnce(door: Door, what: "epoch" | "root"): Promise<void> {
  let did = 0;
  let stuck = 0;
  for (let step = 0; step < stepsMax; step++) {
    const { body } = await ask(door, "POST", "/v1/ops/keys/rotations", { what });
    did += body.rewrapped;
    const kind = what === "epoch" ? "keys under epoch" : "objects under the root key, epoch";
    const whole = did + body.left;
    const then = body.left === 0 && !body.done ? "; copying what lives" : "";
    if (whole > 0)
      say(
        `${grouped(did)} of ${grouped(whole)} (${percent(did, whole)}) ${kind} ${body.epoch}${then}`,
      );
    if (body.done)
      return say(what === "epoch" ? "older epochs are destroyed" : "all are under the root key");
    stuck = body.rewrapped === 0 && body.left > 0 ? stuck + 1 : 0;
    if (stuck >= stuckStepsMax)
      throw new Error(`${await stuckIn(door, body.left)}; nothing was destroyed`);
  }
}

async function stuckIn(door: Door, left: number): Promise<string> {
  const { shards } = await statusOf(door);
  const where = shards.filter((shard) => shard.left > 0);
  if (where.length === 0) return `${left} keys do not open`;
  const each = where.map((one) => `${grouped(one.left)} keys of shard ${one.shard}`).join(", ");
  return `${each} do not open: npm run vault -- restore ${where[0]?.shard}`;
}

/** Asked of a shard that is whole, it would only keep everybody out while it looks. */
async function restore(door: Door, n: number, isForced: boolean): Promise<void> {
  const one = (await statusOf(door)).shards.find(({ shard }) => shard === n);
  if (one !== undefined && !one.restored && one.left === 0 && !isForced)
    return say(`shard ${n} is whole; --force goes through it all the same`);
  for (let step = 0; step < stepsMax; step++) {
    const { body } = await ask(door, "POST", `/v1/ops/shards/${n}/restore`);
    const last = body.steps.at(-1);
    if (last !== undefined) say(`${last.at}  ${last.step}  ${grouped(last.count)}`);
    if (body.done) return say(`shard ${n} is whole`);
  }
}

async function openShard(door: Door, n: number, open: boolean): Promise<void> {
  const { shards } = await statusOf(door);
  if (shards.every(({ shard }) => shard !== n))
    throw new Error(`there is no shard ${n}; add-shard declares the next one`);
  if (!open && shards.every((one) => one.shard === n || !one.open))
    throw new Error(`shard ${n} is the last open one: new members have to go somewhere`);
  const { body } = await ask(door, "POST", `/v1/ops/shards/${n}`, { open });
  show(body as Keys);
}

/** Declares the next one, unless the last one that was declared still waits to be opened. */
async function addShard(door: Door): Promise<void> {
  const file = join(root, vaultConfig);
  const config = await readFile(file, "utf8");
  const n = shardsIn(config);
  const last = (await statusOf(door)).shards.find(({ shard }) => shard === n - 1);
  if (last === undefined || (!last.open && last.members === 0))
    throw new Error(
      `shard ${n - 1} is declared and was never opened. To go on:\n${nextCommands(n - 1)}`,
    );
  await writeFile(file, withShard(config));
  say(`shard ${n} is declared in ${vaultConfig}. Next:\n${nextCommands(n)}`);
}

main().catch((error: Error) => {
  process.stderr.write(`vault: ${error.message}\n`);
  const isMisused = error instanceof Misused || /^ERR_PARSE_ARGS/.test(codeOf(error));
  if (isMisused) process.stderr.write(`\n${help}`);
  process.exit(isMisused ? 2 : 1);
});

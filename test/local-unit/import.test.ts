/** `npm run import`, as a process of its own against a server that answers as it is told. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentKey } from "../../client/sync-body.ts";

const command = resolve(import.meta.dirname, "../../local/import.ts");
const withinMs = 30_000;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "singlet-import-"));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `file-${files++}`);
  await writeFile(path, content);
  return path;
}

const record = (minute: number, more = "") =>
  `<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Läufer" unit="count" startDate="2026-11-14 08:0${minute}:00 +0100" endDate="2026-11-14 08:0${minute + 1}:00 +0100" value="${100 + minute}"${more}/>\n`;
const xmlOf = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<HealthData locale="de_DE">\n${inside}</HealthData>\n`;
const three = xmlOf([0, 1, 2].map((n) => record(n)).join(""));
const zipOf = (entries: Readonly<Record<string, string>>) =>
  zipSync(Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, strToU8(text)])));

interface Heard {
  readonly token: string | undefined;
  readonly key: unknown;
  readonly body: string;
  readonly values: readonly number[];
}
interface Ran {
  readonly code: number;
  readonly said: string;
  readonly heard: readonly Heard[];
}

async function heardIn(request: IncomingMessage): Promise<Heard> {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += piece;
  const { samples } = JSON.parse(body) as { samples: { value: number }[] };
  const { authorization: token, "idempotency-key": key } = request.headers;
  return { token, key, body, values: samples.map(({ value }) => value) };
}

const taken = (synced: number) => ({
  ...{ synced, duplicates: 0, corrected: 0, deleted: 0, errors: 0, errorDetails: [] },
});

/** Answers with these in turn, then takes all. */
async function run(
  words: readonly string[],
  script: readonly (readonly [status: number, body: object])[] = [],
): Promise<Ran> {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request, response) => {
    const one = await heardIn(request);
    const [status, body] = script[heard.length] ?? [200, taken(one.values.length)];
    heard.push(one);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = await fileOf("a-token\n");
  const args = [command, ...words, "--url", url, "--token", token];
  const ran = await new Promise<Omit<Ran, "heard">>((done) => {
    execFile(process.execPath, args, { timeout: withinMs }, (error, out, progress) =>
      done({ code: error === null ? 0 : Number(error.code ?? -1), said: `${out}${progress}` }),
    );
  });
  server.close();
  server.closeAllConnections();
  return { ...ran, heard };
}

const rowsIn = (said: string) =>
  Object.fromEntries(
    [...said.matchAll(/^ *([a-z][a-z ()]*?) {2,}(\d+) *$/gm)].map(([, what, n]) => [
      what,
      Number(n),
    ]),
  );

describe("npm run import", { timeout: withinMs }, () => {
  it("sends what is in an export.zip, by the member's token, each batch under its content's key", async () => {
    const zip = zipOf({
      "apple_health_export/export_cda.xml": xmlOf(record(8)),
      "apple_health_export/workout-routes/route.gpx": "<gpx/>",
      "apple_health_export/export.xml": three,
    });
    const { code, said, heard } = await run([await fileOf(zip), "--batch", "2"]);
    expect(heard.map(({ values }) => values)).toEqual([[100, 101], [102]]);
    for (const { token, key, body } of heard)
      expect([token, key]).toEqual(["Bearer a-token", await contentKey(body)]);
    expect(rowsIn(said)).toMatchObject({ "samples in the file": 3, new: 3, refused: 0 });
    expect(code).toBe(0);
  });

  it("finds it in a zip that a Mac made anew", async () => {
    const zip = zipOf({ "__MACOSX/._export.xml": "\0\u0005\u0016\u0007", "export.xml": three });
    const { code, heard } = await run([await fileOf(zip)]);
    expect(heard.map(({ values }) => values)).toEqual([[100, 101, 102]]);
    expect(code).toBe(0);
  });

  it("leaves out what it is told to, and counts what it does not send", async () => {
    const others =
      '<Record type="HKQuantityTypeIdentifierBodyMassIndex"/><Workout duration="5"></Workout>';
    const early = record(3).replaceAll("2026-11-14", "2026-11-13");
    const file = await fileOf(xmlOf(early + record(4) + others));
    const { code, said, heard } = await run([file, "--since", "2026-11-14"]);
    expect(heard.map(({ values }) => values)).toEqual([[104]]);
    expect(rowsIn(said)).toMatchObject({ "of other kinds": 1, "workouts (not sent)": 1 });
    expect(code).toBe(0);
  });

  it("says the same batch again to a server that is away", async () => {
    const { code, said, heard } = await run([await fileOf(three)], [[503, {}]]);
    expect(heard).toHaveLength(2);
    expect(heard[1]).toEqual(heard[0]);
    expect(rowsIn(said)).toMatchObject({ new: 3 });
    expect(code).toBe(0);
  });

  it("stops where the token is refused", async () => {
    const { code, said, heard } = await run([await fileOf(three), "--batch", "1"], [[401, {}]]);
    expect([code, heard.length]).toEqual([1, 1]);
    expect(said).toContain("The token is refused");
  });

  it("does not end as if all were in when some of it was refused", async () => {
    const fault = { index: 1, in: "samples", code: "impossible-value", message: "…" };
    const some = { ...taken(1), errors: 1, errorDetails: [fault] };
    const script = [[200, some] as const, [422, { title: "Nothing was understood." }] as const];
    const { code, said } = await run([await fileOf(three), "--batch", "2"], script);
    expect(rowsIn(said)).toMatchObject({ new: 1, refused: 2 });
    expect(said).toMatch(/impossible-value +1/);
    expect(said).toMatch(/the whole batch: 422 +1/);
    expect(code).toBe(1);
  });

  it("sends a file up to where it breaks off, and says that it does", async () => {
    const { code, said, heard } = await run([await fileOf(three.slice(0, -40))]);
    expect(heard.map(({ values }) => values)).toEqual([[100, 101]]);
    expect(said).toContain("The file breaks off");
    expect(code).toBe(1);
  });

  it("does not take half a zip for a whole one", async () => {
    const noise = Array.from({ length: 400 }, (_, n) => record(n % 9, ` x="${n ** 5}"`)).join("");
    const zip = zipOf({ "apple_health_export/export.xml": xmlOf(noise) });
    const { code, said } = await run([await fileOf(zip.slice(0, zip.length / 2)), "--dry-run"]);
    expect(code).not.toBe(0);
    expect(said).not.toMatch(/\n {4}at /);
  });

  it("reads and sends nothing with --dry-run", async () => {
    const { code, said, heard } = await run([await fileOf(three), "--dry-run"]);
    expect([code, heard]).toEqual([0, []]);
    expect(rowsIn(said)).toMatchObject({ "samples in the file": 3 });
    expect(rowsIn(said)).not.toHaveProperty("new");
  });

  it.each(["<gpx><trk/></gpx>", "", "not even that", "PK but no zip"])(
    "says so when a file is no export: %j",
    async (content) => {
      const { code, said, heard } = await run([await fileOf(content)]);
      expect([code, heard]).toEqual([2, []]);
      expect(said).toMatch(/This is no export of Apple Health|invalid zip/);
    },
  );

  it.each([
    [["--help"], 0, "npm run import -- FILE"],
    [[], 2, "npm run import -- FILE"],
    [["one", "two"], 2, "npm run import -- FILE"],
    [["file", "--batch", "0"], 2, "--batch is a number from 1 to 10000"],
    [["file", "--batch", "many"], 2, "--batch is a number"],
    [["file", "--since", "last year"], 2, "--since is a day"],
    [["file", "--bogus"], 2, "--bogus"],
    [["/nowhere/export.zip"], 2, "ENOENT"],
  ])("understands %j as %d", async (words, expected, text) => {
    const { code, said, heard } = await run(words);
    expect([code, heard]).toEqual([expected, []]);
    expect(said).toContain(text);
    expect(said).not.toMatch(/\n {4}at /);
  });
});

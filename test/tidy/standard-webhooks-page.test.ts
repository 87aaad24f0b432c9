/** docs/standard-webhooks.md says what the code does: its examples run, its tables are the bounds. */
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { activityTypes } from "../../domain/workouts/activity.ts";
import { heartRateSensors, methods } from "../../domain/workouts/schema.ts";
import { type Item, isRetractedDraft } from "../../providers/provider.ts";
import { sleepStages } from "../../providers/samples.ts";
import { overlapMs, toleranceMs, verify } from "../../providers/signature.ts";
import {
  altitudeM,
  amounts,
  bodyBytesMax,
  bpmMax,
  entriesMax,
  eventTypes,
  idCharsMax,
  readingsMax,
  texts,
  units,
} from "../../providers/standard-webhooks/bounds.ts";
import { standardWebhooks } from "../../providers/standard-webhooks.ts";
import { problemStatus } from "../../workers/edge/problem.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/standard-webhooks.md"), "utf8");
const nowMs = Date.UTC(2026, 10, 21, 12);

const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, s = ""]) => s);
const bare = (cell = "") => cell.replaceAll("`", "");
const thousands = (n: number) => n.toLocaleString("en-US");

/** Rows of the table whose head begins so: each cell's text. */
function table(head: string): string[][] {
  const from = page.indexOf(`\n| ${head}`);
  expect(from, head).toBeGreaterThan(0);
  const [block = ""] = page.slice(from + 1).split("\n\n");
  const cells = (row: string) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  return block.trimEnd().split("\n").slice(2).map(cells);
}

describe("its events", () => {
  const events = blocks("json");
  const draftOf = ({ kind, body }: Item) => {
    const draft = standardWebhooks.normalise(kind, body, nowMs);
    if (!draft.ok) throw new Error(draft.error);
    return draft.value;
  };
  const said = events.map((body) => {
    const delivery = standardWebhooks.parse(body);
    if (!delivery.ok) throw new Error(delivery.error);
    return delivery.value;
  });

  it("are one of every type, and each is understood whole", () => {
    expect(events.map((body) => JSON.parse(body).type).sort()).toEqual([...eventTypes].sort());
    for (const { unknown } of said) expect(unknown).toBe(0);
    expect(said.flatMap(({ links = [] }) => links)).toHaveLength(1);
    expect(said.flatMap(({ ends = [] }) => ends).map(({ why }) => why)).toEqual([
      "permission-withdrawn",
    ]);
    const accounts = said.flatMap(({ items, links = [], ends = [], later }) =>
      [...items, ...links, ...ends, ...(later?.items ?? [])].map(({ account }) => account),
    );
    expect(new Set(accounts)).toEqual(new Set(['["acme","user-7"]']));
  });

  it("hold workouts that are read, and deletions that outrank them", () => {
    const drafts = said.flatMap(({ items }) => items.map(draftOf));
    const gone = drafts.filter(isRetractedDraft);
    const there = drafts.flatMap((draft) => (isRetractedDraft(draft) ? [] : [draft]));
    expect(there.map(({ fields }) => [fields.type, fields.elapsedMs, fields.distanceMm])).toEqual([
      ["gravel_cycling", 8_129_000, 48_210_500],
      ["swimming", 1_860_000, 1_500_000],
    ]);
    expect(there.map(({ fields }) => fields.offsetMin)).toEqual([60, 60]);
    expect(there[0]?.copyOf?.provider).toBe("suunto");
    expect(there[0]?.fields.heartRate).toHaveLength(2);
    const revisionOf = new Map(gone.map(({ sourceId, revision }) => [sourceId, revision]));
    expect(revisionOf.size).toBe(there.length);
    for (const { sourceId, revision } of there)
      expect(revisionOf.get(sourceId)).toBeGreaterThan(revision ?? 0);
  });

  it("state every field but two texts, and none that the page does not list", () => {
    const [, upserted = "{}"] = events;
    const { workouts } = JSON.parse(upserted).data;
    const stated = new Set(workouts.flatMap((workout: object) => Object.keys(workout)));
    const missing = fieldsListed().filter((field) => !stated.has(field));
    expect(missing).toEqual(["deviceName", "notes"]);
    for (const field of stated) expect(fieldsListed()).toContain(field);
  });

  it("hold samples that are read", () => {
    const samples = said.flatMap(({ later }) => later?.items ?? []);
    const drafts = samples.map(({ kind, body }) =>
      standardWebhooks.samples.read(kind, body, nowMs),
    );
    expect(drafts).toMatchObject([
      { ok: true, value: [{ metric: "weight", value: 71.5 }] },
      { ok: true, value: [{ metric: "sleep", stage: "deep", value: 1260 }] },
    ]);
  });
});

describe("its signing", () => {
  const [secret = "", id = "", time = "", body = "", signature = ""] = (
    table("secret | id")[0] ?? []
  ).map(bare);
  const verdict = async (headers: Record<string, string>, text: string, atMs: number) => {
    const input = {
      headers: new Headers(headers),
      pathKey: null,
      body: new TextEncoder().encode(text),
    };
    const secrets = { signing: [secret] };
    const none = async () => "unavailable" as const;
    const { signature: recipe } = standardWebhooks;
    return (await verify(recipe, undefined, input, secrets, none, atMs)).is;
  };
  const headersOf = (proof: string) => ({
    "webhook-id": id,
    "webhook-timestamp": time,
    "webhook-signature": proof,
  });

  it("in its example is right, by another hand's sum and by the door", async () => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const mac = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
    expect(signature).toBe(`v1,${mac}`);
    expect(await verdict(headersOf(signature), body, Number(time) * 1000)).toBe("genuine");
    expect(await verdict(headersOf(signature), `${body} `, Number(time) * 1000)).toBe("refused");
  });

  it("in TypeScript gives that signature", () => {
    const [code = ""] = blocks("ts");
    const call = `console.log(sign(${[secret, id].map((s) => JSON.stringify(s))}, ${time}, ${JSON.stringify(body)}));`;
    const run = ["--input-type=module-typescript", "--eval", `${code}\n${call}`];
    expect(execFileSync(process.execPath, run, { encoding: "utf8" }).trim()).toBe(signature);
    expect(code.split("\n").filter((line) => line.trim() !== "")).toHaveLength(5);
  });

  it("in a shell sends what the door takes", async () => {
    const [script = ""] = blocks("sh");
    const [, event = ""] = blocks("json");
    const folder = mkdtempSync(join(tmpdir(), "standard-webhooks-"));
    try {
      writeFileSync(join(folder, "event.json"), event);
      // In place of the sending: what would be sent, each word ended by a zero byte.
      const stand = "set -eu\ncurl() { printf '%s\\0' \"$@\"; }\n";
      const sent = execFileSync("bash", ["--norc", "-c", stand + script], {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: folder,
        env: { PATH: process.env.PATH ?? "", SECRET: secret, SINGLET: "https://singlet.example" },
        encoding: "utf8",
      }).split("\0");
      const headers = Object.fromEntries(
        sent.flatMap((word, i) =>
          sent[i - 1] === "-H" ? [word.split(": ") as [string, string]] : [],
        ),
      );
      const text = sent[sent.indexOf("--data-binary") + 1] ?? "";
      expect(sent.at(-2)).toBe("https://singlet.example/webhooks/standard-webhooks");
      expect(JSON.parse(text)).toEqual(JSON.parse(event));
      const signedMs = Number(headers["webhook-timestamp"]) * 1000;
      expect(await verdict(headers, text, signedMs)).toBe("genuine");
      expect(await verdict({ ...headers, "webhook-id": "msg_x" }, text, signedMs)).toBe("refused");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has the bounds that it says", () => {
    expect(page).toContain(`at most ${bodyBytesMax / 1024 / 1024} MiB`);
    expect(page).toContain(`at most ${toleranceMs / 1000} s from our clock`);
    expect(page).toContain(`goes ${overlapMs / 3_600_000} hours later`);
    expect(page).toContain(`Wait ${standardWebhooks.facts.answerWithinMs / 1000} s`);
    for (const names of standardWebhooks.signature.headers)
      for (const name of Object.values(names)) expect(page).toContain(`\`${name}\``);
  });
});

const fieldsListed = () =>
  table("field | form").flatMap(([names = ""]) => names.split(" or ").map(bare));

describe("its tables", () => {
  const rows = new Map(
    table("field | form").flatMap(([names = "", form = "", slugs = ""]) =>
      names.split(" or ").map((name) => [bare(name), { form, slugs }] as const),
    ),
  );

  it("of events list every type and how many it holds", () => {
    const said = table("type | `data`").map(([type, data = ""]) => [bare(type), data] as const);
    expect(said.map(([type]) => type)).toEqual([...eventTypes]);
    for (const [type, data] of said) {
      const most = entriesMax[type as (typeof eventTypes)[number]];
      if (most !== undefined) expect(data).toContain(`at most ${thousands(most)}`);
    }
  });

  it.each(Object.entries(amounts))("of fields: the bound of %s, and its word", (name, b) => {
    expect(rows.get(name)?.form).toContain(`0 to ${thousands(b.max)}`);
    expect(rows.get(name)?.slugs).toContain(`\`${b.fault}\``);
  });

  it.each(Object.entries(texts))("of fields: the length of %s, and its word", (name, b) => {
    expect(rows.get(name)?.form).toContain(`at most ${thousands(b.charsMax)} characters`);
    expect(rows.get(name)?.slugs).toContain(`\`${b.fault}\``);
  });

  it("of fields: the readings, ids and words", () => {
    for (const name of ["heartRate", "track"])
      expect(rows.get(name)?.form).toContain(`at most ${thousands(readingsMax)} of`);
    expect(rows.get("heartRate")?.form).toContain(`1 to ${bpmMax}`);
    const { min, max } = altitudeM;
    expect(rows.get("track")?.form).toContain(`${thousands(min)} to ${thousands(max)}`);
    expect(rows.get("id")?.form).toContain(`at most ${idCharsMax} characters`);
    const words = (field: string) => (rows.get(field)?.form.match(/`(\w+)`/g) ?? []).map(bare);
    expect(words("method")).toEqual([...methods]);
    expect(words("heartRateSensor")).toEqual([...heartRateSensors]);
  });

  it("of types and units are the code's", () => {
    const [, listed = ""] = /### Types\n\n(.*?)\n\n/s.exec(page) ?? [];
    expect(listed.split(/\s+/).map(bare)).toEqual([...activityTypes]);
    const said = table("type | unit").map(([type, unit]) => [bare(type), bare(unit)]);
    expect(said).toEqual(Object.entries(units));
    const sleep = table("type | unit").at(-1)?.[2] ?? "";
    const stages = [...sleep.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    expect(stages.slice(1, 1 + sleepStages.length)).toEqual([...sleepStages]);
  });

  it("name every word for what is wrong, and no other", () => {
    const folder = join(root, "providers/standard-webhooks");
    const code = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
    const slug = /["`]((?:no|bad|too|start|not)-[a-z-]+)["`]/g;
    const inCode = new Set(code.flatMap((text) => [...text.matchAll(slug)].map(([, s]) => s)));
    const doors = ["not-json", "not-understood", "not-found", "too-large"];
    const onPage = new Set([...page.matchAll(slug)].map(([, s = ""]) => s));
    for (const said of doors) {
      inCode.delete(said);
      onPage.delete(said);
    }
    expect([...onPage].sort()).toEqual([...inCode].sort());
  });

  it("of answers are the door's", () => {
    const [received, ...problems] = table("status | ");
    expect(received?.[0]).toBe(String(standardWebhooks.facts.received));
    expect(problems.length).toBeGreaterThan(5);
    for (const [status, name] of problems)
      expect(String(problemStatus(bare(name) as Parameters<typeof problemStatus>[0]))).toBe(status);
  });
});

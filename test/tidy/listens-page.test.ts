/** docs/listens.md says what the code does: sources, bounds, words, and its examples are taken. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { apartMsMax } from "../../domain/listens/resolved.ts";
import { earliestMs, textMax } from "../../domain/listens/schema.ts";
import { providers } from "../../providers/index.ts";
import { aheadMsMax } from "../../providers/listen.ts";
import { listensMax, secondsMax } from "../../providers/listen-webhooks/events.ts";
import {
  listenBytesMax,
  listensMax as submittedMax,
} from "../../providers/listenbrainz/validity.ts";
import type { Provider } from "../../providers/provider.ts";
import { fileBytesMax, skips, unpackedBytesMax } from "../../providers/spotify.ts";

// By address: these rooms are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../${path}`, import.meta.url).href);
const { clockMsMax, sessionMs } = await load("workers/edge/scrobble-session.ts");
const imports = await load("workers/edge/routes/listen-imports.ts");
const { namedMax } = await load("workers/edge/routes/submit-listens.ts");

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/listens.md"), "utf8");
/** Without its line breaks: what it says, wherever a line ends. */
const words = page.replaceAll(/\s*\n\s*/g, " ");
const thousands = (n: number) => n.toLocaleString("en-US");
const mib = (bytes: number) => `${bytes / 1024 / 1024} MiB`;

function table(head: string): string[][] {
  const from = page.indexOf(`\n| ${head}`);
  expect(from, head).toBeGreaterThan(0);
  const [block = ""] = page.slice(from + 1).split("\n\n");
  const rows = block.split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const coded = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, s = ""]) => s);

it("its sources are those that feed the stream", () => {
  const feeding = Object.values<Provider>(providers).filter(({ stream }) => stream === "listens");
  expect(table("source |").map(([name]) => coded(name)[0])).toEqual(
    feeding.map(({ name }) => name),
  );
});

describe("its bounds are the code's:", () => {
  it.each([
    `begun within ${apartMsMax / 1000} s of each other`,
    `from before ${new Date(earliestMs).toISOString().slice(0, 10)}`,
    `more than ${textMax} characters is refused`,
    `At most ${thousands(submittedMax)} listens a request, ${thousands(listenBytesMax)} bytes a listen`,
    `the first ${namedMax} are named`,
    `may be ${clockMsMax / 60_000} minutes off`,
    `good for ${sessionMs / 3_600_000} hours`,
    `At most ${mib(providers.spotify.facts.bodyBytesMax)} as sent, ${mib(fileBytesMax)} a file`,
    `${mib(unpackedBytesMax)} in all unpacked, 100 files and ${thousands(imports.listensMax)} listens`,
    `\`listens\`: at most ${thousands(listensMax)}`,
    `\`ids\`: at most ${thousands(listensMax)}`,
    `0 to ${thousands(secondsMax)}`,
  ])("%s", (said) => {
    expect(words).toContain(said);
  });

  it("an hour ahead", () => {
    expect(aheadMsMax).toBe(3_600_000);
    expect(words).toContain("more than an hour ahead of our clock");
  });
});

it("its reasons to pass over an entry are the code's", () => {
  const said = table("skipped as |").map(([name, why]) => [coded(name)[0], why]);
  expect(said).toEqual(Object.entries(skips));
});

describe("its event", () => {
  const [example = ""] = [...page.matchAll(/^```json\n(\{\n {2}"type".*?)^```/gms)].map(
    ([, s]) => s,
  );
  const { parse, normalise } = providers["listen-webhooks"];
  const receivedMs = Date.UTC(2026, 10, 21, 12);

  it("is taken", () => {
    const parsed = parse(example);
    if (!parsed.ok) throw new Error(parsed.error);
    const [item] = parsed.value.items;
    expect(normalise(item?.kind ?? "", item?.body, receivedMs)).toMatchObject({ ok: true });
  });

  it("has each field of the table, and each is refused by its own word", () => {
    const [listen] = JSON.parse(example).data.listens;
    const rows = table("field |").map(([names, , slugs]) => [coded(names), coded(slugs)] as const);
    expect(rows.flatMap(([names]) => names)).toEqual(Object.keys(listen));
    const odd = {
      id: {},
      recording: 5,
      territory: "Germany",
      durationSeconds: -1,
      playedSeconds: -1,
    };
    for (const [names, slugs] of rows)
      for (const name of names) {
        if (slugs.length === 0) continue;
        const bad = { ...listen, [name]: (odd as Record<string, unknown>)[name] ?? null };
        const said = normalise("listen", { sender: null, listen: bad }, receivedMs);
        expect(slugs, name).toContain(said.ok ? "taken" : said.error);
      }
  });
});

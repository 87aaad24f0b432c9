/**
 * `npm run pages -- --screenshots`: docs/screenshots, every page on a phone and on a desk, light and
 * dark, of a system of its own in which some weeks were lived (weeks.ts).
 */
import { mkdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { runSweep, runWitness } from "../../local/system.ts";
import { addresses, type Looker } from "./addresses.ts";
import { today } from "./day-story.ts";
import { tellStreams } from "./streams-weeks.ts";
import { closeBrowser, type Stage, signIn, stage, visit } from "./support.ts";
import { tellWeeks } from "./weeks.ts";

const folder = resolve(import.meta.dirname, "../../docs/screenshots");
const pictureBytesMax = 250 * 1_024;
const sizes = [
  { width: 360, height: 900 },
  { width: 1440, height: 900 },
] as const;

interface Shot {
  readonly name: string;
  readonly path: string;
  /** What is pressed before: readings are shown when somebody asks for them. */
  readonly press?: readonly RegExp[];
  /** All of it, however long. */
  readonly isWhole?: boolean;
}

interface Ids {
  readonly workout: string;
  readonly ada: string;
}

const nameOf = (path: string): string => path.slice(1).replaceAll("/", "-");

/** Every address of a looker's, and those that need an id. */
function shotsOf(who: Looker, { workout, ada }: Ids): Shot[] {
  const shots: Shot[] = addresses[who].map((path) => ({ name: nameOf(path), path }));
  if (who === "coach") return [...shots, { name: "coach-member", path: `/coach/${ada}` }];
  if (who !== "Ada") return shots;
  return [
    ...shots,
    { name: "day-steps", path: `/day/${today}/steps?by=month` },
    {
      name: "workouts-one",
      path: `/workouts/${workout}`,
      press: [/^Show heart rate$/, /^Show track$/],
      isWhole: true,
    },
  ];
}

async function settle(page: Page, { path, press = [] }: Shot): Promise<void> {
  const none = () =>
    page.locator('[data-card][data-state="loading"]').first().waitFor({ state: "detached" });
  await page.goto(path);
  await page.locator("main h1").first().waitFor();
  await none();
  for (const name of press) {
    const button = page.getByRole("button", { name });
    if ((await button.count()) > 0) await button.first().click();
  }
  await none();
  // A chart's drawing is a part of its own.
  await page.waitForTimeout(drawMs);
}
const drawMs = 600;

async function pictures(on: Stage, who: Looker, ids: Ids, say: Say): Promise<void> {
  for (const size of sizes)
    for (const dark of [false, true]) {
      const visitor = await visit(on, { size, dark });
      if (who !== "visitor") await signIn(visitor, who);
      for (const shot of shotsOf(who, ids)) {
        const look = dark ? "dark" : "light";
        const name = `${who === "visitor" ? "visitor-" : ""}${shot.name}-${size.width}-${look}.png`;
        await settle(visitor.page, shot);
        const path = join(folder, name);
        await visitor.page.screenshot({
          ...{ path, type: "png", fullPage: shot.isWhole ?? false },
        });
        const { size: bytes } = await stat(path);
        if (bytes > pictureBytesMax) throw new Error(`${name} has ${bytes} bytes`);
        say(`${name}  ${Math.round(bytes / 1_024)} KiB`);
      }
      await visitor.context.close();
    }
}

type Say = (line: string) => void;

export async function takeScreenshots(say: Say): Promise<void> {
  const on = await stage();
  try {
    const ids = { ...(await tellWeeks(on)), ada: on.people.members.ada.id };
    await tellStreams(on);
    await runWitness(on.system);
    await runSweep(on.system);
    say(`some weeks were lived at ${on.system.url}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const who of Object.keys(addresses) as Looker[]) await pictures(on, who, ids, say);
  } finally {
    await on.end();
    await closeBrowser();
  }
}

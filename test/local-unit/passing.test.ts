/** What a command leaves behind when somebody presses Ctrl-C. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const passing = resolve(import.meta.dirname, "../../local/passing.ts");
const program = `
  import { writeFileSync } from "node:fs";
  const { keepFolder, leaveNothing, passingFolder } = await import(${JSON.stringify(passing)});
  leaveNothing();
  const [gone, kept] = [await passingFolder("test"), await passingFolder("test")];
  writeFileSync(gone + "/rows", "a reading");
  keepFolder(kept);
  process.stdout.write(JSON.stringify([gone, kept]));
  setInterval(() => {}, 1_000);
`;

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s ends it with the folders that it made, but for what it says is kept",
  async (signal, code) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
    const ended = once(child, "exit");
    const [folders] = await once(child.stdout, "data");
    const [gone, kept] = JSON.parse(String(folders));
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    expect([existsSync(gone), existsSync(kept)]).toEqual([false, true]);
    await rm(kept, { recursive: true });
  },
);

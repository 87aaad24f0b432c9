/** What became of a part's mutants, counted, and what is said of those that lived. */
import { relative } from "node:path";
import type { Mutant } from "./mutate.ts";

export interface Score {
  readonly part: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timeout: number;
  readonly survived: number;
  readonly noCover: number;
  /** Per cent of the mutants that were killed or never came to an end; to two places. */
  readonly score: number;
}

/** Those that count: what does not even load says nothing of the tests. */
const counted = ["Killed", "Timeout", "Survived", "NoCoverage"];

export function scoreOf(part: string, mutants: readonly Mutant[]): Score {
  const those = (status: string): number => mutants.filter((one) => one.status === status).length;
  const all = mutants.filter(({ status }) => counted.includes(status)).length;
  const killed = those("Killed");
  const timeout = those("Timeout");
  const percent = all === 0 ? 0 : ((killed + timeout) / all) * 100;
  return {
    part,
    mutants: all,
    killed,
    timeout,
    survived: those("Survived"),
    noCover: those("NoCoverage"),
    score: Math.floor(percent * 100) / 100,
  };
}

/** `path:line:column status mutator`, and on a line of its own what stood there instead. */
export const survivorsOf = (mutants: readonly Mutant[]): readonly string[] =>
  mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .map(({ fileName, location, status, mutatorName, replacement }) => {
      const { line, column } = location.start;
      const at = `${relative(process.cwd(), fileName)}:${line}:${column}`;
      return `${at} ${status} ${mutatorName}\n    ${replacement.replaceAll(/\s+/g, " ")}`;
    });

const columns = ["part", "mutants", "killed", "timeout", "survived", "noCover", "score"] as const;
const widths = columns.map((name) => Math.max(name.length, 10));

export const tableOf = (scores: readonly Score[]): string =>
  [columns, ...scores.map((score) => columns.map((name) => score[name]))]
    .map((cells) => cells.map((cell, at) => `${cell}`.padEnd(widths[at] ?? 0)).join(" "))
    .join("\n");

/** The page with these parts' rows as they are now; the other rows stay. */
export const pageWith = (page: string, scores: readonly Score[]): string =>
  scores.reduce((text, { part, mutants, killed, timeout, survived, noCover, score }) => {
    const cells = [part, mutants, killed, timeout, survived, noCover, `${score.toFixed(2)} %`];
    return text.replace(new RegExp(`^\\| ${part} \\|.*$`, "m"), `| ${cells.join(" | ")} |`);
  }, page);

/** How commands read what they are asked: what they do not understand is refused in one line. */
import { type ParseArgsConfig, parseArgs } from "node:util";

/** Of an option that another word beginning with a dash follows, as a number below nought does. */
const ambiguous = /^Option '([^']+)' argument is ambiguous/;
/** Of a command that did nothing. */
const refusedCode = 2;

/** Nothing was done: one line says why. */
export function refuse(why: string): never {
  process.stderr.write(`${why}. --help lists the options.\n`);
  process.exit(refusedCode);
}

/** The command's options and words; refuses what `config` does not name. */
export function asked<const C extends ParseArgsConfig>(config: C): ReturnType<typeof parseArgs<C>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { message } = error as Error;
    const option = ambiguous.exec(message)?.[1];
    const [why = ""] = message.split(/\.?\n|\. |\.$/);
    if (option === undefined) return refuse(why);
    return refuse(`${option} lacks its value; one that begins with a dash is ${option}=-1`);
  }
}

/** Of options without a default: refuses one that was given and says nothing to what is asked. */
export function onlyOf(asked: string, given: object, options: readonly string[]): void {
  const beside = Object.keys(given).find((option) => !options.includes(option));
  if (beside !== undefined) refuse(`--${beside} says nothing to ${asked}`);
}

/** A whole number, both bounds included; refuses everything else. */
export function wholeOf(
  option: string,
  text: string,
  least = 1,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= least && n <= most) return n;
  const bounds =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return refuse(`--${option} takes a whole number ${bounds}`);
}

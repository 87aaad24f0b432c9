/** `npm run load`: more than the system can do, and what it makes of it. */
import { asked, refuse, wholeOf } from "../../local/asked.ts";
import { leaveNothing } from "../../local/passing.ts";
import { say } from "../../local/say.ts";
import { table } from "../../local/table.ts";
import { parseInHand } from "../../workers/edge/shed.ts";
import { load } from "./run.ts";

const help = `npm run load -- [--times N] [--seconds N] [--members N] [--seed N] [--in-hand JSON]

  The whole system on this machine, asked by a process of its own. What it sustains is looked for
  first, at rising rates: the greatest at which nothing is refused and 95 of 100 take a second at
  most. Then --times that rate (default 10) is offered for --seconds (default 60), whatever is said
  to it; then half of what it sustains, until all is as it was, for 35 seconds at most. Reads come
  beside the writes, at half of what a few who wait are given of them.
  --members   who take part (default 24)
  --seed      of what is sent (default 1)
  --in-hand   what the edge has in hand at most, as IN_HAND of wrangler.toml says it (docs/limits.md);
              without: as deployed, where the edge has a thread of its own

  Ends with a table by the second, a line for each promise and RESULT {json}. Fails unless 9 of 10 of
  what is due were offered, and it refuses with 429 or 503 and Retry-After and in no other way, keeps
  every acknowledged fact once, answers 95 of 100 reads meanwhile, and is as before within 30 seconds.
`;

const given = asked({
  options: {
    times: { type: "string", default: "10" },
    seconds: { type: "string", default: "60" },
    members: { type: "string", default: "24" },
    seed: { type: "string", default: "1" },
    "in-hand": { type: "string", default: "{}" },
    help: { type: "boolean", default: false },
  },
}).values;

function inHandOf(text: string): string {
  try {
    parseInHand(text);
    return text;
  } catch {
    return refuse("--in-hand takes what IN_HAND takes (docs/limits.md)");
  }
}

if (given.help) {
  process.stdout.write(help);
} else {
  const options = {
    times: wholeOf("times", given.times, 1, 100),
    seconds: wholeOf("seconds", given.seconds, 1, 600),
    members: wholeOf("members", given.members, 1, 500),
    seed: wholeOf("seed", given.seed, 0, 2 ** 32 - 1),
    inHand: inHandOf(given["in-hand"]),
  };
  leaveNothing();
  const { lines, result } = await load(options);
  const rows = lines.map(({ what, found, isRight }) => [what, found, isRight ? "" : "wrong"]);
  say(table(["promise", "found", ""], rows));
  say(`RESULT ${JSON.stringify(result)}`);
  process.exitCode = lines.every(({ isRight }) => isRight) ? 0 : 1;
}

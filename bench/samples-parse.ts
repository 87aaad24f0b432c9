/** Reading a batch as the edge does, names that stand twice found, every sample judged, beside JSON.parse. */
import { readSync } from "../providers/sync/body.ts";
import { samplesIn } from "./floors/json.ts";
import { percentile, rounded, timed } from "./measure.ts";
import { bodyOf, Life } from "./samples-days.ts";

const samples = 10_000;
const rounds = 30;
const warmUp = 5;

export interface Parsed {
  readonly samples: number;
  readonly ms: number;
  readonly floorMs: number;
  readonly ratio: number;
}

/** In-process, medians; the two take turns to be first. */
export async function parseTimes(): Promise<Parsed> {
  const text = bodyOf(new Life().next(samples));
  const nowMs = Date.now();
  const times = { own: [] as number[], bare: [] as number[] };
  const own = async () => {
    const read = readSync(text, nowMs);
    if (!read.ok || read.value.samples.some((sample) => !sample.ok))
      throw new Error("a sample could not be read");
  };
  const bare = async () => {
    if (samplesIn(text) !== samples) throw new Error("it read something else");
  };
  for (let i = 0; i < warmUp + rounds; i++) {
    const [a, b] = i % 2 === 0 ? [own, bare] : [bare, own];
    const [first, second] = [(await timed(a)).ms, (await timed(b)).ms];
    if (i < warmUp) continue;
    times.own.push(i % 2 === 0 ? first : second);
    times.bare.push(i % 2 === 0 ? second : first);
  }
  const [ms, floorMs] = [percentile(times.own, 0.5), percentile(times.bare, 0.5)];
  return { samples, ms: rounded(ms), floorMs: rounded(floorMs), ratio: rounded(ms / floorMs) };
}

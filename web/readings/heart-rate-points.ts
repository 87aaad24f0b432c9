/**
 * Heart rate as it is drawn: hours of seconds thinned out to what a screen can show. The least, the
 * most and the mean are of all samples, never of what is drawn.
 */
export interface Beat {
  readonly t: string;
  readonly bpm: number;
}

export interface HeartRate {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
  /** Time since the workout began; `null`: nothing was measured for a while. */
  readonly points: readonly { readonly atMs: number; readonly bpm: number | null }[];
}

export const pointsMax = 500;
/** Half of the points at most are gaps: each stands after a stretch of samples. */
const stretchesMax = pointsMax / 2;
const shortestStepMs = 1_000;
/** Without a sample for so long the line is broken. */
const gapMs = 120_000;

/** Null where there is none. */
export function heartRateOf(beats: readonly Beat[], startMs: number): HeartRate | null {
  const all = beats
    .map(({ t, bpm }) => ({ atMs: Date.parse(t) - startMs, bpm }))
    .sort((a, b) => a.atMs - b.atMs);
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return null;
  let [min, max, sum] = [first.bpm, first.bpm, 0];
  for (const { bpm } of all) {
    min = Math.min(min, bpm);
    max = Math.max(max, bpm);
    sum += bpm;
  }
  const mean = Math.round(sum / all.length);
  return { min, max, mean, count: all.length, points: thinned(all, last.atMs - first.atMs) };
}

interface Sample {
  readonly atMs: number;
  readonly bpm: number;
}

/** The mean of each step in which there is a sample, at most `pointsMax` of them and of gaps. */
function thinned(all: readonly Sample[], spanMs: number): HeartRate["points"] {
  const stepMs = Math.max(shortestStepMs, Math.ceil((spanMs + 1) / stretchesMax));
  const origin = all[0]?.atMs ?? 0;
  const points: { atMs: number; bpm: number | null }[] = [];
  let step: Sample[] = [];
  const end = () => {
    const [first] = step;
    if (first === undefined) return;
    const bpm = Math.round(step.reduce((sum, each) => sum + each.bpm, 0) / step.length);
    points.push({ atMs: first.atMs, bpm });
  };
  for (const sample of all) {
    const former = step.at(-1);
    if (former !== undefined) {
      const isSame = stepOf(sample, origin, stepMs) === stepOf(former, origin, stepMs);
      if (!isSame) {
        end();
        step = [];
        if (sample.atMs - former.atMs > Math.max(gapMs, stepMs))
          points.push({ atMs: former.atMs + shortestStepMs, bpm: null });
      }
    }
    step.push(sample);
  }
  end();
  return points;
}

const stepOf = ({ atMs }: Sample, origin: number, stepMs: number): number =>
  Math.floor((atMs - origin) / stepMs);

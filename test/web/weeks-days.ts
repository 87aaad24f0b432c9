/** What a watch, a phone and a scale say of somebody's days: nights, steps by the hour, beats, a trend. */
import { addDays } from "../../domain/time.ts";
import { today } from "./day-story.ts";

const hourMs = 3_600_000;
const watch = { id: "weeks-watch", kind: "watch", model: "Fenix 8" };
const phone = { id: "weeks-phone", kind: "phone", model: "Pixel 10" };
const scale = { id: "weeks-scale", kind: "scale", model: "Body Scan" };

type Sample = Readonly<Record<string, unknown>>;

/** How much somebody walks in each hour from seven on. */
const walked = [300, 1_400, 500, 350, 420, 900, 1_100, 380, 420, 1_250, 1_600, 700, 450, 260, 120];
const stages = ["light", "deep", "light", "rem", "light", "deep", "light", "rem", "awake", "light"];
const round = (value: number, digits = 0) => Number(value.toFixed(digits));

/** Of so many days up to now; nothing lies ahead of now. */
export function manyDays(days: number, chance: () => number): Sample[] {
  return Array.from({ length: days + 1 }, (_, n) => dayOf(days - n, days, chance))
    .flat()
    .filter(({ endDate }) => Date.parse(String(endDate)) <= Date.now());
}

function dayOf(ago: number, days: number, chance: () => number): Sample[] {
  const beginMs = Date.parse(`${addDays(today, -ago)}T00:00:00+01:00`);
  const at = (hour: number) => new Date(beginMs + hour * hourMs).toISOString();
  const lasts = (sourceDevice: object, from: number, to: number, said: Sample): Sample => ({
    ...{ ...said, sourceDevice, startDate: at(from), endDate: at(to) },
  });
  const once = (device: object, type: string, value: number, unit: string, hour: number) =>
    lasts(device, hour, hour, { type, value, unit });
  const fitter = (days - ago) / days;
  const isWeekend = new Date(beginMs + 12 * hourMs).getUTCDay() % 6 === 0;
  const some = (base: number, spread: number) => base + (chance() - 0.5) * spread;

  const steps = walked.flatMap((amount, i) => {
    const value = Math.round(amount * (isWeekend ? 1.25 : 0.85) * some(1, 0.7));
    const said = { type: "steps", value, unit: "count" };
    const onPhone = { ...said, value: Math.round(value * 0.94) };
    const isCharging = i === 5;
    const along = [
      said,
      { type: "distance", value: round(value * 0.74), unit: "m" },
      { type: "active_energy", value: round(value * 0.045), unit: "kcal" },
    ];
    return [
      ...(isCharging ? [] : along.map((each) => lasts(watch, 7 + i, 8 + i, each))),
      ...(i % 3 === 2 ? [lasts(phone, 7 + i, 8 + i, onPhone)] : []),
    ];
  });
  const wokeAt = some(isWeekend ? 7.6 : 6.6, 0.8);
  const partHours = (wokeAt + some(0.9, 0.5)) / stages.length;
  const night = stages.map((value, i) =>
    lasts(
      watch,
      wokeAt - (stages.length - i) * partHours,
      wokeAt - (stages.length - 1 - i) * partHours,
      {
        ...{ type: "sleep", value },
      },
    ),
  );
  const beats = Array.from({ length: 48 }, (_, i) =>
    once(
      watch,
      "heart_rate",
      round(some(i < 14 ? 54 : i > 33 && i < 37 ? 128 : 72, 12)),
      "/min",
      i / 2,
    ),
  );
  return [
    ...[...steps, ...night, ...beats],
    once(watch, "resting_heart_rate", round(some(57 - 5 * fitter, 2)), "/min", wokeAt),
    once(watch, "hrv_rmssd", round(some(48 + 9 * fitter, 8)), "ms", wokeAt - 1),
    once(watch, "oxygen_saturation", round(some(97, 1.6), 1), "%", 3),
    once(watch, "respiratory_rate", round(some(14.2, 0.8), 1), "/min", 3),
    once(scale, "weight", round(some(72.6 - 1.9 * fitter, 0.5), 1), "kg", wokeAt),
    once(scale, "body_fat", round(some(19.4 - 0.9 * fitter, 0.3), 1), "%", wokeAt),
  ];
}

/** docs/counting.md says what the code does: its examples, its picture, its limits and its bounds. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  idsIn,
  minute,
  resolveOf,
  type Shape,
  second,
  workout,
} from "../domain/workouts/facts.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/counting.md"), "utf8");
const picture = readFileSync(join(root, "docs/counting.svg"), "utf8");

const midnight = Date.UTC(2026, 10, 13, 23);
const at = (h: number, m = 0) => midnight + h * hour + m * minute;
/** From one o'clock to another, as [hour, minute]. */
const between = (from: [number, number], to: [number, number]) => ({
  at: at(...from),
  elapsedMs: at(...to) - at(...from),
});
const watch = (shape: Shape) =>
  workout({ ...fromApple, app: "com.apple.health", deviceModel: "Watch7,5", ...shape });
const computer = (shape: Shape) =>
  workout({ ...fromGarmin, app: "Garmin Connect", deviceModel: "Edge 840", ...shape });
const band = (shape: Shape) =>
  workout({ ...fromGoogle, app: "FITBIT", deviceModel: "Charge 6", ...shape });
const phone = (shape: Shape) => band({ deviceModel: "Phone", method: "phone", ...shape });
const groups = (...facts: WorkoutFact[]) => idsIn(resolveOf(facts));

describe("the picture", () => {
  const gps = { hasTrack: true };
  const resolved = resolveOf([
    watch({ id: "w1", ...between([8, 0], [10, 10]), distanceMm: 52_600_000, ...gps }),
    computer({ id: "c1", ...between([7, 58], [10, 12]), distanceMm: 52_100_000, ...gps }),
    band({ id: "b1", ...between([8, 20], [10, 9]), distanceMm: 43_900_000 }),
    watch({ id: "w2", ...between([12, 0], [14, 30]), distanceMm: 48_300_000, ...gps }),
    computer({ id: "c2", ...between([12, 1], [12, 58]), distanceMm: 22_000_000, ...gps }),
    computer({ id: "c3", ...between([13, 22], [14, 29]), distanceMm: 26_000_000, ...gps }),
    watch({ id: "w3", type: "running", ...between([16, 30], [17, 20]), distanceMm: 10_200_000 }),
    band({ id: "b3", type: "walking", ...between([17, 16], [17, 42]), distanceMm: 2_100_000 }),
  ]);

  it("shows what its eight records become", () => {
    expect(idsIn(resolved)).toEqual([["b1", "c1", "w1"], ["b3"], ["c2", "c3", "w2"], ["w3"]]);
    const km = resolved.map((w) => ((w.distance?.value ?? 0) / 1_000_000).toFixed(1));
    expect(km).toEqual(["52.1", "48.3", "10.2", "2.1"]);
    for (const distance of km) expect(picture).toContain(`${distance} km`);
    expect(resolved.flatMap((w) => w.held)).toEqual([]);
  });

  it("quotes the sentences that the member is told", () => {
    const quoted = [...picture.matchAll(/“([^”]+)”/g)].map((m) => m[1]);
    expect(quoted).toHaveLength(3);
    const [one, halves, run, walk] = resolved;
    const said = [one?.joined, halves?.joined, run?.apart].map((r) => r?.map((x) => x.because));
    quoted.forEach((sentence, i) => {
      expect(said[i]).toContain(sentence);
    });
    expect(walk?.apart).toEqual(run?.apart);
  });
});

describe("the examples", () => {
  const ride = computer({ id: "ride", ...between([8, 0], [10, 0]), distanceMm: 52_000_000 });

  it("a record that says little", () => {
    const other = { type: "other", distanceMm: null } as const;
    expect(groups(ride, phone({ id: "p", ...other, ...between([8, 10], [9, 40]) }))).toHaveLength(
      1,
    );
    expect(groups(ride, phone({ id: "p", ...other, ...between([9, 30], [11, 30]) }))).toHaveLength(
      2,
    );
    const next = watch({ id: "run", type: "running", ...between([10, 10], [11, 0]) });
    const glue = phone({ id: "p", ...other, ...between([8, 0], [11, 0]) });
    const found = groups(ride, next, glue);
    expect(found.filter((g) => g.includes("ride") && g.includes("run"))).toEqual([]);
  });

  it("a copy that Strava passes on", () => {
    const strava = { provider: "strava", connection: "con_strava", method: "unknown" } as const;
    const copy = workout({
      id: "copy",
      ...strava,
      ...between([13, 0], [15, 0]),
      copyOf: "origin-ride",
    });
    expect(groups(ride, copy)).toHaveLength(1);
    const named = { app: "com.garmin.connect.mobile", deviceModel: "iPhone" };
    const relayed = watch({
      id: "a",
      ...between([8, 0], [10, 0]),
      ...named,
      distanceMm: 51_000_000,
    });
    const [one, ...others] = resolveOf([relayed, ride]);
    expect([others, one?.distance?.from]).toEqual([[], ["ride"]]);
  });

  it("the lunch stop", () => {
    const halves = [
      computer({ id: "c2", ...between([12, 1], [12, 58]), distanceMm: 22_000_000 }),
      computer({ id: "c3", ...between([13, 22], [14, 29]), distanceMm: 26_000_000 }),
    ];
    const through = watch({ id: "w", ...between([12, 0], [14, 30]), distanceMm: 48_300_000 });
    expect(groups(...halves)).toHaveLength(2);
    expect(groups(...halves, through)).toHaveLength(1);
  });

  it("intervals", () => {
    const run = { type: "running", elapsedMs: 3 * minute, distanceMm: 800_000 } as const;
    const six = [0, 1, 2, 3, 4, 5];
    const mine = six.map((n) => watch({ id: `w${n}`, ...run, at: at(9, 5 * n) }));
    const beside = six.map((n) => band({ id: `b${n}`, ...run, at: at(9, 5 * n) + 20 * second }));
    expect(groups(...mine)).toHaveLength(6);
    expect(groups(...mine, ...beside)).toEqual(six.map((n) => [`b${n}`, `w${n}`]));
  });

  it("a triathlon", () => {
    const legs = [
      computer({ id: "swim", type: "open_water_swimming", ...between([8, 0], [8, 30]) }),
      computer({ id: "ride", ...between([8, 33], [9, 45]), distanceMm: 40_000_000 }),
      computer({ id: "run", type: "running", ...between([9, 47], [10, 32]) }),
    ].map((f) => (f.id === "ride" ? f : { ...f, distanceMm: 1_500_000 }));
    const race = watch({ id: "race", type: "other", ...between([8, 0], [10, 32]) });
    const resolved = resolveOf([...legs, race]);
    expect(resolved).toHaveLength(4);
    const held = resolved.filter((w) => w.held.length > 0);
    expect(held.map((w) => [w.sources[0]?.fact, w.held[0]?.rule])).toEqual([
      ["race", "counted-elsewhere"],
    ]);
    expect(held[0]?.held[0]?.because).toContain("the 3 workouts");
  });

  it("the wrong time zone", () => {
    const run = {
      type: "running",
      elapsedMs: 45 * minute + 12_000,
      distanceMm: 9_130_000,
    } as const;
    const eight = watch({ id: "w", ...run, at: at(8) });
    expect(groups(eight, band({ id: "b", ...run, at: at(9) }))).toHaveLength(1);
    expect(groups(eight, watch({ id: "w2", ...run, at: at(18) }))).toHaveLength(2);
  });

  it("the device that nobody stopped", () => {
    const numbers = { movingMs: 119 * minute, distanceMm: 50_300_000 };
    const mine = watch({ id: "w", ...between([8, 1], [10, 5]), ...numbers });
    const rest = { movingMs: 120 * minute, distanceMm: 50_000_000 };
    expect(groups(mine, computer({ id: "c", ...between([8, 0], [34, 0]), ...rest }))).toHaveLength(
      1,
    );
    const allDay = { ...between([7, 0], [21, 0]), movingMs: null, distanceMm: 60_000_000 };
    for (const type of ["cycling", "other"] as const)
      expect(groups(mine, phone({ id: "p", type, ...allDay }))).toHaveLength(2);
  });

  it("typed in by hand", () => {
    const run = { type: "running" } as const;
    const typed = {
      id: "t",
      method: "manual",
      elapsedMs: 45 * minute,
      distanceMm: 8_000_000,
    } as const;
    const mine = watch({ id: "w", ...run, ...between([8, 54], [9, 37]), distanceMm: 8_230_000 });
    const [one, ...others] = resolveOf([computer({ ...run, ...typed, at: at(8, 30) }), mine]);
    expect([others, one?.distance?.value, one?.elapsedMs]).toEqual([[], 8_230_000, 43 * minute]);
  });

  it("the fragment, and back to back", () => {
    const hike = watch({ id: "h", type: "hiking", ...between([9, 0], [15, 0]) });
    const part = band({ id: "b", type: "walking", ...between([10, 12], [10, 42]) });
    expect(groups(hike, { ...part, distanceMm: 2_000_000 })).toHaveLength(1);
    const run = { type: "running", distanceMm: 7_000_000 } as const;
    const [first, second] = resolveOf([
      watch({ id: "a", ...run, ...between([9, 0], [9, 40]) }),
      band({ id: "b", ...run, ...between([9, 35], [10, 20]) }),
    ]);
    expect(first?.apart).toHaveLength(1);
    expect(first?.apart).toEqual(second?.apart);
  });
});

const millis = { s: second, min: minute, h: hour } as const;

describe("the limits of speed", () => {
  const rows = [...page.matchAll(/^\| (\w+) \| (\d+) (min|h) \| ([\d.]+) km\/h \|$/gm)];
  it.each(rows.map((m) => m.slice(1)))("%s for %s %s: %s km/h", (type, n, unit, kmh) => {
    const elapsedMs = Number(n) * millis[unit as "min" | "h"];
    const rulesAt = (factor: number) => {
      const distanceMm = Math.round(((Number(kmh) * factor) / 3.6) * elapsedMs);
      const claim = { type: type as WorkoutFact["type"], elapsedMs, distanceMm };
      return resolveOf([workout(claim)]).flatMap((w) => w.held.map((h) => h.rule));
    };
    expect([rulesAt(0.99), rulesAt(1.01)]).toEqual([[], ["too-fast"]]);
  });

  it("are as many as the page says", () => expect(rows).toHaveLength(10));
});

describe("the bounds by name", () => {
  const folder = join(root, "domain/workouts");
  const code = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d.]+) (%|s|min|h|d|×) \|/gm)];

  /** A constant as it stands in the code: numbers, perhaps multiplied, perhaps in hours. */
  function inCode(name: string): number {
    const stated = new RegExp(`^(?:export )?const ${name} = ([^;]+);`, "m").exec(code)?.[1] ?? "";
    const factors = stated.replace(/hours\((\d+)\)/, "$1 * 3600000");
    return factors.split("*").reduce((product, f) => product * Number(f.replaceAll("_", "")), 1);
  }

  it.each(rows.map((m) => m.slice(1)))("%s is %s %s", (name = "", value, unit) => {
    const perUnit = { ...millis, "%": 10, d: 1, "×": 1 }[unit as "%"];
    expect(inCode(name)).toBeCloseTo(Number(value) * perUnit);
  });

  it("are all that the code compares records by", () => {
    const elsewhere = /^(minute|second|wholeMinute|agreement|elapsedMsMax|latest|earliest|speedMm)/;
    const numeric = /^(?:export )?const (\w*(?:Permille|Ms|Factor)(?:Min|Max|))( =) [\d_ *]+;/gm;
    const named = [...code.matchAll(numeric)].map((m) => m[1] ?? "");
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((n) => !elsewhere.test(n) && !rows.some((m) => m[1] === n))).toEqual([]);
  });
});

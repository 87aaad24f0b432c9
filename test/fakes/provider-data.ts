/**
 * What the fake provider knows: its members' exercises and heart rates, the documented way of
 * listing them (filter, page size, newest first). No HTTP here. It does not merge sources, roll up
 * or keep tombstones: a deleted exercise is simply gone.
 */
import { createHash } from "node:crypto";

/** Those that give tokens. */
export type FakedProvider =
  | "garmin"
  | "google-health"
  | "fitbit"
  | "polar"
  | "whoop"
  | "oura"
  | "suunto"
  | "strava"
  | "withings"
  | "wahoo"
  | "coros"
  | "concept2";

/** An exercise data point as Google Health API v4 serves it; fields not named here pass through. */
export interface ExercisePoint {
  name: string;
  dataSource?: Record<string, unknown>;
  exercise: {
    interval: {
      startTime: string;
      startUtcOffset?: string;
      endTime: string;
      endUtcOffset?: string;
      [field: string]: unknown;
    };
    [field: string]: unknown;
  };
}
export interface HeartRateSample {
  atMs: number;
  bpm: number;
}
export interface Listing {
  dataPoints: object[];
  nextPageToken?: string;
}
export type DataType = "exercise" | "heart-rate";

/** Default and largest page, by data type (users.dataTypes.dataPoints.list). */
const pageSizes = {
  exercise: { usual: 25, max: 25 },
  "heart-rate": { usual: 1440, max: 10_000 },
} as const;
const filterFields = {
  exercise: "exercise.interval.civil_start_time",
  "heart-rate": "heart_rate.sample_time.physical_time",
} as const;
const valuePatterns = {
  exercise: /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?$/,
  "heart-rate": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
} as const;

/** "3600s" as seconds; absent is zero. */
export const secondsOf = (duration: string | undefined): number =>
  Number((duration ?? "0s").replace(/s$/, ""));

/** "2026-11-14T08:30:00": the clock on the wall, without a zone. */
export const civilText = (atMs: number, offsetSeconds: number): string =>
  new Date(atMs + offsetSeconds * 1000).toISOString().replace(/(\.000)?Z$/, "");

/** google.type civil date and time; zero parts are left out, as in proto JSON. */
export function civilDateTime(atMs: number, offsetSeconds: number): object {
  const wall = new Date(atMs + offsetSeconds * 1000);
  const parts = {
    hours: wall.getUTCHours(),
    minutes: wall.getUTCMinutes(),
    seconds: wall.getUTCSeconds(),
    nanos: wall.getUTCMilliseconds() * 1_000_000,
  };
  return {
    date: { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() },
    time: Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== 0)),
  };
}

/** The member's Fitbit-era id: six characters that follow from the account. */
export const legacyUserId = (account: string): string =>
  createHash("sha256").update(account).digest("hex").slice(0, 6).toUpperCase();

interface AccountData {
  readonly exercises: Map<string, ExercisePoint>;
  readonly heartRates: Map<number, number>;
}

export class ProviderData {
  readonly #accounts = new Map<string, AccountData>();

  #of(account: string): AccountData {
    let data = this.#accounts.get(account);
    if (data === undefined) {
      data = { exercises: new Map(), heartRates: new Map() };
      this.#accounts.set(account, data);
    }
    return data;
  }

  /** Adds or replaces an exercise by the last part of its name. */
  setExercise(account: string, point: ExercisePoint): void {
    const id = point.name.split("/").pop() ?? "";
    if (id === "" || Number.isNaN(Date.parse(point.exercise.interval.startTime)))
      throw new Error("an exercise needs a name and a start");
    this.#of(account).exercises.set(id, structuredClone(point));
  }

  deleteExercise(account: string, id: string): void {
    this.#of(account).exercises.delete(id);
  }

  exercise(account: string, id: string): ExercisePoint | undefined {
    return this.#of(account).exercises.get(id);
  }

  /** Newest first, as the list serves them. */
  exercises(account: string): ExercisePoint[] {
    const points = [...this.#of(account).exercises.values()];
    return points.sort((a, b) => startMsOf(b) - startMsOf(a) || (a.name < b.name ? 1 : -1));
  }

  /** Adds readings; one at the same instant replaces the earlier. An empty list forgets them all. */
  setHeartRate(account: string, samples: readonly HeartRateSample[]): void {
    const { heartRates } = this.#of(account);
    if (samples.length === 0) heartRates.clear();
    for (const { atMs, bpm } of samples) heartRates.set(atMs, bpm);
  }

  /** Which page of a data type this asks for, from 1; null: none. */
  pageAsked(type: DataType, query: URLSearchParams): number | null {
    const asked = Number(query.get("pageSize") ?? 0);
    const { usual, max } = pageSizes[type];
    const size = asked === 0 ? usual : Math.min(asked, max);
    return Math.floor(fromOf(query) / size) + 1;
  }

  /** One page of a data type; null when filter, page size or token is not what is documented. */
  list(account: string, type: DataType, query: URLSearchParams): Listing | null {
    const bounds = boundsOf(query.get("filter") ?? "", type);
    const asked = Number(query.get("pageSize") ?? 0);
    const from = fromOf(query);
    if (bounds === null || !Number.isInteger(asked) || asked < 0) return null;
    if (!Number.isInteger(from) || from < 0) return null;
    const { usual, max } = pageSizes[type];
    const size = asked === 0 ? usual : Math.min(asked, max);
    const within = ({ atMs }: { atMs: number }) => atMs >= bounds.fromMs && atMs < bounds.toMs;
    const found = type === "exercise" ? this.#civil(account) : this.#samples(account);
    const matching = found.filter(within);
    const page = matching.slice(from, from + size).map(({ point }) => point());
    if (from + size >= matching.length) return { dataPoints: page };
    const nextPageToken = Buffer.from(String(from + size)).toString("base64url");
    return { dataPoints: page, nextPageToken };
  }

  #civil(account: string): { atMs: number; point: () => object }[] {
    return this.exercises(account).map((point) => ({
      atMs: startMsOf(point) + secondsOf(point.exercise.interval.startUtcOffset) * 1000,
      point: () => point,
    }));
  }

  #samples(account: string): { atMs: number; point: () => object }[] {
    const samples = [...this.#of(account).heartRates].sort(([a], [b]) => b - a);
    return samples.map(([atMs, bpm]) => ({
      atMs,
      point: () => ({
        dataSource: { recordingMethod: "PASSIVELY_MEASURED", platform: "FITBIT" },
        heartRate: {
          sampleTime: {
            physicalTime: new Date(atMs).toISOString(),
            utcOffset: `${this.#offsetAt(account, atMs, atMs)}s`,
          },
          beatsPerMinute: String(bpm),
        },
      }),
    }));
  }

  /** The offset of an exercise that touches the window; UTC when none does. */
  #offsetAt(account: string, fromMs: number, toMs: number): number {
    for (const { exercise } of this.#of(account).exercises.values()) {
      const { startTime, endTime, startUtcOffset } = exercise.interval;
      if (Date.parse(startTime) <= toMs && Date.parse(endTime) >= fromMs)
        return secondsOf(startUtcOffset);
    }
    return 0;
  }

  /** The body of a webhook notification about exercises in a window. */
  notification(
    account: string,
    operation: "UPSERT" | "DELETE",
    fromMs: number,
    toMs: number,
    recordId?: string,
  ): { data: Record<string, unknown> } {
    const offset = this.#offsetAt(account, fromMs, toMs);
    const interval = {
      physicalTimeInterval: {
        startTime: new Date(fromMs).toISOString(),
        endTime: new Date(toMs).toISOString(),
      },
      civilIso8601TimeInterval: {
        startTime: civilText(fromMs, offset),
        endTime: civilText(toMs, offset),
      },
    };
    return {
      data: {
        version: "1",
        clientProvidedSubscriptionName: "auto-1-singlet-WEBHOOK_DATA_TYPE_EXERCISE",
        healthUserId: account,
        operation,
        dataType: "exercise",
        intervals: [interval],
        ...(recordId === undefined ? {} : { recordId }),
      },
    };
  }
}

const fromOf = (query: URLSearchParams) =>
  Number(Buffer.from(query.get("pageToken") ?? "MA", "base64url").toString());

const startMsOf = (point: ExercisePoint) => Date.parse(point.exercise.interval.startTime);

const clausePattern = /^([a-z_.]+) *(>=|<) *"([^"]*)"$/;

/** `field >= "…" AND field < "…"`, either side optional; null for anything else. */
function boundsOf(filter: string, type: DataType): { fromMs: number; toMs: number } | null {
  const bounds = { fromMs: -Infinity, toMs: Infinity };
  if (filter === "") return bounds;
  for (const clause of filter.split(/ +AND +/)) {
    const [, field, operator, value = ""] = clausePattern.exec(clause.trim()) ?? [];
    if (field !== filterFields[type] || !valuePatterns[type].test(value)) return null;
    const civil = type === "exercise" && value.includes("T");
    const atMs = Date.parse(civil ? `${value}Z` : value);
    if (Number.isNaN(atMs)) return null;
    if (operator === ">=") bounds.fromMs = Math.max(bounds.fromMs, atMs);
    else bounds.toMs = Math.min(bounds.toMs, atMs);
  }
  return bounds;
}

/**
 * What the fake provider knows: its members' exercises and heart rates, the documented way of
 * listing them (filter, page size, newest first), and how it writes keys and tokens. No HTTP here.
 * It does not merge sources, roll up or keep tombstones: a deleted exercise is simply gone.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";

export type FakedProvider = "garmin" | "google-health";

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

  /** One page of a data type; null when filter, page size or token is not what is documented. */
  list(account: string, type: DataType, query: URLSearchParams): Listing | null {
    const bounds = boundsOf(query.get("filter") ?? "", type);
    const asked = Number(query.get("pageSize") ?? 0);
    const from = Number(Buffer.from(query.get("pageToken") ?? "MA", "base64url").toString());
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

// -- keys -----------------------------------------------------------------------------------

/** A P-256 key and how Tink names it. */
export interface SigningKey {
  readonly id: number;
  readonly key: KeyObject;
  readonly pkcs8: string;
  /** The EcdsaPublicKey message: parameters, then x and y with the zero that Tink puts first. */
  readonly message: Buffer;
}

/** The key of a seed, or a new one; its id follows from the key unless it is given. */
export function signingKeyOf(seed: string | undefined, id: number | undefined): SigningKey {
  const key =
    seed === undefined
      ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
      : createPrivateKey({ key: Buffer.from(seed, "base64"), format: "der", type: "pkcs8" });
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  const field = (number: number, digits: string) => {
    const bytes = Buffer.from(digits, "base64url");
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length + 1, 0]), bytes]);
  };
  const parameters = Buffer.from([0x12, 0x06, 0x08, 0x03, 0x10, 0x02, 0x18, 0x02]);
  const message = Buffer.concat([parameters, field(3, x), field(4, y)]);
  const pkcs8 = key.export({ format: "der", type: "pkcs8" }).toString("base64");
  return {
    id: id ?? createHash("sha256").update(message).digest().readUInt32BE(),
    key,
    pkcs8,
    message,
  };
}

/** The key set as Tink writes it in JSON; every key is live, the last one signs. */
export const keysetOf = (keys: readonly SigningKey[]): object => ({
  primaryKeyId: keys.at(-1)?.id,
  key: keys.map(({ id, message }) => ({
    keyData: {
      typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
      value: message.toString("base64"),
      keyMaterialType: "ASYMMETRIC_PUBLIC",
    },
    status: "ENABLED",
    keyId: id,
    outputPrefixType: "TINK",
  })),
});

// -- tokens ---------------------------------------------------------------------------------

/** What a code or token says; `issuedMs` and `id` make two of them differ. */
export interface Claims {
  readonly use: "code" | "access" | "refresh";
  readonly provider: FakedProvider;
  readonly account: string;
  readonly id: string;
  readonly issuedMs: number;
}

const macOf = (payload: string, secret: string) =>
  createHmac("sha256", secret).update(payload).digest("base64url");

/** Claims and their MAC, as one opaque word. */
export function seal(claims: Claims, secret: string): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${payload}.${macOf(payload, secret)}`;
}

/** The claims of a genuine word of this use; null otherwise. */
export function unseal(token: string, use: Claims["use"], secret: string): Claims | null {
  const [payload = "", mac] = token.split(".");
  if (mac !== macOf(payload, secret)) return null;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
  return claims.use === use ? claims : null;
}

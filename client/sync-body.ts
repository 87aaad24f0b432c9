/**
 * What a client sends to POST /v1/sync, and what it is told. The same shapes stand in /openapi.json.
 */
export interface SyncDevice {
  /** The source's own id of it; the same thing must always have the same one. */
  readonly id: string;
  readonly kind?: string;
  readonly model?: string;
}
export interface SyncSample {
  readonly type: string;
  /** A number in `unit`; of sleep, the stage's name. */
  readonly value: number | string;
  readonly unit?: string;
  /** RFC 3339 with a zone. */
  readonly startDate: string;
  readonly endDate: string;
  readonly sourceDevice: SyncDevice;
  readonly sourceApp?: string;
  readonly uuid?: string;
  readonly metadata?: Readonly<Record<string, string | number>>;
}
/** As a phone's Health app states one; what it was is the last part of `workoutActivityType`. */
export interface SyncWorkout {
  readonly uuid: string;
  readonly workoutActivityType: string;
  readonly startDate: string;
  readonly endDate: string;
  /** Seconds in motion. */
  readonly duration?: number;
  readonly totalDistance?: { readonly value: number; readonly unit: string };
  readonly totalEnergyBurned?: { readonly value: number; readonly unit: string };
  readonly sourceName?: string;
  readonly metadata?: Readonly<Record<string, string | number>>;
}
export interface SyncBody {
  readonly workouts?: readonly SyncWorkout[];
  readonly samples?: readonly SyncSample[];
}
export interface SyncFault {
  readonly index: number;
  readonly in: string;
  readonly code: string;
  readonly message: string;
}
export interface SyncAnswer {
  readonly synced: number;
  readonly duplicates: number;
  readonly corrected: number;
  readonly deleted: number;
  readonly errors: number;
  readonly errorDetails: readonly SyncFault[];
}

/** A batch as it is sent and stored until it is: its key is its content's. */
export interface Batch {
  readonly key: string;
  readonly body: string;
  readonly samples: number;
}

/** Hex of SHA-256. */
export async function contentKey(body: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same in the same order is the same batch, whenever it is made. */
export async function batchOf(said: SyncBody): Promise<Batch> {
  const body = JSON.stringify(said);
  return { key: await contentKey(body), body, samples: said.samples?.length ?? 0 };
}

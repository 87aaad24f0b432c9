/** Members with a few rides sealed, whose exports tests stage, fetch and lose. */
import { createHash } from "node:crypto";
import type { ExportFormat, ExportStatus } from "../../domain/export-ports.ts";
import type { FactId, MemberId } from "../../domain/identity.ts";
import { isRefusal } from "../../domain/ports.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { beginExport } from "../../workers/vault/export.ts";
import { exportFile } from "../../workers/vault/export-read.ts";
import { stageExport } from "../../workers/vault/export-stage.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { connectionNamed } from "./world.ts";

export const garmin = connectionNamed("garmin");
export const startMs = Date.UTC(2026, 9, 14, 7);

const chosen = (value: number) => ({ value, from: [], because: "it says so" });

export function ride(id: string, facts: readonly string[] = [`f_${id}`]): ResolvedWorkout {
  const at = { at: startMs, type: "cycling", elapsedMs: 3_600_000 } as const;
  const open = { distanceMm: 30_000_000, deviceModel: null, app: null };
  return {
    ...{ id, ...at, toMs: startMs + 3_600_000, offsetMin: 120, offsetFrom: "zone" },
    ...{ day: "2026-10-14", family: "ride", moving: chosen(3_500_000) },
    ...{ distance: chosen(30_000_000), energy: chosen(650_500_000), elevationGain: null },
    ...{ heartRate: facts as FactId[], track: facts as FactId[], scored: null, held: [] },
    sources: facts.map((fact) => ({ fact: fact as FactId, provider: "garmin", ...at, ...open })),
    ...{ joined: [], apart: [] },
  };
}

export const beats = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ t: startMs + n * 1_000, bpm: 100 + (n % 60) }));
export const points = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ t: startMs + n * 1_000, lat: 52 + n / 1e5, lon: 4.9, alt: 3.5 },
  }));

export async function sealRide(vault: Vault, member: MemberId, row: string, samples: number) {
  const columns = {
    heart_rate: JSON.stringify(beats(samples)),
    track: JSON.stringify(points(samples)),
    title: JSON.stringify(`Ride <${row}> & home`),
    notes: JSON.stringify("tired"),
    source_id: JSON.stringify("31500100200"),
    raw_activity: '{"activityId":31500100200999999999}',
  };
  const sealed = await sealRows(vault, member, garmin, [{ row, revision: 1, columns }], startMs);
  if (sealed !== "sealed") throw new Error(sealed);
}

export function mustBe<T extends object>(answer: T): Exclude<T, { refused: unknown }> {
  if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
  return answer as Exclude<T, { refused: unknown }>;
}

/** As the edge says it with the first step. */
export const about = {
  onBoards: true,
  zones: [{ zone: "Europe/Amsterdam", from: null }],
  connections: [{ id: "c_garmin", provider: "garmin" }],
  refusedClaims: [],
  decisions: [],
};
const stepsMax = 50;

/** Asks until it is ready, as the edge does; pages are what the ledger would say. */
export async function stageAll(
  vault: Vault,
  member: MemberId,
  begun: ExportStatus,
  pages: readonly (readonly ResolvedWorkout[])[],
  nowMs: number,
): Promise<ExportStatus> {
  let status = begun;
  for (let n = 0; n < stepsMax && status.state === "staging"; n++)
    status = mustBe(await stageStep(vault, member, status, pages, nowMs));
  if (status.state !== "ready") throw new Error("it is never ready");
  return status;
}

export function stageStep(
  vault: Vault,
  member: MemberId,
  { id, step, cursor }: ExportStatus,
  pages: readonly (readonly ResolvedWorkout[])[],
  nowMs: number,
) {
  const at = Number(cursor ?? 0);
  const next = at + 1 < pages.length ? String(at + 1) : null;
  const said = { stream: "workouts", items: pages[at] ?? [] };
  const page = { step, next, ...said, about: step === 0 ? about : null };
  return stageExport(vault, member, id, page, nowMs);
}

export async function exported(
  vault: Vault,
  member: MemberId,
  pages: readonly (readonly ResolvedWorkout[])[],
  formats: readonly ExportFormat[],
  nowMs: number,
): Promise<ExportStatus> {
  const begun = mustBe(await beginExport(vault, member, formats, nowMs));
  return stageAll(vault, member, begun, pages, nowMs);
}

/** In pieces; throws unless the digest is the one that was promised. */
export async function contentOf(
  vault: Vault,
  member: MemberId,
  { id, files }: ExportStatus,
  name: string,
  nowMs: number,
): Promise<Buffer> {
  const file = files.find((one) => one.name === name);
  if (file === undefined) throw new Error(`there is no ${name}`);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < file.bytes; ) {
    const { bytes } = mustBe(await exportFile(vault, member, id, name, at, 100_000, nowMs));
    pieces.push(bytes);
    at += bytes.length;
  }
  const content = Buffer.concat(pieces);
  if (createHash("sha256").update(content).digest("hex") !== file.sha256)
    throw new Error(`${name} is not what was promised`);
  return content;
}

export const linesOf = (content: Buffer) =>
  content
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/**
 * One bounded step of an export: some of the member's parked items; once those are staged, some of
 * their samples; and after those a page of what a ledger says, of one stream after the other, and as
 * much of what is restricted of it as fits. They become files under the member's key. A page is
 * pinned as it came first: what is left of it is staged by the steps after, whatever the ledger says
 * by then.
 */
import { type AnyTakeaway, takeawayOf } from "../../domain/export/index.ts";
import type { ExportPage, ExportStatus } from "../../domain/export-ports.ts";
import type { MemberId } from "../../domain/identity.ts";
import { isRefusal, type OrRefusal, type Refusal } from "../../domain/ports.ts";
import { samplesIn } from "../../domain/samples/chunk-export.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { closeEntry } from "./audit.ts";
import { noticesFor } from "./break-glass.ts";
import { sealBytes } from "./cell.ts";
import { listConsents } from "./consents.ts";
import type { Vault } from "./env.ts";
import { dropExport, exportStatus, unlessQuiet } from "./export.ts";
import {
  columnsOf,
  filesOf,
  filesPerStepMax,
  parkedFiles,
  profileFile,
  sampleFiles,
  type Written,
} from "./export-files.ts";
import { type Gathered, gather, pin } from "./export-gather.ts";
import { openParkedAfter, type ParkedPart } from "./export-parked.ts";
import {
  type ExportState,
  filePlace,
  type HeldExport,
  isQuiet,
  loadExports,
  sealState,
  statusOf,
} from "./export-rows.ts";
import { openSamplesAfter, type SamplePart } from "./export-samples.ts";
import { privacyZonesOf } from "./privacy.ts";
import { nameOf } from "./profile.ts";
import { ownDevices, ownGoals } from "./sample-settings.ts";
import { keepBytes, tidyObjects } from "./sealed-object.ts";

/** Their names and digests are one sealed value in a row of a database, which holds 2 MB. */
const filesMax = 8_000;
const writerBytes = 16;

/** A file that is sealed and written, and that no row points at yet. */
interface Placed {
  readonly name: string;
  readonly bytes: number;
  readonly object: string;
}

/** What a step comes to: where the export stands after it, and its files, written one at a time. */
interface Taken {
  readonly state: Omit<ExportState, "files">;
  readonly files: AsyncIterable<Written>;
}

/**
 * 1. where it stands is read; a step that was taken already changes nothing
 * 2. parked items, samples or readings are opened and        objects that are listed as orphans, and that
 *    written into files, each sealed as an object   the sweep destroys
 * 3. one batch, if it still stands where it stood   durable; the next step goes on from here
 *    and nothing is being erased: it stands a step
 *    further, its files have their rows
 * 4. the last step closes the intent of it all      shown as unknown; whoever asks again closes it
 *
 * Of two that take the same step one comes first; what the other wrote is destroyed.
 */
export async function stageExport(
  vault: Vault,
  member: MemberId,
  id: string,
  page: ExportPage,
  nowMs: number,
): Promise<OrRefusal<ExportStatus>> {
  const held = await loadExports(vault, member, id, nowMs);
  if (typeof held === "string") return unlessQuiet(held);
  const [found] = held;
  if (found === undefined) return { refused: "not-found" };
  if (found.state.ready) return finished(vault, found);
  if (page.step !== found.step) return statusOf(found);
  const takeaway = takeawayOf(found.state.page?.stream ?? page.stream);
  if (takeaway === undefined || page.items.length > takeaway.itemsMax)
    return { refused: "invalid" };
  if (found.state.files.length + filesPerStepMax > filesMax) {
    await dropExport(vault, member, id, nowMs);
    return { refused: "invalid" };
  }
  const taken = await takeStep(vault, found, { ...page, takeaway }, nowMs);
  if (typeof taken === "string") return unlessQuiet(taken);
  const { files, placed } = await writeFiles(vault, found, page, taken, nowMs);
  if (isRefusal(files)) return files;
  const state = { ...taken.state, files: [...found.state.files, ...files] };
  const isOurs = await commit(vault, found, state, placed);
  await tidyObjects(
    vault,
    placed.map(({ object }) => object),
  );
  if (!isOurs) return exportStatus(vault, member, id, nowMs);
  const next = { ...found, step: found.step + 1, state };
  return state.ready ? finished(vault, next) : statusOf(next);
}

/** `takeaway`: of what is pinned, else of the page. */
type Told = ExportPage & { readonly takeaway: AnyTakeaway };

async function takeStep(
  vault: Vault,
  held: HeldExport,
  page: Told,
  nowMs: number,
): Promise<Taken | "busy" | "forgotten"> {
  const parked = await openParkedAfter(vault, held, nowMs);
  if (parked !== null) return parkedStep(held.state, parked);
  const samples = await openSamplesAfter(vault, held, nowMs);
  if (typeof samples === "string") return samples;
  return samples === null ? pageStep(vault, held, page, nowMs) : sampleStep(held, samples);
}

const sampleStep = ({ member, state }: HeldExport, { chunks, after }: SamplePart): Taken => ({
  state: {
    ...state,
    samples: after,
    rows: state.rows + chunks.reduce((n, chunk) => n + samplesIn(chunk), 0),
  },
  files: sampleFiles(member, chunks, state.formats, state.files),
});

/** The page that came along is read again for a later step: its cursor stays. */
const parkedStep = (before: ExportState, { lines, after }: ParkedPart): Taken => ({
  state: { ...before, parked: after, rows: before.rows + lines.length },
  files: parkedFiles(lines, before.files),
});

async function pageStep(
  vault: Vault,
  { member, state }: HeldExport,
  { takeaway, ...page }: Told,
  nowMs: number,
): Promise<Taken | "busy" | "forgotten"> {
  const columns = columnsOf(takeaway, state.formats);
  const pinned = state.page ?? (await pin(vault, member, takeaway, page, columns));
  const gathered = await gather(vault, member, takeaway, pinned, state.page === null, nowMs);
  if (typeof gathered === "string") return gathered;
  const files = filesOf(takeaway, gathered.part, state.formats, state.files);
  return { state: stateAfter(state, gathered), files };
}

function stateAfter(before: ExportState, { part, pinned, rows }: Gathered): Taken["state"] {
  const isOver = pinned.left.length === 0;
  const { stream } = pinned;
  return {
    formats: before.formats,
    ready: isOver && pinned.next === null,
    cursor: isOver ? pinned.next : before.cursor,
    page: isOver ? null : pinned,
    items: { ...before.items, [stream]: (before.items[stream] ?? 0) + part.begun.length },
    rows: before.rows + rows,
  };
}

/** One at a time: what was written is let go of before the next. */
async function writeFiles(
  vault: Vault,
  held: HeldExport,
  { about }: ExportPage,
  taken: Taken,
  nowMs: number,
): Promise<{ files: ExportState["files"] | Refusal; placed: readonly Placed[] }> {
  const files: ExportState["files"][number][] = [];
  const placed: Placed[] = [];
  const put = async ({ file, content }: Written) => {
    const place = filePlace(held.member, held.id, file.name);
    const sealed = await sealBytes(vault, held.key, place, content);
    const [kept] = await keepBytes(vault, [sealed], nowMs, 0);
    if (kept?.object == null) throw new Error("a file is an object");
    files.push(file);
    placed.push({ name: file.name, bytes: sealed.length, object: kept.object });
  };
  if (held.step === 0) {
    const profile = await profileOf(vault, held.member as MemberId, about, nowMs);
    if (isRefusal(profile)) return { files: profile, placed };
    await put(await profileFile(profile));
  }
  for await (const written of taken.files) await put(written);
  return { files, placed };
}

/** What is known of them besides readings; what the vault knows itself is not the edge's to say. */
async function profileOf(
  vault: Vault,
  member: MemberId,
  about: ExportPage["about"],
  nowMs: number,
) {
  const zones = await privacyZonesOf(vault, member, nowMs);
  if (isRefusal(zones)) return zones;
  const told = await noticesFor(vault, member, nowMs);
  if (isRefusal(told)) return told;
  const devices = await ownDevices(vault, member, nowMs);
  if (isRefusal(devices)) return devices;
  const goals = await ownGoals(vault, member, nowMs);
  if (isRefusal(goals)) return goals;
  const displayName = await nameOf(vault, member, nowMs);
  const consents = await listConsents(vault, member, nowMs);
  return {
    ...about,
    member,
    displayName,
    privacyZones: zones,
    samples: { ...devices, goals },
    consents,
    ...told,
  };
}

async function commit(
  vault: Vault,
  { id, member, generation, step, key }: HeldExport,
  state: ExportState,
  placed: readonly Placed[],
): Promise<boolean> {
  const { phi } = vault;
  const sealed = await sealState(vault, key, { id, member, step: step + 1 }, state);
  const writer = base64Url(vault.random(writerBytes));
  const [advanced] = await phi.batch([
    phi
      .prepare(
        `UPDATE export SET step = step + 1, writer = ?3, state = ?4
         WHERE id = ?5 AND member = ?1 AND step = ?6 AND ${isQuiet}`,
      )
      .bind(member, generation, writer, sealed, id, step),
    phi
      .prepare(
        `INSERT INTO export_file (export, name, member, key_id, bytes, object)
         SELECT ?2, value ->> 'name', ?1, ?3, value ->> 'bytes', value ->> 'object'
         FROM json_each(?4)
         WHERE EXISTS (SELECT 1 FROM export WHERE id = ?2 AND writer = ?5)`,
      )
      .bind(member, id, key.id, JSON.stringify(placed), writer),
  ]);
  return advanced?.meta.changes === 1;
}

/** Closing again changes nothing: the log keeps the first. */
async function finished(vault: Vault, held: HeldExport): Promise<ExportStatus> {
  if (held.open !== null) {
    const outcome = { outcome: "permitted", ground: "own", rows: held.state.rows };
    await closeEntry(vault, { place: held.open }, outcome);
    await vault.phi.prepare("UPDATE export SET entry = NULL WHERE id = ?").bind(held.id).run();
  }
  return statusOf(held);
}

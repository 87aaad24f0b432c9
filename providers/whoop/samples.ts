import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { offsetMinutesMax } from "../../domain/time.ts";
import {
  measured,
  nightOf,
  type ReadDrafts,
  readBy,
  type SleepStage,
  type Span,
} from "../samples.ts";
import { amountOf, type Fields, fieldsOf, instantOf } from "../untrusted.ts";
import { recovery, sleep, uuidOf } from "./notices.ts";

const band: DeviceStated = { id: "whoop", kind: "band", model: null };

/** "-05:00", or "Z" for none. */
export function offsetOf(v: unknown): number | null {
  const [, sign, hours, minutes] =
    typeof v === "string" ? (/^([+-])(\d{2}):?(\d{2})$/.exec(v) ?? []) : [];
  if (v === "Z") return 0;
  const away = Number(hours) * 60 + Number(minutes);
  if (sign === undefined || Number(minutes) > 59 || away > offsetMinutesMax) return null;
  return sign === "-" && away > 0 ? -away : away;
}

const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["total_slow_wave_sleep_time_milli", "deep"],
  ["total_light_sleep_time_milli", "light"],
  ["total_rem_sleep_time_milli", "rem"],
  ["total_awake_time_milli", "awake"],
];

/** Its score may come without a new time of change: then it is the newer statement all the same. */
function revisionOf(item: Fields): number | null {
  const updatedMs = instantOf(item.updated_at) ?? instantOf(item.created_at);
  return updatedMs === null ? null : updatedMs + (item.score_state === "SCORED" ? 1 : 0);
}

function nightIn(item: Fields, revision: number): ReadDrafts {
  const sourceId = uuidOf(item.id);
  if (sourceId === null) return err("no-id");
  const [fromMs, toMs] = [instantOf(item.start), instantOf(item.end)];
  if (fromMs === null) return err("no-start");
  if (toMs === null || toMs <= fromMs) return err("no-duration");
  const offsetMin = offsetOf(item.timezone_offset);
  const span: Span = { sourceId, fromMs, toMs, offsetMin, revision, device: band };
  if (item.score_state !== "SCORED") return ok([]);
  const score = fieldsOf(item.score);
  const lengths = fieldsOf(score.stage_summary);
  const parts = stages.map(
    ([field, stage]) => [stage, (amountOf(lengths[field]) ?? 0) / 1000] as const,
  );
  return ok([
    ...nightOf(span, parts),
    ...measured(span, "respiratory_rate", score.respiratory_rate, "/min"),
  ]);
}

/** Found when the night was over, which is when the record was made. */
function recoveryIn(item: Fields, revision: number): ReadDrafts {
  const sourceId = uuidOf(item.sleep_id);
  if (sourceId === null) return err("no-id");
  const atMs = instantOf(item.created_at);
  if (atMs === null) return err("no-start");
  const span: Span = {
    sourceId,
    fromMs: atMs,
    toMs: atMs,
    offsetMin: null,
    revision,
    device: band,
  };
  if (item.score_state !== "SCORED") return ok([]);
  const score = fieldsOf(item.score);
  return ok([
    ...measured(span, "resting_heart_rate", score.resting_heart_rate, "/min"),
    ...measured(span, "hrv_rmssd", score.hrv_rmssd_milli, "ms"),
    ...measured(span, "oxygen_saturation", score.spo2_percentage, "%"),
  ]);
}

const revised =
  (reader: (item: Fields, revision: number) => ReadDrafts) =>
  (item: Fields): ReadDrafts => {
    const revision = revisionOf(item);
    return revision === null ? err("no-revision") : reader(item, revision);
  };

const read = readBy(
  new Map([
    [sleep, revised(nightIn)],
    [recovery, revised(recoveryIn)],
  ]),
);

export const samples = { kinds: [sleep, recovery], collections: [sleep, recovery], read };

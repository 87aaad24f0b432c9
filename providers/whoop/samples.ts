/**
 * Nights and recoveries, once they are scored: how long each stage was, the breaths of a night, and
 * what WHOOP finds in the morning, the heart at rest, its variability and oxygen. It says nothing of
 * steps. What it wears is its own band.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay, offsetMinutesMax } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { type Metric, nightOf, type SampleDraft, type SleepStage } from "../samples.ts";
import { amountOf, type Fields, fieldsOf, instantOf, isFields, positiveOf } from "../untrusted.ts";
import { recovery, sleep, uuidOf } from "./notices.ts";

const band: DeviceStated = { id: "whoop", kind: "band", model: null };

type Span = Omit<SampleDraft, "metric" | "value" | "unit">;
type Read = Result<readonly SampleDraft[], ItemFault>;

/** "-05:00", or "Z" for none. */
export function offsetOf(v: unknown): number | null {
  const [, sign, hours, minutes] =
    typeof v === "string" ? (/^([+-])(\d{2}):?(\d{2})$/.exec(v) ?? []) : [];
  if (v === "Z") return 0;
  const away = Number(hours) * 60 + Number(minutes);
  if (sign === undefined || Number(minutes) > 59 || away > offsetMinutesMax) return null;
  return sign === "-" && away > 0 ? -away : away;
}

const measured = (span: Span, metric: Metric, v: unknown, unit: string): SampleDraft[] => {
  const value = positiveOf(v);
  return value === null ? [] : [{ ...span, metric, value, unit }];
};

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

function nightIn(item: Fields, revision: number): Read {
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
function recoveryIn(item: Fields, revision: number): Read {
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

function read(kind: string, item: unknown, receivedMs: Instant): Read {
  if (kind !== sleep && kind !== recovery) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const revision = revisionOf(item);
  if (revision === null) return err("no-revision");
  const drafts = kind === sleep ? nightIn(item, revision) : recoveryIn(item, revision);
  if (!drafts.ok) return drafts;
  const isAhead = drafts.value.some(({ fromMs }) => fromMs > receivedMs + msPerDay);
  return isAhead ? err("start-in-future") : drafts;
}

export const samples = { kinds: [sleep, recovery], collections: [sleep, recovery], read };

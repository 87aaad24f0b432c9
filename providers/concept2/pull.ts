/**
 * What is asked of Concept2: results by their days, which are those of the clock on the wall, page by
 * page; one by its number; and the strokes of one that has any.
 */
import type { Budget } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { addDays, localDate, msPerDay } from "../../domain/time.ts";
import { elapsedMsMax } from "../../domain/workouts/schema.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { fieldsOf, idOf, idPattern, isFields, jsonOf, rawOf } from "../untrusted.ts";
import { results, spanOf } from "./values.ts";

/** Of whoever's token it is. */
export const ownPath = "/api/users/me";
const path = `${ownPath}/${results}`;
/** It gives 250 at most. */
const resultsAPage = "100";

const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${path}/${inPath(sourceId, idPattern)}`,
  query: {},
});

function list(step: PullStep, cursor: string | null): ProviderRequest {
  if (step.of !== undefined)
    return { path: `${one(results, step.of).path}/strokes`, query: pageOf(cursor) };
  const query = { ...daysOf(step), number: resultsAPage };
  return { path, query: { ...query, ...pageOf(cursor) } };
}

/** A day on each side for the clock, and one more, since whether the last is included is not said. */
const daysOf = ({ fromMs, toMs }: PullStep) => ({
  from: addDays(localDate(fromMs, 0), -1),
  to: addDays(localDate(toMs, 0), 2),
});

const pageOf = (cursor: string | null) => (cursor === null ? {} : { page: cursor });

function page(reply: ProviderReply): Result<PulledPage, PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  const { data, meta } = json;
  if (isFields(data)) return ok({ items: [data], next: null });
  if (!Array.isArray(data)) return err("broken");
  const next = nextIn(meta);
  return next === "broken" ? err(next) : ok({ items: data, next });
}

/** An answer that says nothing of pages is all there is. */
function nextIn(meta: unknown): string | "broken" | null {
  const { pagination } = fieldsOf(meta);
  if (pagination === undefined || pagination === null) return null;
  const { current_page: current, total_pages: total } = fieldsOf(pagination);
  if (!Number.isSafeInteger(current) || !Number.isSafeInteger(total)) return "broken";
  return Number(current) < Number(total) ? String(Number(current) + 1) : null;
}

function readings(item: unknown): PullStep | null {
  const said = fieldsOf(item);
  const [of, span] = [idOf(said.id), spanOf(said)];
  if (said.stroke_data !== true || of === null || typeof span === "string") return null;
  if (span.elapsedMs > elapsedMsMax) return null;
  return { collection: results, fromMs: span.at, toMs: span.at + span.elapsedMs, of };
}

const join = (item: unknown, strokes: readonly unknown[]): unknown =>
  isFields(item) && strokes.length > 0 ? { ...item, strokes } : item;

/** All that a workout is read from but its strokes and splits, which are never changed by themselves. */
const marking =
  "id type date date_utc timezone time rest_time distance calories_total workout_type source verified stroke_data comments".split(
    " ",
  );

/** Of what stands alike in a list and alone, so that the strokes are not had once for each. */
function mark(item: unknown): string {
  const said = fieldsOf(item);
  const { average } = fieldsOf(said.heart_rate);
  return rawOf([...marking.map((name) => said[name] ?? null), average ?? null]) ?? "";
}

export const pull: Pull = {
  list,
  one,
  page,
  readings,
  join,
  mark,
  // It has strokes by its own word, and they are not there yet.
  isUnfinished: (item, strokes) => readings(item) !== null && strokes.length === 0,
  accountIn: (item) => idOf(fieldsOf(item).user_id),
  collections: [results],
};

/** None are stated, and abuse is forbidden: these are a choice of ours. */
export const budget: Budget = {
  app: [
    { name: "minute", calls: 120, windowMs: 60_000 },
    { name: "day", calls: 20_000, windowMs: msPerDay },
  ],
  member: [{ name: "minute", calls: 30, windowMs: 60_000 }],
  reserve: 0.3,
  throttles: "app",
  headers: [],
};

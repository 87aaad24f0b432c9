/**
 * What a person decides about facts of their subject is recorded like any other statement; here is
 * only what must hold before it may be: the facts are there, and lie close enough together that
 * whoever resolves them later will see all of them.
 */
import type { FactId } from "../domain/identity.ts";
import type { DecideRefusal, DecisionDraft, OpenFact } from "../domain/ports.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { isDecision, type Settings } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { type LedgerStore, record } from "./record.ts";
import { spanOf } from "./refold.ts";

export type DecideFault = DecideRefusal["refused"];

/** Records a decision; the same one said again is no new one, but the latest. Returns its facts. */
export function decide(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  draft: DecisionDraft,
  nowMs: Instant,
): Result<readonly FactId[], DecideFault> {
  const ids = draft.sides.flat();
  const facts = ids.flatMap((id) => live(store, id) ?? []);
  if (facts.length < ids.length || facts.length === 0) return err("not-found");
  if (draft.decision === "join" && extentMs(stream, facts) > joinMs(stream))
    return err("too-far-apart");
  const revision = Math.max(nowMs, (store.held(draft.id)?.revision ?? 0) + 1);
  const revisions = facts.map((f) => f.revision);
  record(store, stream, settings, [{ ...draft, revisions, revision, at: nowMs }]);
  return ok(ids);
}

/** Takes a decision back: all is as if it had never been made. Returns the facts it named. */
export function takeBack(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  id: FactId,
  nowMs: Instant,
): Result<readonly FactId[], DecideFault> {
  const held = store.held(id);
  if (held?.fact == null || !isDecision(held.fact)) return err("not-found");
  const revision = Math.max(nowMs, held.revision);
  record(store, stream, settings, [{ id, revision, retracted: true }]);
  return ok(held.fact.sides.flat());
}

function live(store: LedgerStore, id: FactId): OpenFact | null {
  const fact = store.held(id)?.fact ?? null;
  return fact !== null && isDecision(fact) ? null : fact;
}

const joinMs = (stream: AnyStream) => (stream.resolve?.joinDays ?? 0) * msPerDay;

function extentMs(stream: AnyStream, facts: readonly OpenFact[]): number {
  const spans = facts.map((f) => spanOf(stream, f));
  return Math.max(...spans.map((s) => s.toMs)) - Math.min(...spans.map((s) => s.fromMs));
}

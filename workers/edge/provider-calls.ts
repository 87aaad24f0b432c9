/**
 * Calls that the vault makes to a provider on the edge's word: to link an account, and to end one.
 * They come out of the same budget as everybody's, so the provider's gate is asked first, and told
 * what came of them. What it is not told it takes for spent.
 */
import type { ErasureStep, LeaseAsk, RevokeOutcome } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { providerNamed } from "../../providers/index.ts";
import type { ConnectionRow } from "./members.ts";
import type { Ports } from "./ports.ts";

export interface Held {
  readonly granted: number;
  /** So many were made, and answered. Never throws. */
  end(made: number): Promise<void>;
}
export type NotNow = { readonly waitMs: number };

const pauseMsMin = 50;
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Waits for its turn, unless that comes later than `untilMs`. */
export async function holdCalls(
  ports: Ports,
  provider: string,
  ask: Omit<LeaseAsk, "kind">,
  untilMs: Instant,
): Promise<Held | NotNow> {
  const gate = ports.gate(provider);
  for (;;) {
    const answer = await gate.lease({ kind: "live", ...ask });
    if (!("waitMs" in answer)) {
      const { lease, granted } = answer;
      if (granted >= (ask.least ?? 1)) return heldOf(ports, provider, lease, granted);
      // A probe is one call, and gone with it nothing would be learned: it goes back.
      await heldOf(ports, provider, lease, granted).end(0);
      return { waitMs: probeWaitMs };
    }
    const waitMs = Math.max(pauseMsMin, answer.waitMs);
    if (Date.now() + waitMs >= untilMs) return { waitMs };
    await pause(waitMs);
  }
}
/** Until a gate that lets one call through lets more through. */
const probeWaitMs = 30_000;

function heldOf(ports: Ports, provider: string, lease: string, granted: number): Held {
  const beganMs = Date.now();
  return {
    granted,
    end: async (made) => {
      // How long each of them took only the vault knows: all of it, in equal parts.
      const ms = Math.round((Date.now() - beganMs) / Math.max(1, made));
      const call = { class: "ok", ms, retryAfterMs: null, headers: {} } as const;
      const calls = Array.from({ length: Math.min(made, granted) }, () => call);
      try {
        await ports.gate(provider).report({ lease, calls, freshnessMs: [] });
      } catch (error) {
        logLine({ worker: "edge", event: "lease", provider, error: errorClass(error) });
      }
    },
  };
}

/** Longer than that nobody waits for a provider to be told. */
const revokeMsMax = 10_000;

type Told = Pick<ConnectionRow, "id" | "member" | "provider">;

/** Never fails and never takes long: an erasure does not wait for a provider that does not answer. */
export async function revokeAll(
  ports: Ports,
  connections: readonly Told[],
): Promise<ErasureStep[]> {
  const untilMs = Date.now() + revokeMsMax;
  const late = new Promise<"failed">((done) => setTimeout(done, revokeMsMax, "failed"));
  const names = [...new Set(connections.map(({ provider }) => provider))];
  const outcomes = await Promise.all(
    names.map((name) => {
      const some = connections.filter(({ provider }) => provider === name);
      return revokeAt(ports, name, some, { untilMs, late });
    }),
  );
  const stepOf = (step: string, outcome: RevokeOutcome) => ({
    step,
    atMs: Date.now(),
    count: outcomes.flat().filter((o) => o === outcome).length,
  });
  return [stepOf("revoked", "revoked"), stepOf("revoke-failed", "failed")].filter(
    ({ count }) => count > 0,
  );
}

/** As many at once as may be called; those whose turn does not come in time are not told. */
async function revokeAt(
  ports: Ports,
  provider: string,
  connections: readonly Told[],
  { untilMs, late }: { readonly untilMs: Instant; readonly late: Promise<"failed"> },
): Promise<RevokeOutcome[]> {
  const isCalled = providerNamed(provider)?.link?.revoke !== undefined;
  const outcomes: RevokeOutcome[] = [];
  while (outcomes.length < connections.length) {
    const left = connections.slice(outcomes.length);
    const held = isCalled
      ? await Promise.race([hold(ports, provider, left.length, untilMs), late])
      : { granted: left.length, end: async () => {} };
    if (held === "failed") return [...outcomes, ...left.map(() => held)];
    const some = left
      .slice(0, held.granted)
      .map(({ id, member }) =>
        ports.connect.revoke(member, id, provider).catch(() => "failed" as const),
      );
    const ended = Promise.all(some).then(async (all) => {
      // Whether one that failed was made only the vault knows: then all of them stay spent.
      if (!all.includes("failed")) await held.end(all.filter((o) => o !== "nothing").length);
    });
    outcomes.push(...(await Promise.all(some.map((one) => Promise.race([one, late])))));
    await Promise.race([ended, late]);
  }
  return outcomes;
}

async function hold(
  ports: Ports,
  provider: string,
  want: number,
  untilMs: Instant,
): Promise<Held | "failed"> {
  try {
    const held = await holdCalls(ports, provider, { want }, untilMs);
    return "waitMs" in held ? "failed" : held;
  } catch {
    return "failed";
  }
}

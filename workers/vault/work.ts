/**
 * Work on sealed things: hands back nothing restricted. What operators have done stands in the log,
 * every bit of it; samples are merged and resolved for whoever has the binding, and nobody sees them.
 * Parked items are listed without their content; a replay reads one again by today's rules, seals its
 * parts and returns the open statements, which the edge records before it lets the item go. Keys and
 * shards are changed here in bounded steps, as no member's.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { DeedName } from "../../domain/audit.ts";
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import {
  type DaysAsked,
  type ErasureScope,
  type ErasureStep,
  isRefusal,
  type KeysStatus,
  type MergedSamples,
  membersAskedMax,
  type OpenFact,
  type OrRefusal,
  type Page,
  type ParkedEntry,
  type Refusal,
  type Replayed,
  type ReplayedBy,
  type RereadAnswer,
  type RereadRequest,
  type RestoreStatus,
  type RotationStatus,
  type WorkPort,
  type Zones,
} from "../../domain/ports.ts";
import type { SampleRecord } from "../../domain/samples/sample.ts";
import type { LocalDate } from "../../domain/time.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { closeEntry, type Deed, openEntry, tooMany, writeWhole } from "./audit.ts";
import { shardsOf, type VaultEnv, vaultOf } from "./env.ts";
import { eraseFor } from "./erase-for.ts";
import { Restored } from "./journal.ts";
import { replayItem } from "./parked-replay.ts";
import { countParked, findParked, listParked, openParked, unpark } from "./parked-store.ts";
import { type Actor, actorOf } from "./principal.ts";
import { reread, rereadingWith } from "./reread.ts";
import { restoreShard } from "./restore.ts";
import { rotateEpoch, rotateRoot } from "./rotation.ts";
import { mergeSamples } from "./sample-merge.ts";
import { resolveSamples, sampleChunks, sampleDays } from "./sample-resolve.ts";
import { keysStatus, openShard } from "./shard-status.ts";

const entriesPerPageMax = 100;
/** Whose days are resolved side by side: each holds its chunks in memory. */
const membersAtOnce = 4;
/** Of one step of a rotation: a few seconds of work. */
const rotatedRowsMax = 5_000;
const notFound: Refusal = { refused: "not-found" };
const busy: Refusal = { refused: "busy" };

export class Work extends WorkerEntrypoint<VaultEnv> implements WorkPort {
  async parked(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<ParkedEntry>>> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    const rows = Math.min(Math.max(1, Math.trunc(limit) || 1), entriesPerPageMax);
    const shards = shardsOf(this.env);
    const page = await listParked(shards, cursor, rows);
    const outcome = { ...permitted, rows: page.items.length };
    const deed = deedOf(operator, "see-parked", null, "parked", "");
    const place = await writeWhole(shards, deed, outcome, Date.now());
    return place === null ? tooMany : page;
  }

  async parkedCount(token: string): Promise<OrRefusal<{ count: number }>> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    const shards = shardsOf(this.env);
    const count = await countParked(shards);
    const deed = deedOf(operator, "see-parked", null, "parked", "count");
    const place = await writeWhole(shards, deed, { ...permitted, rows: count }, Date.now());
    return place === null ? tooMany : { count };
  }

  async erase(
    token: string,
    member: MemberId,
    scope: ErasureScope,
    reason: string,
  ): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    return eraseFor(shardsOf(this.env), operator, member, scope, reason, Date.now());
  }

  async reread(token: string, request: RereadRequest): Promise<OrRefusal<RereadAnswer>> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    const rereading = rereadingWith(hmacDigest(this.env.IDENTITY_KEY));
    return reread(shardsOf(this.env), operator, request, rereading);
  }

  async mergeSamples(
    member: MemberId,
    connection: ConnectionId,
    records: readonly SampleRecord[],
    zones: Zones,
  ): Promise<MergedSamples | "forgotten"> {
    const vault = await vaultOf(this.env, member);
    const of = { member, connection, zones };
    return mergeSamples(vault, hmacDigest(this.env.IDENTITY_KEY), of, records, Date.now);
  }

  /** A few at a time: whoever asks waits for the last of them anyway. */
  async resolveSamples(
    asks: readonly DaysAsked[],
  ): Promise<readonly { readonly facts: readonly OpenFact[] }[]> {
    if (asks.length > membersAskedMax) throw new Error("more members than one call takes");
    const digest = hmacDigest(this.env.IDENTITY_KEY);
    const answers: { readonly facts: readonly OpenFact[] }[] = [];
    for (let i = 0; i < asks.length; i += membersAtOnce) {
      const some = asks.slice(i, i + membersAtOnce).map(async ({ member, days, zones }) => {
        const vault = await vaultOf(this.env, member);
        return resolveSamples(vault, digest, { member, zones }, days, Date.now);
      });
      answers.push(...(await Promise.all(some)));
    }
    return answers;
  }

  async sampleDays(
    member: MemberId,
    from: LocalDate,
    limit: number,
    zones: Zones,
  ): Promise<readonly LocalDate[]> {
    return sampleDays(await vaultOf(this.env, member), { member, zones }, from, limit);
  }

  async sampleChunks(
    member: MemberId,
    from: LocalDate,
    to: LocalDate,
    limit: number,
  ): Promise<readonly FactId[]> {
    return sampleChunks(await vaultOf(this.env, member), member, { from, to }, limit);
  }

  /**
   * 1. the intent is logged             an entry without an outcome: shown as unknown
   * 2. the item is opened and read      the same
   * 3. its restricted parts are sealed  sealed readings nobody points at; again writes the same. Of
   *                                     samples some are merged; again they are known
   * 4. the outcome is logged            the item is still parked and can be replayed again
   */
  async replay(token: string, id: string, by: ReplayedBy | null): Promise<OrRefusal<Replayed>> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    const shards = shardsOf(this.env);
    const found = await findParked(shards, id, Date.now());
    if (found === null) return notFound;
    const { vault, member } = found;
    const deed = deedOf(operator, "replay", member, "parked", "replay");
    const entry = await openEntry(shards, deed, Date.now());
    if (entry === null) return tooMany;
    const opened = await openParked(vault, id, Date.now());
    const digest = hmacDigest(this.env.IDENTITY_KEY);
    const replayed = opened && (await replayItem(vault, digest, opened, by, Date.now));
    await closeEntry(shards, entry, outcomeOf(replayed));
    return replayed ?? notFound;
  }

  async unpark(token: string, id: string): Promise<OrRefusal<{ unparked: string }>> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    const shards = shardsOf(this.env);
    const found = await findParked(shards, id, Date.now());
    if (found === null) return notFound;
    const deed = deedOf(operator, "unpark", found.member, "parked", "unpark");
    const entry = await openEntry(shards, deed, Date.now());
    if (entry === null) return tooMany;
    const gone = await unpark(found.vault, id, Date.now());
    await closeEntry(shards, entry, { ...permitted, rows: gone ? 1 : 0 });
    return { unparked: id };
  }

  keys(token: string): Promise<OrRefusal<KeysStatus>> {
    return this.#administer(token, "keys-status", "keys-status", () =>
      keysStatus(shardsOf(this.env)),
    );
  }

  rotate(token: string, what: "epoch" | "root"): Promise<OrRefusal<RotationStatus>> {
    const shards = shardsOf(this.env);
    return what === "root"
      ? this.#administer(token, "rotate-root", "rotate-root", () => rotateRoot(shards))
      : this.#administer(token, "rotate-epoch", "rotate-epoch", () =>
          rotateEpoch(shards, Date.now(), rotatedRowsMax),
        );
  }

  openShard(token: string, shard: number, open: boolean): Promise<OrRefusal<KeysStatus>> {
    const deed = open ? "open-shard" : "close-shard";
    return this.#administer(token, deed, `${deed}-${shard}`, () =>
      openShard(shardsOf(this.env), shard, open),
    );
  }

  restore(token: string, shard: number): Promise<OrRefusal<RestoreStatus>> {
    const shards = shardsOf(this.env);
    return this.#administer(token, "restore-shard", `restore-shard-${shard}`, async () => {
      const vault = shards.all[shard];
      return vault === undefined ? notFound : restoreShard(shards, vault, Date.now());
    });
  }

  /**
   * 1. the intent is logged      an entry without an outcome: shown as unknown
   * 2. the step is done          the same; asking again goes on with it
   * 3. the outcome is logged
   */
  async #administer<T extends KeysStatus | RotationStatus | RestoreStatus>(
    token: string,
    deed: DeedName,
    purpose: string,
    work: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const operator = await operatorOf(this.env, token);
    if (isRefusal(operator)) return operator;
    const shards = shardsOf(this.env);
    const asked = deedOf(operator, deed, null, "keys", purpose);
    const entry = await openEntry(shards, asked, Date.now());
    if (entry === null) return tooMany;
    const answer = await work().catch((error: unknown) => {
      if (error instanceof Restored) return busy;
      throw error;
    });
    const outcome = isRefusal(answer)
      ? { outcome: "failed", ground: answer.refused, rows: 0 }
      : { ...permitted, rows: "rewrapped" in answer ? answer.rewrapped : 0 };
    await closeEntry(shards, entry, outcome);
    return answer;
  }
}

const permitted = { outcome: "permitted", ground: "operator" } as const;

async function operatorOf(env: VaultEnv, token: string): Promise<Actor | Refusal> {
  const actor = await actorOf(env, token, Date.now());
  if (actor === null) return { refused: "unauthenticated" };
  return actor.roles.includes("operator") ? actor : { refused: "forbidden" };
}

const deedOf = (
  operator: Actor,
  deed: DeedName,
  member: MemberId | null,
  column: string,
  purpose: string,
): Deed => ({
  deed,
  actor: operator,
  role: "operator",
  member,
  columns: [column],
  purpose,
});

function outcomeOf(replayed: Replayed | null) {
  if (replayed === null) return { outcome: "failed", ground: "gone", rows: 0 };
  if ("statements" in replayed) return { ...permitted, rows: replayed.statements.length };
  if ("merged" in replayed) return { ...permitted, rows: replayed.merged.outcomes.length };
  const outcome = replayed.wanted === undefined ? "failed" : "unchanged";
  return { outcome, ground: replayed.still, rows: 0 };
}

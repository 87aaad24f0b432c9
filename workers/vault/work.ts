/**
 * Work on sealed things for operators: hands back nothing restricted. Parked items are listed
 * without their content; a replay reads one again by today's rules, seals its parts and returns the
 * open statements, which the edge records before it lets the item go.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberId } from "../../domain/identity.ts";
import type {
  OrRefusal,
  Page,
  ParkedEntry,
  Refusal,
  ReplayedItem,
  WorkPort,
} from "../../domain/ports.ts";
import { streamNamed } from "../../domain/streams.ts";
import { shape } from "../../kernel/accept.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { providerNamed } from "../../providers/index.ts";
import { appendIntent, appendOutcome, type Deed } from "./audit.ts";
import { type VaultEnv, vaultOf } from "./env.ts";
import { listParked, type OpenedParked, openParked, unpark } from "./parked-store.ts";
import { type Actor, actorOf } from "./principal.ts";
import { sealRows } from "./sealed-store.ts";

const entriesPerPageMax = 100;
const notFound: Refusal = { refused: "not-found" };

type Replay = ReplayedItem | { readonly still: string };

export class Work extends WorkerEntrypoint<VaultEnv> implements WorkPort {
  async parked(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<ParkedEntry>>> {
    const operator = await operatorOf(this.env, token);
    if ("refused" in operator) return operator;
    const rows = Math.min(Math.max(1, Math.trunc(limit) || 1), entriesPerPageMax);
    return listParked(vaultOf(this.env), cursor, rows);
  }

  /**
   * 1. the intent is logged             an entry without an outcome: shown as unknown
   * 2. the item is opened and read      the same
   * 3. its restricted parts are sealed  sealed readings nobody points at; again writes the same
   * 4. the outcome is logged            the item is still parked and can be replayed again
   */
  async replay(token: string, id: string): Promise<OrRefusal<Replay>> {
    const operator = await operatorOf(this.env, token);
    if ("refused" in operator) return operator;
    const vault = vaultOf(this.env);
    const member = await memberOf(this.env, id);
    if (member === null) return notFound;
    const deed = deedOf(operator, member, "replay");
    const intent = await appendIntent(vault.phi, deed, Date.now());
    const opened = await openParked(vault, id, Date.now());
    const replayed = opened === null ? null : await replayItem(this.env, opened);
    await appendOutcome(vault.phi, intent, outcomeOf(replayed), Date.now());
    return replayed ?? notFound;
  }

  async unpark(token: string, id: string): Promise<OrRefusal<{ unparked: string }>> {
    const operator = await operatorOf(this.env, token);
    if ("refused" in operator) return operator;
    const vault = vaultOf(this.env);
    const member = await memberOf(this.env, id);
    if (member === null) return notFound;
    const intent = await appendIntent(vault.phi, deedOf(operator, member, "unpark"), Date.now());
    const found = await unpark(vault, id, Date.now());
    const outcome = { outcome: "permitted", ground: "operator", rows: found ? 1 : 0 };
    await appendOutcome(vault.phi, intent, outcome, Date.now());
    return { unparked: id };
  }
}

async function operatorOf(env: VaultEnv, token: string): Promise<Actor | Refusal> {
  const actor = await actorOf(env, token, Date.now());
  if (actor === null) return { refused: "unauthenticated" };
  return actor.roles.includes("operator") ? actor : { refused: "forbidden" };
}

const memberOf = (env: VaultEnv, id: string): Promise<MemberId | null> =>
  env.PHI_0.prepare("SELECT member FROM parked WHERE id = ?").bind(id).first<MemberId>("member");

const deedOf = (operator: Actor, member: string, purpose: string): Deed => ({
  action: "admin",
  actor: operator.id,
  actorRole: "operator",
  member,
  columns: ["parked"],
  purpose,
});

const outcomeOf = (replayed: Replay | null) =>
  replayed === null || "still" in replayed
    ? { outcome: "failed", ground: replayed?.still ?? "gone", rows: 0 }
    : { outcome: "permitted", ground: "operator", rows: replayed.statements.length };

/** An item whose member was erased meanwhile is not there any more: null. */
async function replayItem(env: VaultEnv, { entry, body }: OpenedParked): Promise<Replay | null> {
  const provider = providerNamed(entry.provider);
  const stream = provider && streamNamed(provider.stream);
  if (provider === undefined || stream === undefined) return { still: "unknown-provider" };
  const parked = parseParked(body);
  if (parked === null) return { still: entry.reason };
  if (parked.kind === "body") return { still: "not-json" };
  const draft = provider.normalise(parked.kind, parked.item, Date.now());
  if (!draft.ok) return { still: draft.error };
  const { member, connection } = entry;
  const origin = { member, connection, provider: provider.name, account: parked.account };
  const [shaped] = await shape(hmacDigest(env.IDENTITY_KEY), unnumbered, stream, origin, [
    draft.value,
  ]);
  if (shaped === undefined || shaped.kind === "unreadable") return { still: "out-of-range" };
  if (shaped.kind === "fact") {
    const outcome = await sealRows(vaultOf(env), member, connection, [shaped.row], Date.now());
    if (outcome === "forgotten") return null;
  }
  return { entry, statements: [shaped.statement] };
}

/** Content that its source does not number is the first of its kind: it was never recorded. */
const unnumbered = {
  number: async (contents: readonly unknown[]): Promise<number[]> => contents.map(() => 1),
};

/** Reads what `parkedBody` of the kernel wrote; null when it is something else. */
function parseParked(
  body: string,
): { readonly kind: string; readonly account: string; readonly item: unknown } | null {
  try {
    const parked: unknown = JSON.parse(body);
    if (typeof parked !== "object" || parked === null) return null;
    const { kind, account, item } = parked as Record<string, unknown>;
    if (typeof kind !== "string") return null;
    return { kind, account: typeof account === "string" ? account : "", item };
  } catch {
    return null;
  }
}

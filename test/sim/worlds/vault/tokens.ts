/** Links for strangers and tokens for card numbers: what is shown without a consent, and told. */
import type { MemberId } from "../../../../domain/identity.ts";
import type { ShareDraft } from "../../../../domain/ports.ts";
import type { LocalDate } from "../../../../domain/time.ts";
import { revealCard } from "../../../../workers/vault/card-reveal.ts";
import { tokenise } from "../../../../workers/vault/card-tokens.ts";
import { makeShare, revokeShare } from "../../../../workers/vault/shares.ts";
import { openShare } from "../../../../workers/vault/shares-open.ts";
import type { Act } from "./acts.ts";
import { nameOf } from "./oracle.ts";
import type { VaultWorld } from "./vault-world.ts";

/** Test numbers of card schemes: they satisfy Luhn and belong to nobody. */
export const cardNumbers = ["4000056655665556", "5200828282828210", "6011000990139424"];
const finance = { id: "m_fran", member: null, roles: ["member", "finance"] } as const;
const clerk = { id: "m_cleo", member: null, roles: ["member", "merchandiser"] } as const;
const dayMs = 86_400_000;
const days = [{ date: "2026-06-01", metrics: {} }] as const;
const draftOf = (nowMs: number): ShareDraft => ({
  ...{ recipient: "a doctor", metrics: ["steps"] },
  ...{ from: "2026-06-01" as LocalDate, to: "2026-06-02" as LocalDate },
  expiresAtMs: nowMs + 7 * dayMs,
});

const makes: Act = async (world, chance) => {
  const { id } = chance.pick(world.context.members);
  const made = await world.attempt("sharing", { kind: "other" }, async () =>
    makeShare(await world.vaultOf(id), id, draftOf(world.now()), world.now()),
  );
  if (made !== null && !("refused" in made))
    world.shares.push({ id: made.id, member: id, code: made.code });
};

const takesBack: Act = async (world, chance) => {
  if (world.shares.length === 0) return;
  const { id, member } = chance.pick(world.shares);
  await world.attempt("revoking a share", { kind: "revoke-share", member, id }, async () =>
    revokeShare(await world.vaultOf(member), member, id, world.now()),
  );
};

const guess = (code: string): string => `${code.startsWith("0") ? "1" : "0"}${code.slice(1)}`;

const opens: Act = async (world, chance) => {
  const share = world.shares.length === 0 ? null : chance.pick(world.shares);
  if (share === null) return;
  const isGuess = chance.in100(25);
  const code = isGuess ? guess(share.code) : share.code;
  const deed = { kind: "open-share" as const, id: share.id, wasOver: false };
  const isGone = world.oracle.gone.has(share.member);
  const { shards, guesses } = world.isolate();
  const readDays = async () => days;
  const at = { ...{ shards, guesses, now: world.now }, readDays: readDays as never };
  const opened = await world.attempt("opening a share", deed, () =>
    openShare(at, { code, from: "somewhere" }, [] as never),
  );
  if (opened === null || "refused" in opened) return;
  const what = `the share ${share.id} was opened`;
  if (isGuess) world.oracle.accuse(`${what} by a guess`);
  if (isGone || deed.wasOver) world.oracle.accuse(`${what} after it was over`);
};

/** The same card of the same merchant is the same token, whoever asks and whenever. */
const tokenises: Act = async (world, chance) => {
  const { id } = chance.pick(world.context.members);
  const asked = chance.shuffled(cardNumbers).slice(0, 2);
  const cards = asked.map((number) => ({ number, person: null }));
  const refs = await world.attempt("tokenising", { kind: "other" }, async () =>
    tokenise(await world.vaultOf(id), id, cards, world.now()),
  );
  for (const [i, { token }] of (refs ?? []).entries()) keep(world, id, asked[i] ?? "", token);
};

function keep(world: VaultWorld, merchant: string, number: string, token: string | null): void {
  if (token === null) return;
  const name = nameOf(merchant, number);
  if ((world.tokens.get(name) ?? token) !== token)
    world.oracle.accuse(`a card of ${merchant} has two tokens`);
  world.tokens.set(name, token);
}

const reveals: Act = async (world, chance) => {
  const known = [...world.tokens];
  if (known.length === 0) return;
  const [name, token] = chance.pick(known);
  const [merchant, number] = JSON.parse(name) as [MemberId, string];
  const by = chance.in100(70) ? finance : clerk;
  const isGone = world.oracle.gone.has(merchant);
  const told = await world.attempt("revealing", { kind: "other" }, () =>
    revealCard(world.isolate().shards, by, merchant, token, "a refund", world.now),
  );
  if (told === null || "refused" in told) return;
  if (by !== finance) world.oracle.accuse(`${by.id} was told a card's number`);
  if (isGone) world.oracle.accuse(`a card of ${merchant} was revealed after their erasure`);
  if (told.number !== number) world.oracle.accuse("a token opened another card");
};

export const tokenActs: readonly (readonly [string, Act])[] = [
  ["share", makes],
  ["open a share", opens],
  ["open a share", opens],
  ["revoke a share", takesBack],
  ["tokenise cards", tokenises],
  ["reveal a card", reveals],
];

/**
 * What a caller may do with their own token, which is verified here and nowhere trusted before.
 * Every look at a reading and every change of consent stands in the log.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberId } from "../../domain/identity.ts";
import type {
  AccessEntry,
  Consent,
  ConsentDraft,
  ErasureStep,
  OpenPort,
  OrRefusal,
  Page,
  Reading,
  ReadRequest,
  Refusal,
} from "../../domain/ports.ts";
import { listEntries } from "./audit.ts";
import { grantConsent, listConsents, revokeConsent } from "./consents.ts";
import { type Vault, type VaultEnv, vaultOf } from "./env.ts";
import { forgetMember } from "./erasure.ts";
import { actorOf, enrolPerson, personOf } from "./principal.ts";
import { isDisplayName, namesOf, rename } from "./profile.ts";
import { read } from "./readings.ts";

const entriesPerPageMax = 100;
const unauthenticated: Refusal = { refused: "unauthenticated" };

export class Open extends WorkerEntrypoint<VaultEnv> implements OpenPort {
  async enrol(token: string, member: MemberId): Promise<OrRefusal<{ member: MemberId }>> {
    const nowMs = Date.now();
    const person = await personOf(this.env, token, nowMs);
    if (person === null) return unauthenticated;
    const enrolment = await enrolPerson(vaultOf(this.env), person, member, nowMs);
    return typeof enrolment === "string" ? { refused: enrolment } : enrolment;
  }

  rename(token: string, displayName: string): Promise<OrRefusal<{ renamed: true }>> {
    return this.#asMember(token, async (vault, member) => {
      if (!isDisplayName(displayName)) return { refused: "forbidden" };
      const outcome = await rename(vault, member, displayName, Date.now());
      return outcome === "forgotten" ? unauthenticated : { renamed: true };
    });
  }

  async readings(token: string, request: ReadRequest): Promise<OrRefusal<{ readings: Reading[] }>> {
    const actor = await actorOf(this.env, token, Date.now());
    return actor === null ? unauthenticated : read(vaultOf(this.env), actor, request);
  }

  consents(token: string): Promise<OrRefusal<{ items: Consent[] }>> {
    return this.#asMember(token, async (vault, member) => ({
      items: await listConsents(vault, member),
    }));
  }

  grant(token: string, draft: ConsentDraft): Promise<OrRefusal<Consent>> {
    return this.#asMember(token, (vault, member) => grantConsent(vault, member, draft, Date.now()));
  }

  revoke(token: string, consent: string): Promise<OrRefusal<{ revoked: string }>> {
    return this.#asMember(token, (vault, member) =>
      revokeConsent(vault, member, consent, Date.now()),
    );
  }

  accessLog(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<AccessEntry>>> {
    return this.#asMember(token, async (vault, member) => {
      const nowMs = Date.now();
      const rows = Math.min(Math.max(1, Math.trunc(limit) || 1), entriesPerPageMax);
      const { items, next } = await listEntries(vault.phi, member, cursor, rows, nowMs);
      const actors = items.map((entry) => entry.actor);
      const names = await namesOf(vault, actors, nowMs);
      return {
        items: items.map((entry) => ({ ...entry, actorName: names[entry.actor] ?? null })),
        next,
      };
    });
  }

  names(members: readonly MemberId[]): Promise<Record<string, string>> {
    return namesOf(vaultOf(this.env), members, Date.now());
  }

  /** Also for a member who is erased already: an erasure that crashed goes on. */
  async forget(token: string): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>> {
    const person = await personOf(this.env, token, Date.now());
    if (person === null) return unauthenticated;
    const { bound, issuedAtMs } = person;
    if (bound === null) return { refused: "not-found" };
    if (!bound.erased && bound.notBeforeMs >= issuedAtMs) return unauthenticated;
    return { member: bound.member, steps: await forgetMember(vaultOf(this.env), bound.member) };
  }

  async #asMember<T>(
    token: string,
    act: (vault: Vault, member: MemberId) => Promise<OrRefusal<T>>,
  ): Promise<OrRefusal<T>> {
    const actor = await actorOf(this.env, token, Date.now());
    if (actor === null) return unauthenticated;
    return actor.member === null ? { refused: "not-found" } : act(vaultOf(this.env), actor.member);
  }
}

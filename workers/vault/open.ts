/**
 * What a caller may do with their own token, which is verified here and nowhere trusted before.
 * Every look at a reading and every change of consent stands in the log.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberId } from "../../domain/identity.ts";
import type {
  AggregatesAnswer,
  AggregatesRequest,
  BreakGlass,
  BreakGlassNotice,
  Consent,
  ConsentDraft,
  DeviceOrder,
  Devices,
  ErasureScope,
  ErasureStep,
  ExportBytes,
  ExportFormat,
  ExportPage,
  ExportStatus,
  OpenedShare,
  OpenPort,
  OrRefusal,
  Page,
  PrivacyZones,
  ReadAnswer,
  ReadRequest,
  Refusal,
  RosterEntry,
  Share,
  ShareDraft,
  Zones,
} from "../../domain/ports.ts";
import type { GoalChanges, Goals } from "../../domain/samples/goals.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { aggregates } from "./aggregates.ts";
import { tooMany, writeWhole } from "./audit.ts";
import { breakGlass, noticesFor } from "./break-glass.ts";
import { grantConsent, listConsents, revokeConsent } from "./consents.ts";
import { shardsOf, type Vault, type VaultEnv, vaultOf } from "./env.ts";
import { eraseScope } from "./erasure.ts";
import { LogFull } from "./erasure-log.ts";
import { beginExport, dropExport, exportStatus, exportsOf } from "./export.ts";
import { exportFile } from "./export-read.ts";
import { stageExport } from "./export-stage.ts";
import { LeaseHeld, LeaseLost } from "./lease.ts";
import { liftRows } from "./lift.ts";
import { type Actor, actorOf, enrolPerson, isTooOld, personOf } from "./principal.ts";
import { privacyZonesOf, setPrivacyZones } from "./privacy.ts";
import { forgetName, isDisplayName, namesOf, rename } from "./profile.ts";
import { read } from "./readings.ts";
import { roster } from "./roster.ts";
import { readDays } from "./sample-read.ts";
import {
  acknowledge,
  acknowledgedBy,
  devicesOf,
  goalsOf,
  setDeviceOrder,
  setGoals,
} from "./sample-settings.ts";
import { makeShare, revokeShare, sharesOf } from "./shares.ts";
import { guesses } from "./shares-guesses.ts";
import { memberOfShare, type Openable, openShare } from "./shares-open.ts";

const unauthenticated: Refusal = { refused: "unauthenticated" };

export class Open extends WorkerEntrypoint<VaultEnv> implements OpenPort {
  async enrol(token: string, member: MemberId): Promise<OrRefusal<{ member: MemberId }>> {
    const nowMs = Date.now();
    const person = await personOf(this.env, token, nowMs);
    if (person === null) return unauthenticated;
    const enrolment = await enrolPerson(shardsOf(this.env), person, member, nowMs);
    if (typeof enrolment === "string") return { refused: enrolment };
    if (person.bound === null || person.bound.erased)
      await this.#logEnrolment(enrolment.member, person.roles, nowMs);
    return enrolment;
  }

  /** Once they are enrolled: before that there is no key to name them by. */
  async #logEnrolment(member: MemberId, roles: Actor["roles"], nowMs: number): Promise<void> {
    const actor = { id: member, member, roles };
    const outcome = { outcome: "permitted", ground: "own", rows: 1 };
    const deed = { deed: "enrol", role: "member", columns: [], purpose: "" } as const;
    await writeWhole(shardsOf(this.env), { ...deed, actor, member }, outcome, nowMs);
  }

  rename(token: string, displayName: string): Promise<OrRefusal<{ renamed: true }>> {
    return this.#asMember(token, async (vault, member, nowMs) => {
      if (!isDisplayName(displayName)) return { refused: "forbidden" };
      const outcome = await rename(vault, member, displayName, nowMs);
      return outcome === "forgotten" ? unauthenticated : { renamed: true };
    });
  }

  readings(token: string, request: ReadRequest): Promise<OrRefusal<ReadAnswer>> {
    return this.#asActor(token, async (actor) =>
      read(await vaultOf(this.env, request.member), actor, request, Date.now, shardsOf(this.env)),
    );
  }

  consents(
    token: string,
  ): Promise<OrRefusal<{ items: Consent[]; breakGlass: BreakGlassNotice[] }>> {
    return this.#asMember(token, async (vault, member, nowMs) => {
      const told = await noticesFor(vault, member, nowMs);
      if ("refused" in told) return told;
      return { items: await listConsents(vault, member, nowMs), ...told };
    });
  }

  grant(token: string, draft: ConsentDraft): Promise<OrRefusal<Consent>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      grantConsent(vault, member, draft, nowMs),
    );
  }

  revoke(token: string, consent: string): Promise<OrRefusal<{ revoked: string }>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      revokeConsent(vault, member, consent, nowMs),
    );
  }

  roster(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<RosterEntry>>> {
    return this.#asActor(token, (actor, nowMs) =>
      roster(shardsOf(this.env), actor, cursor, limit, nowMs),
    );
  }

  breakGlass(token: string, member: MemberId, reason: string): Promise<OrRefusal<BreakGlass>> {
    return this.#asActor(token, async (actor, nowMs) =>
      breakGlass(await vaultOf(this.env, member), actor, member, reason, nowMs, shardsOf(this.env)),
    );
  }

  privacyZones(token: string): Promise<OrRefusal<PrivacyZones>> {
    return this.#asMember(token, (vault, member, nowMs) => privacyZonesOf(vault, member, nowMs));
  }

  setPrivacyZones(token: string, zones: PrivacyZones): Promise<OrRefusal<PrivacyZones>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      setPrivacyZones(vault, member, zones, nowMs),
    );
  }

  names(members: readonly MemberId[]): Promise<Record<string, string>> {
    return namesOf(shardsOf(this.env), members, Date.now());
  }

  beginExport(token: string, formats: readonly ExportFormat[]): Promise<OrRefusal<ExportStatus>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      beginExport(vault, member, formats, nowMs),
    );
  }

  stageExport(token: string, id: string, page: ExportPage): Promise<OrRefusal<ExportStatus>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      stageExport(vault, member, id, page, nowMs),
    );
  }

  exportStatus(token: string, id: string): Promise<OrRefusal<ExportStatus>> {
    return this.#asMember(token, (vault, member, nowMs) => exportStatus(vault, member, id, nowMs));
  }

  exports(token: string): Promise<OrRefusal<{ items: readonly ExportStatus[] }>> {
    return this.#asMember(token, exportsOf);
  }

  exportFile(
    token: string,
    id: string,
    name: string,
    from: number,
    limit: number,
  ): Promise<OrRefusal<ExportBytes>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      exportFile(vault, member, id, name, from, limit, nowMs),
    );
  }

  dropExport(token: string, id: string): Promise<OrRefusal<{ dropped: string }>> {
    return this.#asMember(token, (vault, member, nowMs) => dropExport(vault, member, id, nowMs));
  }

  aggregates(token: string, request: AggregatesRequest): Promise<OrRefusal<AggregatesAnswer>> {
    return this.#asActor(token, async (actor) =>
      aggregates(
        await vaultOf(this.env, request.member),
        hmacDigest(this.env.IDENTITY_KEY),
        actor,
        request,
        Date.now,
        shardsOf(this.env),
      ),
    );
  }

  devices(token: string): Promise<OrRefusal<Devices>> {
    return this.#asMember(token, devicesOf);
  }

  setDeviceOrder(token: string, order: DeviceOrder): Promise<OrRefusal<Devices>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      setDeviceOrder(vault, member, order, nowMs),
    );
  }

  goals(token: string): Promise<OrRefusal<Goals>> {
    return this.#asMember(token, goalsOf);
  }

  setGoals(token: string, changes: GoalChanges): Promise<OrRefusal<Goals>> {
    return this.#asMember(token, (vault, member, nowMs) => setGoals(vault, member, changes, nowMs));
  }

  acknowledged(token: string): Promise<OrRefusal<{ readonly ids: readonly string[] }>> {
    return this.#asMember(token, acknowledgedBy);
  }

  acknowledge(
    token: string,
    insight: string,
  ): Promise<OrRefusal<{ readonly acknowledged: string }>> {
    return this.#asMember(token, (vault, member, nowMs) =>
      acknowledge(vault, member, insight, nowMs),
    );
  }

  share(token: string, draft: ShareDraft): Promise<OrRefusal<Share & { readonly code: string }>> {
    return this.#asMember(token, (vault, member, nowMs) => makeShare(vault, member, draft, nowMs));
  }

  shares(token: string): Promise<OrRefusal<Page<Share>>> {
    return this.#asMember(token, sharesOf);
  }

  revokeShare(token: string, id: string): Promise<OrRefusal<{ readonly revoked: string }>> {
    return this.#asMember(token, (vault, member, nowMs) => revokeShare(vault, member, id, nowMs));
  }

  shareMember(code: string, from: string): Promise<OrRefusal<{ readonly member: MemberId }>> {
    return memberOfShare({ shards: shardsOf(this.env), guesses, now: Date.now }, { code, from });
  }

  openShare(code: string, from: string, zones: Zones): Promise<OrRefusal<OpenedShare>> {
    const digest = hmacDigest(this.env.IDENTITY_KEY);
    const at: Openable = {
      ...{ shards: shardsOf(this.env), guesses, now: Date.now },
      readDays: (vault, member, asked, nowMs) => readDays(vault, digest, member, asked, nowMs),
    };
    return openShare(at, { code, from }, zones);
  }

  /** Also for a member who is erased already: an erasure that crashed goes on. */
  async erase(
    token: string,
    scope: ErasureScope,
  ): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>> {
    const nowMs = Date.now();
    const person = await personOf(this.env, token, nowMs);
    if (person === null) return unauthenticated;
    if (person.bound === null) return { refused: "not-found" };
    const { member, erased } = person.bound;
    if (erased ? scope.kind !== "member" : isTooOld(person)) return unauthenticated;
    const vault = await vaultOf(this.env, member);
    try {
      const steps = await eraseScope(vault, member, scope, nowMs);
      if (scope.kind === "member") forgetName(member);
      return { member, steps };
    } catch (error) {
      if (error instanceof LogFull) return tooMany;
      if (error instanceof LeaseHeld || error instanceof LeaseLost) return { refused: "busy" };
      throw error;
    }
  }

  lift(token: string, rows: readonly string[]): Promise<OrRefusal<{ lifted: number }>> {
    return this.#asMember(token, (vault, member, nowMs) => liftRows(vault, member, rows, nowMs));
  }

  async #asActor<T>(
    token: string,
    act: (actor: Actor, nowMs: number) => Promise<OrRefusal<T>>,
  ): Promise<OrRefusal<T>> {
    const nowMs = Date.now();
    const actor = await actorOf(this.env, token, nowMs);
    return actor === null ? unauthenticated : act(actor, nowMs);
  }

  #asMember<T>(
    token: string,
    act: (vault: Vault, member: MemberId, nowMs: number) => Promise<OrRefusal<T>>,
  ): Promise<OrRefusal<T>> {
    return this.#asActor(token, async ({ member }, nowMs) =>
      member === null
        ? { refused: "not-found" }
        : act(await vaultOf(this.env, member), member, nowMs),
    );
  }
}

/**
 * What every provider has in common: its facts in words, what it may ask and when, what a member is
 * asked for.
 */
import { expect, it } from "vitest";
import { streams } from "../../../domain/streams.ts";
import { displayFields } from "../../../domain/workouts/schema.ts";
import type { Provider } from "../../../providers/provider.ts";
import { hostileValues, written } from "../hostile.ts";
import { isSentence, textsIn } from "./sentences.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const needs = ["project", "authorization", "signing", "verification"];

/** Its tests, to be called where tests are described. */
export function holds(provider: Provider): void {
  it("feeds a stream that exists", () => {
    expect(Object.keys(streams)).toContain(provider.stream);
  });

  it("states every fact, with its source and the day it was read", () => {
    const { facts } = provider;
    for (const [path, text] of textsIn(facts)) expect(text.trim(), path).not.toBe("");
    for (const doubt of facts.doubts) expect(isSentence(doubt), doubt).toBe(true);
    expect(["push", "notice", "poll", "device"]).toContain(facts.delivery);
    expect([200, 201, 202, 204]).toContain(facts.received);
    if (facts.receivedJson !== undefined) expect(facts.received).not.toBe(204);
    expect(facts.bodyBytesMax).toBeGreaterThan(0);
    expect(facts.bodyBytesMax).toBeLessThanOrEqual(32 * 1024 * 1024);
    if (facts.answerWithinMs !== null) expect(facts.answerWithinMs).toBeGreaterThan(0);
    if (typeof facts.othersMaySee !== "boolean") {
      expect(facts.othersMaySee.allBut).not.toEqual([]);
      for (const field of facts.othersMaySee.allBut) expect(displayFields).toContain(field);
    }
    expect(["erase", "keep"]).toContain(facts.onDeauthorised);
    expect(new URL(facts.documentation).protocol).toBe("https:");
    expect(facts.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it("can fetch what it is only told of, and can be linked in one way unless a device sends", () => {
    const { facts, pull, link, reference, memberKey, signature } = provider;
    const isDevice = facts.delivery === "device";
    if (["notice", "poll"].includes(facts.delivery)) expect(pull).toBeDefined();
    if (isDevice) expect(pull).toBeUndefined();
    const ways = [link, reference, memberKey].filter((way) => way !== undefined).length;
    // To a provider that was switched off nobody can be linked any more.
    if (facts.ended === undefined) expect(ways).toBe(isDevice ? 0 : 1);
    else expect(ways).toBeLessThanOrEqual(1);
    expect(signature.kind === "member-token").toBe(isDevice);
    expect(signature.kind === "member-key").toBe(memberKey !== undefined);
    for (const way of [reference, memberKey])
      if (way !== undefined) expect(isSentence(way.how)).toBe(true);
  });

  it("reads what it only has by hearsay, with the member's own token", () => {
    const { facts, pull, link, signature } = provider;
    const isHearsay = facts.hearsay ?? false;
    if (isHearsay) expect([pull === undefined, link === undefined]).toEqual([false, false]);
    if (isHearsay) expect(["path-secret", "shared"]).toContain(signature.kind);
    // A value that stands in every delivery is seen by whoever sees one.
    if (signature.kind === "shared") expect(isHearsay).toBe(true);
  });

  it("says what its greetings and its subscription need", () => {
    const { subscription, signature, greeting } = provider;
    if (["member-token", "member-key"].includes(signature.kind)) expect(greeting).toBeUndefined();
    if (subscription === undefined) return;
    expect(subscription.needs).not.toEqual([]);
    expect(new Set(subscription.needs).size).toBe(subscription.needs.length);
    for (const need of subscription.needs) expect(needs).toContain(need);
    expect(subscription.appPaths).not.toEqual([]);
  });

  it("reads by a numbered edition", () => {
    expect(Number.isSafeInteger(provider.edition)).toBe(true);
    expect(provider.edition).toBeGreaterThanOrEqual(1);
  });

  it("says when it acts by itself, and what may be asked, where anything can be", () => {
    const { pull, backfill, callbacks, habit, budget, reference } = provider;
    const isAsked = pull !== undefined || backfill?.asked !== undefined || callbacks !== undefined;
    expect(habit !== undefined).toBe(isAsked);
    if (isAsked) expect(budget).toBeDefined();
    else if (budget !== undefined) expect(reference?.session).toBeDefined();
    expect(backfill !== undefined).toBe(isAsked);
    if (pull === undefined) expect(backfill?.asked !== undefined).toBe(isAsked);
    else expect(pull.collections).not.toEqual([]);
  });

  it("has a habit and a history of sensible lengths", () => {
    const { habit, backfill, facts } = provider;
    if (habit === undefined || backfill === undefined) return;
    const { silentMs, pollMs, rereadMs } = habit;
    expect(pollMs === null).toBe(facts.delivery !== "poll");
    if (pollMs !== null) expect(pollMs[0]).toBeLessThanOrEqual(pollMs[1]);
    if (silentMs !== null) expect(rereadMs).toBeGreaterThanOrEqual(silentMs);
    expect(backfill.stepDays).toBeGreaterThan(0);
    expect(backfill.days).toBeGreaterThanOrEqual(backfill.stepDays);
  });

  it("states a budget that a call fits into, each window by a name of its own", () => {
    const { budget } = provider;
    if (budget === undefined) return;
    for (const windows of [budget.app, budget.member]) {
      expect(windows).not.toEqual([]);
      expect(new Set(windows.map((w) => w.name)).size).toBe(windows.length);
      for (const { name, calls, windowMs } of windows) {
        expect(name).not.toBe("");
        expect(Number.isSafeInteger(calls) && calls >= 1).toBe(true);
        expect(Number.isSafeInteger(windowMs) && windowMs > 0).toBe(true);
        expect(Math.floor(calls * (1 - budget.reserve))).toBeGreaterThanOrEqual(1);
      }
    }
    expect(budget.reserve).toBeGreaterThan(0);
    expect(budget.reserve).toBeLessThan(1);
    expect(budget.headers).toEqual(budget.headers.map((name) => name.toLowerCase()));
    expect(budget.headers.length > 0).toBe(budget.learn !== undefined);
  });

  it("says in plain words what is asked of a member, or what it has instead of scopes", () => {
    const { link } = provider;
    if (link === undefined) return;
    expect(link.scopes.length > 0 || link.permissions !== undefined).toBe(true);
    if (link.scopes.length > 0) expect(link.scopes.some(({ needed }) => needed)).toBe(true);
    for (const { scope, why } of link.scopes) {
      expect(scope).not.toMatch(/\s/);
      expect(why).toMatch(/^[A-Z][^\n]{10,200}\.$/);
    }
    expect(["form", "basic"]).toContain(link.client);
    const own = ["client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge"];
    for (const name of Object.keys(link.authorise)) expect(own).not.toContain(name);
  });

  it("asks for nothing with a member's token but what it may", () => {
    const { link, pull, backfill } = provider;
    if (link === undefined) return;
    const step = { collection: pull?.collections[0] ?? "", fromMs: 0, toMs: receivedMs };
    const requests = [
      link.identity,
      ...(link.permissions === undefined ? [] : [link.permissions.request]),
      ...(pull === undefined ? [] : [pull.list(step, null), pull.one(step.collection, "1")]),
      ...(backfill?.asked?.requests(step) ?? []),
    ];
    for (const { path } of requests)
      expect(link.paths.some((prefix) => path.startsWith(prefix))).toBe(true);
  });

  it("pulls for the samples only what it reads, and asks for it only where it may", () => {
    const { samples, pull, link } = provider;
    const collections = samples?.collections ?? [];
    if (collections.length > 0) expect([pull, link]).not.toContain(undefined);
    expect(new Set(collections).size).toBe(collections.length);
    for (const collection of collections) {
      expect(samples?.kinds).toContain(collection);
      expect(pull?.collections).not.toContain(collection);
      const step = { collection, fromMs: receivedMs - 86_400_000, toMs: receivedMs };
      for (const cursor of [null, "2"]) {
        const path = pull?.list(step, cursor).path ?? "";
        expect(
          link?.paths.some((prefix) => path.startsWith(prefix)),
          path,
        ).toBe(true);
      }
      for (const value of hostileValues) {
        const reply = { status: 200, body: written(value), complete: true, fault: null };
        pull?.page({ ...reply, retryAfterMs: null, headers: {} }, step, null);
      }
    }
    // Of what is only named by an address, there has to be a way to read what lies there.
    expect(samples?.entries === undefined || provider.callbacks !== undefined).toBe(true);
  });

  it("is told of an end where it may be asked anything at all", () => {
    const { revoke, paths = [] } = provider.link ?? {};
    if (revoke === undefined) return;
    expect(revoke.method === "POST").toBe(revoke.form === "token");
    const isAllowed = paths.some((path) => revoke.path.startsWith(path));
    expect(isAllowed || revoke.form === "token" || revoke.on === "token").toBe(true);
  });
}

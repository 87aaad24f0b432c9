/**
 * Our own door for any other system that knows what somebody listened to: signed events in the form
 * of Standard Webhooks 1.0.0 (docs/listens.md is the contract). Accounts are linked, and signatures
 * made, as at the door for workouts (standard-webhooks.ts).
 * What it promises: an entry that is not of the documented form is never guessed at, and says in one
 * word which field is wrong; what was deleted never comes back, however often it is submitted again.
 */
import { normalise, parse } from "./listen-webhooks/events.ts";
import type { Provider } from "./provider.ts";
import { standardWebhooks } from "./standard-webhooks.ts";

const { facts, signature, reference } = standardWebhooks;

export const listenWebhooks = {
  name: "listen-webhooks",
  stream: "listens",
  edition: 1,
  facts: {
    title: "Listen webhooks",
    delivery: "push",
    bodyBytesMax: facts.bodyBytesMax,
    received: facts.received,
    answerWithinMs: facts.answerWithinMs,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "the listen's id, within its sender and account",
    revision:
      "its content: the statement that says more stands, and of two that say as much the one that a hash of both decides",
    deletion: "listens.deleted, for good: nothing brings the listen back",
    deauthorisation: facts.deauthorisation,
    timeZone: "the zone of listenedAt; a time without any is refused (no-zone)",
    doubts: [
      "all senders sign with the deployment's live secrets: `sender` parts their accounts and ids by name, but whoever holds a secret can speak for any account that was linked through this door",
      "to correct a listen, delete it and submit it under another id: which of two statements under one id stands is decided by their content, and not by which came later",
      "listens of an account that nobody linked are dropped and counted, and answered as received",
    ],
    documentation: facts.documentation,
    readOn: "2026-11-22",
  },
  signature,
  parse,
  normalise,
  reference,
} satisfies Provider;

/**
 * Our own door for any other system: signed events in the form of Standard Webhooks 1.0.0, with
 * canonical workouts and samples in them (docs/standard-webhooks.md is the whole contract). Signed is
 * "<id>.<time>.<body>" under a secret `whsec_…` (HMAC-SHA-256, `v1,<base64>`) or a key pair
 * (`whpk_…`, Ed25519, `v1a,<base64>`), in headers `webhook-*`, or `svix-*` as Svix sends them.
 * What it promises: an entry that is not of the documented form is never guessed at, and says in one
 * word which field is wrong; the entries beside it stand.
 */
import type { Provider } from "./provider.ts";
import { bodyBytesMax } from "./standard-webhooks/bounds.ts";
import { kinds, parse } from "./standard-webhooks/events.ts";
import { read } from "./standard-webhooks/samples.ts";
import { normalise } from "./standard-webhooks/workout.ts";

export const standardWebhooks = {
  name: "standard-webhooks",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Standard Webhooks",
    delivery: "push",
    bodyBytesMax,
    received: 200,
    answerWithinMs: 15_000,
    othersMaySee: true,
    // Strava's agreement shows what came through its API to the athlete alone, whoever passes it on.
    ownerOnlyFrom: ["strava"],
    onDeauthorised: "keep",
    identity: "the workout's id, within its sender and account",
    revision: "revision, or updatedAt in milliseconds",
    deletion: "workouts.deleted with a revision; a newer one brings the workout back",
    deauthorisation: "account.ended, signed",
    timeZone: "the offset of startedAt, or `zone`; a time without any zone is refused (no-zone)",
    doubts: [
      "all senders sign with the deployment's live secrets: `sender` parts their accounts and ids by name, but whoever holds a secret can speak for any account that was linked through this door; a sender that must not is given a deployment of its own",
      "whether what a sender forwards may be shown to others is the sender's promise, not ours to see: what names Strava as its app is kept to its athlete, and data that another source keeps so must not be sent here",
      "a redelivery within 300 s of its signing is taken again: identity and revision make it the same statement, an account.linked only ever uses up its reference once",
      "workouts of an account that nobody linked are dropped and counted, and answered as received",
    ],
    documentation:
      "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "standard-webhooks",
    signed: ["id", ".", "time", ".", "body"],
    headers: [
      { signature: "webhook-signature", time: "webhook-timestamp", id: "webhook-id" },
      { signature: "svix-signature", time: "svix-timestamp", id: "svix-id" },
    ],
    form: "versioned",
    time: "seconds",
  },
  parse,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: kinds.workout, body: slice } : null),
  samples: { kinds: [kinds.sample], read },
  reference: {
    how: "Hand the word to the other system; it says it back in a signed account.linked event.",
  },
} satisfies Provider;

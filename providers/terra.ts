/**
 * Terra passes on what many other providers record, as one delivery a user of one of them: a body
 * with data, signed `terra-signature: t=<seconds>,v1=<hex>` (HMAC-SHA-256 of "<t>.<body>" under the
 * app's signing secret), tried again for a day on anything but 2xx within 8 s. A user is an account;
 * whose it is, it says by the word that its member was given (`reference_id`).
 * Known lies, as read on 2026-11-21: type 0 is a type ("In Vehicle"); one workout that two linked
 * providers know comes twice, under two ids; ids are of one user only; "+00:00" may only mean UTC; a
 * device's name may be an app's; what orders two statements of one activity stands in a header.
 */
import type { Provider } from "./provider.ts";
import { normalise } from "./terra/activity.ts";
import { activity, parse } from "./terra/deliveries.ts";
import { read, sampleKinds } from "./terra/samples.ts";
import { reference } from "./terra/widget.ts";

export const terra = {
  name: "terra",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Terra",
    delivery: "push",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    answerWithinMs: 8_000,
    othersMaySee: true,
    // Strava's agreement shows what came through its API to the athlete alone, whoever passes it on.
    ownerOnlyFrom: ["strava"],
    onDeauthorised: "keep",
    identity: "metadata.summary_id, within one user",
    revision:
      "none in the body; the ledger numbers each content by its receipt, a deletion is final",
    deletion: "upload_type 4",
    deauthorisation:
      "deauth and access_revoked, signed; permission_change that takes activity away",
    timeZone:
      "the offset of start_time; a bare +00:00 only where timestamp_localization says local",
    doubts: [
      "X-Terra-Ordering-Timestamp orders statements, but may be missing, and is not signed: the order of receipt stands for it, so of two statements that were never received before, the one that comes last wins",
      "a deletion (upload_type 4) is final, since nothing in the body would let a later statement outrank it: an activity brought back under the same id stays deleted",
      "the signature header is documented as terra-signature and sent as X-Terra-Signature; either is taken",
      "how long a delivery may take is said to be 8 s, formerly 30 s",
      "a time without an offset is the clock where the user was: the item is refused (no-zone)",
      "whether a bare +00:00 is a local clock is only said by timestamp_localization; else it is none",
      "net calories leave out what is burnt at rest, total ones do not: the total is taken first",
      "device_data.name may be an app's or a person's: a model only with its manufacturer, and never from a phone's store of other apps' records",
      "type 88, Treadmill, may be walking; taken for running",
      "summary_id is not said to be the original provider's own id, so no copy names its original",
      "what a user's own provider allows to be shown, Terra does not say; what it names as Strava's is kept to its athlete",
      "the page for linking is asked for at /v2/auth/generateWidgetSession (api.tryterra.co, no longer given to apps of after 2026-09-03) or at access.tryterra.co, as /api/widget/session or /widget/session; each is tried where the one before is not there",
      "a day's steps, distance and energy are read as its sums, not as the samples beside them; of what measured them only a name is said, and no kind",
      "a time without an offset in a measurement is read in the zone that the member lived in then",
      "a night without a hypnogram is what was slept in all, from when it began",
      "how large a body may be is not said; 10 MiB are taken. s3_payload and large_request_* are counted, never fetched",
    ],
    documentation:
      "https://docs.tryterra.co/unified-api/integration-setup/setting-up-data-destinations/webhooks",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "text",
    signed: ["time", ".", "body"],
    headers: [{ signature: "terra-signature" }, { signature: "x-terra-signature" }],
    form: "stamped",
    time: "seconds",
  },
  parse,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: activity, body: slice } : null),
  samples: { kinds: sampleKinds, read },
  appHeaders: { "dev-id": "clientId", "x-api-key": "clientSecret" },
  reference,
} satisfies Provider;

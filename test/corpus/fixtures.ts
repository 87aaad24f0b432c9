/**
 * Recorded bodies and published vectors, read where they are, through the project's own code: a
 * line for each, with the verdict that is expected.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../local/table.ts";
import { callbackOf } from "../../providers/callback-url.ts";
import { garminCallbacks } from "../../providers/garmin/pings.ts";
import { garmin } from "../../providers/garmin.ts";
import { googleHealth } from "../../providers/google-health.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Row, signatureRows } from "./signature-vectors.ts";

/** Later than anything recorded. */
const receivedMs = 4_000_000_000_000;

const bodies = (fixtures: string, folder: string, pattern: RegExp) =>
  readdirSync(join(fixtures, folder))
    .filter((file) => pattern.test(file))
    .map((file) => ({ file, text: readFileSync(join(fixtures, folder, file), "utf8") }));

/** What a body comes to: items read, items refused and why, notices, claims, unknown entries. */
function verdictOn(provider: Provider, text: string): string {
  const parsed = provider.parse(text);
  if (!parsed.ok) return parsed.error;
  const { items, notices, claims, later, unknown } = parsed.value;
  const faults = items.flatMap(({ kind, body }) => {
    const draft = provider.normalise(kind, body, receivedMs);
    return draft.ok ? [] : [draft.error];
  });
  const counts = {
    items: items.length - faults.length,
    notices: notices.length,
    claims: claims.length,
    "for the samples": (later?.items.length ?? 0) + (later?.notices.length ?? 0),
    unknown,
  };
  const parts = Object.entries(counts).flatMap(([name, n]) => (n > 0 ? [`${n} ${name}`] : []));
  return [...parts, ...faults].join(", ") || "empty";
}

const expectedOfGarmin: Readonly<Record<string, string>> = {
  "ow_push_activities_one.json": "1 items",
  "ow_push_activities_two_users.json": "2 items",
  "ow_push_activities_unknown_user.json": "1 items",
  "ow_push_activities_missing_duration.json": "no-duration",
  "ow_push_deregistrations.json": "1 claims",
  "ow_push_userPermissionsChange.json": "1 claims",
  "ow_push_userPermissionsChange_empty.json": "1 claims",
  "ow_push_dailies.json": "1 for the samples",
  "ow_push_epochs_10.json": "10 unknown",
  "ow_push_hrv.json": "1 for the samples",
  "ow_push_sleeps.json": "1 for the samples",
  "ping_activities_sleeps_shape.json": "1 notices, 1 for the samples",
};
const expectedOfGoogle: Readonly<Record<string, string>> = {
  // With the steps of two notices their energy is read again.
  "notification_batch_mixed.json": "5 for the samples",
  "notification_delete_sleep_record_id.json": "1 for the samples",
};

/** Prints a table of verdicts; the exit code. */
export async function runFixtures(fixtures: string): Promise<number> {
  const garminRow = ({ file, text }: { file: string; text: string }): Row => [
    file,
    verdictOn(garmin, text),
    expectedOfGarmin[file] ?? "?",
  ];
  const googleRow = ({ file, text }: { file: string; text: string }): Row => [
    file,
    verdictOn(googleHealth, text),
    expectedOfGoogle[file] ?? "?",
  ];
  const rows: Row[] = [
    ...bodies(fixtures, "garmin", /^(ow_push|ping).*\.json$/).map(garminRow),
    ...bodies(fixtures, "fitbit/google-health", /^notification.*\.json$/).map(googleRow),
    ...(await signatureRows(fixtures)),
    ...addressRows(fixtures),
  ];
  const wrong = rows.filter(([, verdict, expected]) => verdict !== expected);
  process.stdout.write(`${table(["case", "verdict", "expected"], rows)}\n`);
  const figures = { cases: rows.length, right: rows.length - wrong.length };
  process.stdout.write(`RESULT ${JSON.stringify(figures)}\n`);
  return wrong.length === 0 ? 0 : 1;
}

/** Callback addresses, alone and as a ping brings them; each has to come to the same. */
function addressRows(fixtures: string): Row[] {
  const { allow, deny } = JSON.parse(
    readFileSync(join(fixtures, "security/ssrf-callback-urls.json"), "utf8"),
  ) as { allow: string[]; deny: { url: string }[] };
  const row = (url: string, expected: string): Row => {
    const ping = JSON.stringify({ activities: [{ userId: "account", callbackURL: url }] });
    const parsed = garmin.parse(ping);
    const notices = parsed.ok ? parsed.value.notices : [];
    const isTaken = callbackOf(url, garminCallbacks) === url;
    const isHandedOn = notices.length === 1 && notices[0]?.callback?.url === url;
    const isCounted = parsed.ok && notices.length === 0 && parsed.value.unknown === 1;
    const verdict = isTaken && isHandedOn ? "allow" : !isTaken && isCounted ? "deny" : "torn";
    return [`address ${JSON.stringify(url)}`, verdict, expected];
  };
  return [...allow.map((url) => row(url, "allow")), ...deny.map(({ url }) => row(url, "deny"))];
}

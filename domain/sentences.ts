/**
 * An entry of the log as a sentence for the member whose data it is about. What an entry says is
 * never left out: an outcome that nobody knows is called unknown, and a refusal says why.
 */
import type { DeedName } from "./audit.ts";
import type { ShownEntry } from "./ports.ts";
import { isMetric, metricOf } from "./samples/metrics.ts";

/** Said of somebody who did it, and of somebody who asked or tried to. */
type Phrase = readonly [did: string, doIt: string];

const phrases: Readonly<Record<DeedName, Phrase>> = {
  "read-readings": ["looked at your {what}", "look at your {what}"],
  "list-workouts": ["looked at the list of your workouts", "look at the list of your workouts"],
  "see-roster": ["looked up who lets them read something", "look up who lets them read something"],
  "see-profile": ["looked at your profile", "look at your profile"],
  "see-settings": ["looked at your settings", "look at your settings"],
  "see-holds": [
    "looked at your workouts that are held back from boards",
    "look at your workouts that are held back from boards",
  ],
  "see-parked": ["listed records that could not be read", "list records that could not be read"],
  "read-samples": ["looked at your {what}", "look at your {what}"],
  "see-devices": [
    "looked at what your samples were measured by",
    "look at what your samples were measured by",
  ],
  "set-device-order": [
    "changed which device of yours is believed first",
    "change which device of yours is believed first",
  ],
  "see-goals": ["looked at your goals", "look at your goals"],
  "set-goals": ["changed your goals", "change your goals"],
  "acknowledge-insight": ["took note of an insight of yours", "take note of an insight of yours"],
  "query-log": ["looked at the log of who looked", "look at the log of who looked"],
  "export-log": ["exported the log of who looked", "export the log of who looked"],
  enrol: ["made you a member", "make you a member"],
  "change-profile": ["changed your profile or settings", "change your profile or settings"],
  "set-privacy-zones": ["changed your privacy zones", "change your privacy zones"],
  "grant-consent": [
    "allowed or forbade somebody to read your {what}",
    "allow or forbid somebody to read your {what}",
  ],
  "revoke-consent": [
    "took back who may or may not read your {what}",
    "take back who may or may not read your {what}",
  ],
  share: ["made a share of your {what}", "make a share of your {what}"],
  "see-shares": ["looked at your shares", "look at your shares"],
  "open-share": ["opened a share of your {what}", "open a share of your {what}"],
  "revoke-share": ["took back a share of yours", "take back a share of yours"],
  "see-insights": ["looked at the insights into your days", "look at the insights into your days"],
  import: ["delivered workouts or samples of yours", "deliver workouts or samples of yours"],
  split: ["split a workout of yours", "split a workout of yours"],
  join: ["joined workouts of yours", "join workouts of yours"],
  "take-back": [
    "took back a decision about your workouts",
    "take back a decision about your workouts",
  ],
  connect: ["linked an account to yours", "link an account to yours"],
  "sync-now": ["had a connection of yours read at once", "have a connection of yours read at once"],
  "lift-forgotten": [
    "allowed what was erased to come again",
    "allow what was erased to come again",
  ],
  export: ["put everything of yours together to take away", "put everything of yours together"],
  "read-export": ["took away what was put together of yours", "take away your data"],
  "drop-export": ["deleted what was put together of yours", "delete an export of yours"],
  follow: ["put somebody on your list of friends", "put somebody on your list of friends"],
  unfollow: ["took somebody off your list of friends", "take somebody off your list of friends"],
  "see-friends": ["looked at your list of friends", "look at your list of friends"],
  "make-team": ["made a team with you in it", "make a team with you in it"],
  "join-team": ["had you join a team", "have you join a team"],
  "leave-team": ["had you leave a team", "have you leave a team"],
  "renew-team-code": ["changed the code of a team of yours", "change the code of a team of yours"],
  "see-teams": ["looked at your teams", "look at your teams"],
  "see-challenges": ["looked at your challenges", "look at your challenges"],
  "join-challenge": ["had you join a challenge", "have you join a challenge"],
  "leave-challenge": ["had you leave a challenge", "have you leave a challenge"],
  "make-challenge": ["made a challenge", "make a challenge"],
  "change-challenge": ["changed a challenge", "change a challenge"],
  "end-challenge": ["ended a challenge", "end a challenge"],
  "erase-member": ["erased everything of yours", "erase everything of yours"],
  "erase-connection": [
    "erased what came by a connection of yours",
    "erase what came by a connection of yours",
  ],
  "erase-workouts": ["erased workouts of yours", "erase workouts of yours"],
  disconnect: ["ended a connection of yours", "end a connection of yours"],
  "list-listens": ["looked at the list of your listens", "look at the list of your listens"],
  "erase-listens": ["erased listens of yours", "erase listens of yours"],
  "see-artist": ["watched how an artist is listened to", "watch how an artist is listened to"],
  "see-royalties": ["looked at a statement of royalties", "look at a statement of royalties"],
  "set-royalty-pool": ["put down what is shared out as royalties", "put down a pool of royalties"],
  "state-royalties": ["had royalties stated", "have royalties stated"],
  "see-stores": ["watched what your stores sell", "watch what your stores sell"],
  "set-stock": ["counted a stock of yours", "count a stock of yours"],
  "see-books": ["looked at your books", "look at your books"],
  "put-settlement": ["put in what a gateway settled", "put in what a gateway settled"],
  "see-snapshots": ["looked at frozen days of your sales", "look at frozen days of your sales"],
  "make-snapshot": ["froze days of your sales to learn from", "freeze days of your sales"],
  "reveal-card": ["looked at a card number in full", "look at a card number in full"],
  "forget-customer": ["had a customer of yours forgotten", "have a customer of yours forgotten"],
  "set-readers": ["changed who may read which totals", "change who may read which totals"],
  replay: ["read a set-aside record again", "read a set-aside record again"],
  reread: ["read your sealed records again", "read your sealed records again"],
  "see-archive": ["looked at the state of the archive", "look at the state of the archive"],
  "see-providers": [
    "looked at how the connections to providers are doing",
    "look at how the connections to providers are doing",
  ],
  "see-dead-letters": [
    "listed changes that could not be archived",
    "list changes that could not be archived",
  ],
  "replay-dead-letter": [
    "sent a set-aside change to the archive again",
    "send a set-aside change to the archive again",
  ],
  settle: ["had the archive settled", "have the archive settled"],
  unpark: ["took a record from those set aside", "take a record from those set aside"],
  "clear-hold": ["let a held workout of yours count", "let a held workout of yours count"],
  "put-back-hold": ["held a workout of yours back again", "hold a workout of yours back again"],
  "break-glass": ["used break-glass to open your data", "use break-glass to open your data"],
  "keys-status": ["looked at the state of the keys", "look at the state of the keys"],
  "rotate-epoch": ["renewed the keys above yours", "renew the keys above yours"],
  "rotate-root": ["renewed the root key", "renew the root key"],
  "open-shard": ["opened a database for new members", "open a database for new members"],
  "close-shard": ["closed a database for new members", "close a database for new members"],
  "restore-shard": ["made a restored database whole", "make a restored database whole"],
};

/** Nobody makes themself a member of what they join. */
const joined: Phrase = ["became a member", "become a member"];

const columnNames: Readonly<Record<string, string>> = {
  heart_rate: "heart rate",
  track: "tracks",
  title: "titles",
  notes: "notes",
  device_name: "device names",
  original_type: "activity names as recorded",
  source_id: "ids of records at their source",
  raw: "records as they were delivered",
  samples_activity: "activity, day by day",
  samples_vital: "vital signs, day by day",
  samples_body: "body measurements, day by day",
  samples_sleep: "sleep, night by night",
};

const purposeNames: Readonly<Record<string, string>> = {
  coaching: " for coaching",
  care: " for care",
  research: " for research",
  emergency: " in an emergency",
};

/** Grounds that are no consent's id. */
const refusals: Readonly<Record<string, string>> = {
  "no-consent": "you have not allowed it",
  role: "nobody in that role may",
  forbidden: "that is not allowed",
  "unreadable-column": "that is never shown to others",
  "privacy-zones": "your privacy zones could not be applied",
  "no-member": "there was no such member",
  "not-a-member": "only members may",
  "not-found": "there was nothing of that kind",
  conflict: "another member holds that account",
  "provider-refused": "the provider did not agree",
  "link-expired": "it was not begun by them, was ended already, or was begun too long before",
  "not-understood": "nothing in it could be understood",
  "not-json": "nothing in it could be understood",
  "invalid-request": "it was not asked in a form that is understood",
  "too-far-apart": "they lie too far apart in time to be one",
  "too-large": "it was too large",
  timeout: "it did not arrive in time",
  "too-many-shares": "there were as many shares as there may be",
  "share-over": "the share was over, or had been taken back",
  "too-many-exports": "there were as many exports as there may be",
  "key-reused": "its key had come with something else before",
  "unsupported-encoding": "it was encoded in a way that is not taken",
};

const wordsOf = (words: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(words, name) ? words[name] : undefined;

export function sentenceOf(entry: ShownEntry, isOwn: boolean): string {
  const who = whoOf(entry, isOwn);
  const phrase = isOwn && entry.deed === "enrol" ? joined : phrases[entry.deed];
  const [did, doIt] = phrase.map((said) => said.replace("{what}", whatOf(entry)));
  const why = whyOf(entry, isOwn);
  switch (entry.outcome) {
    case "permitted":
      return `${who} ${did}${countOf(entry)}${why}${allowedBy(entry)}.`;
    case "unchanged":
      return `${who} asked to ${doIt}${why}; nothing had to be changed.`;
    case "refused":
      return `${who} tried to ${doIt}${why} and ${isOwn ? "were" : "was"} refused: ${reasonOf(entry)}.`;
    case "failed":
      return `${who} tried to ${doIt}${why}; it failed.`;
    case "pending":
      return `${who} asked to ${doIt}${why}; what came of it is not noted yet.`;
    default:
      return `${who} asked to ${doIt}${why}; what came of it is not known.`;
  }
}

/** A look at one's own days is for oneself; older entries name a purpose all the same. */
const whyOf = ({ deed, purpose }: ShownEntry, isOwn: boolean): string =>
  isOwn && deed === "read-samples" ? "" : (wordsOf(purposeNames, purpose) ?? "");

function whoOf({ actorName, actorRole }: ShownEntry, isOwn: boolean): string {
  if (isOwn) return "You";
  if (actorName !== null) return actorRole === "" ? actorName : `${actorName} (${actorRole})`;
  return actorRole === "" ? "Somebody" : `Somebody with the role ${actorRole}`;
}

function whatOf({ columns }: ShownEntry): string {
  const names = columns.map(
    (column) => wordsOf(columnNames, column) ?? metricName(column) ?? "other readings",
  );
  const last = names.at(-1);
  if (last === undefined) return "data";
  return names.length === 1 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** What stands in brackets keeps its capitals. */
function metricName(column: string): string | undefined {
  if (!isMetric(column)) return undefined;
  const { title } = metricOf(column);
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}

function countOf({ deed, rows }: ShownEntry): string {
  if (deed === "open-share" || deed === "read-samples")
    return ` (${rows} ${rows === 1 ? "day" : "days"})`;
  if (deed !== "read-readings") return "";
  return ` (${rows} ${rows === 1 ? "record" : "records"})`;
}

/** What is no ground of another kind is the id of a consent. */
function allowedBy({ deed, ground }: ShownEntry): string {
  if (ground.startsWith("break-glass:") && deed !== "break-glass")
    return ", by break-glass and without your consent";
  return isConsented(deed) && isConsent(ground) ? "; you allow it" : "";
}

function reasonOf({ deed, ground }: ShownEntry): string {
  const known = wordsOf(refusals, ground);
  if (known !== undefined) return known;
  return isConsented(deed) && isConsent(ground) ? "you forbid it" : "it could not be done as asked";
}

/** Deeds that somebody else may do by the member's leave. */
const isConsented = (deed: DeedName): boolean =>
  deed === "read-readings" || deed === "read-samples" || deed === "list-workouts";

/** 16 random bytes, base64url. */
const isConsent = (ground: string): boolean => /^[\w-]{22}$/.test(ground);

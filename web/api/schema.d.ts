/** Made of the API's own description by local/api-types.ts; `npm test -- test/tidy/api-types.test.ts -u` makes it anew. */

export type PrivacyZones = {
  /** Metres around a track's start and end that others do not see; 0: none. */
  endsM: number;
  /** Others see no point of a track in these. */
  places: ({
    lat: number;
    lon: number;
    radiusM: number;
  })[];
};

export type Problem = {
  type: "urn:singlet:problem:not-json" | "urn:singlet:problem:invalid-request" | "urn:singlet:problem:unauthenticated" | "urn:singlet:problem:forbidden" | "urn:singlet:problem:not-a-member" | "urn:singlet:problem:not-found" | "urn:singlet:problem:method-not-allowed" | "urn:singlet:problem:timeout" | "urn:singlet:problem:conflict" | "urn:singlet:problem:not-witnessed" | "urn:singlet:problem:last-open-shard" | "urn:singlet:problem:too-many-exports" | "urn:singlet:problem:too-many-shares" | "urn:singlet:problem:full" | "urn:singlet:problem:begun" | "urn:singlet:problem:over" | "urn:singlet:problem:name-used" | "urn:singlet:problem:too-large" | "urn:singlet:problem:unsupported-encoding" | "urn:singlet:problem:range-not-satisfiable" | "urn:singlet:problem:card-number" | "urn:singlet:problem:not-understood" | "urn:singlet:problem:too-far-apart" | "urn:singlet:problem:key-reused" | "urn:singlet:problem:provider-refused" | "urn:singlet:problem:link-expired" | "urn:singlet:problem:upgrade-required" | "urn:singlet:problem:too-many" | "urn:singlet:problem:internal" | "urn:singlet:problem:unavailable";
  title: string;
  status: number;
  requestId: string;
  /** invalid-request: what is not as documented; nothing of what was sent. */
  fields?: ({
    /** Where: `body.records`, `query.limit`. */
    field: string;
    /** What is broken there. */
    rule: string;
  })[];
  /** not-understood: why, one by one. */
  errorDetails?: ({
    /** Place of the file, or of the item in its list. */
    index: number;
    /** Files: place in the file. */
    workout?: number | null;
    /** Phones: the list it stands in. */
    in?: "workouts" | "deleted" | "samples";
    code: string;
    message: string;
  })[];
};

export type ListenBrainzError = {
  code: number;
  error: string;
};

export type SyncAnswer = {
  /** Workouts and samples that are new. */
  synced: number;
  /** Known already, or older than what is known. */
  duplicates: number;
  corrected: number;
  deleted: number;
  errors: number;
  errorDetails: ({
    /** Place in its list. */
    index: number;
    in: "workouts" | "deleted" | "samples";
    code: string;
    message: string;
  })[];
};

export type FilesAnswer = {
  /** Workouts that are new. */
  imported: number;
  /** Known already, or older than what is known. */
  duplicates: number;
  corrected: number;
  /** Files and workouts that were not taken. */
  errors: number;
  files: ({
    format: "fit" | "tcx" | "gpx" | null;
    /** Workouts that were read from it. */
    workouts: number;
    notes: ({
      code: string;
      message: string;
    })[];
  })[];
  errorDetails: ({
    /** Place in `files`. */
    index: number;
    /** Place in the file; null: all of it. */
    workout: number | null;
    code: string;
    message: string;
  })[];
};

export type ListensImported = {
  /** Listens that are new. */
  imported: number;
  corrected: number;
  /** Known already, or saying less than what is known. */
  duplicates: number;
  /** Entries that are no listens. */
  skipped: number;
  /** Of these, how many for which reason. */
  skippedBy: { [K in "private" | "not-music" | "unnamed" | "unplayed"]?: number };
  /** Files and entries that were not taken. */
  errors: number;
  /** Of the errors the first 100. */
  errorDetails: ({
    /** Place of the file; 0 where there is but one. */
    index: number;
    /** Place in the file; null: all of it. */
    entry: number | null;
    code: string;
    message: string;
  })[];
};

export type SignIn = {
  /** As `iss`, where the browser comes back with one, has to say. */
  issuer: string;
  authorizationEndpoint: string;
  clientId: string;
  scope: string;
  /** To be added to that address as they stand, beside those of RFC 7636. */
  parameters: { [K in string]?: string };
  /** Null: the issuer has none. */
  endSessionEndpoint: string | null;
};

export type Session = {
  /** The bearer token of every other route. */
  token: string;
  /** When it ends; null: in no year that has a name. */
  expires: string | null;
  /** For the next token; takes the place of the one before. Null: sign in again then. */
  refreshToken: string | null;
};

export type Me = {
  id: string;
  displayName: string | null;
  /** Off until chosen. */
  onBoards: boolean;
  zones: ({
    zone: string;
    from: string | null;
  })[];
};

export type Receipt = {
  /** GET /v1/receipts/:id; it says nothing of whose it is. */
  id: string;
  scope: "member" | "connection" | "workouts" | "samples" | "listens";
  asked: string;
  steps: ({
    step: string;
    at: string;
    count: number;
  })[];
  /** archive: is being rewritten. keys: the vault destroys the last within hours. snapshots: what was frozen of sales is. */
  pending: (string)[];
  finished: string | null;
};

export type Provider = {
  name: string;
  stream: string;
  title: string;
  delivery: "push" | "notice" | "poll" | "device";
  bodyBytesMax: number;
  /** The status that tells it that all of it was received. */
  received: number;
  /** What has to stand under that status, exactly; null: nothing. */
  receivedJson: { [K in string]?: string } | null;
  /** Or the text; null: none. */
  receivedText: string | null;
  /** Null: it does not say. */
  answerWithinMs: number | null;
  /** What it says is worth a reading there with the member's own token, and no more. */
  hearsay: boolean;
  othersMaySee: boolean | {
    allBut: (string)[];
  };
  /** Makers whose records it passes on to their owner alone. */
  ownerOnlyFrom: (string)[];
  onDeauthorised: "erase" | "keep";
  identity: string;
  revision: string;
  deletion: string;
  deauthorisation: string;
  timeZone: string;
  /** What could not be ascertained, and how it is read here. */
  doubts: (string)[];
  /** The day on which its provider switched it off. */
  ended?: string;
  documentation: string;
  readOn: string;
  signature: {
    kind: "hmac" | "authorization-and-tink" | "path-secret" | "shared" | "member-key" | "member-token" | "items";
    hash: "SHA-1" | "SHA-256" | null;
    /** Those that carry the proof, or are a part of it. */
    headers: (string)[];
    /** The field of the JSON body that carries it. */
    field: string | null;
    /** What is signed, one after another. */
    signed: (string)[];
    form: string | null;
    /** The unit of the time that is signed; null: none is. */
    time: "seconds" | "milliseconds" | "either" | null;
    /** How far that time may be off, both ways. */
    toleranceMs: number | null;
    /** One that proves nothing: it is checked and noted, and demanded where that is set. */
    observed: {
      kind: "hmac" | "authorization-and-tink" | "path-secret" | "shared" | "member-key" | "member-token" | "items";
      hash: "SHA-1" | "SHA-256" | null;
      /** Those that carry the proof, or are a part of it. */
      headers: (string)[];
      /** The field of the JSON body that carries it. */
      field: string | null;
      /** What is signed, one after another. */
      signed: (string)[];
      form: string | null;
      /** The unit of the time that is signed; null: none is. */
      time: "seconds" | "milliseconds" | "either" | null;
      /** How far that time may be off, both ways. */
      toleranceMs: number | null;
    } | null;
    /** One that is demanded besides a key of the member's own. */
    besides: {
      kind: "hmac" | "authorization-and-tink" | "path-secret" | "shared" | "member-key" | "member-token" | "items";
      hash: "SHA-1" | "SHA-256" | null;
      /** Those that carry the proof, or are a part of it. */
      headers: (string)[];
      /** The field of the JSON body that carries it. */
      field: string | null;
      /** What is signed, one after another. */
      signed: (string)[];
      form: string | null;
      /** The unit of the time that is signed; null: none is. */
      time: "seconds" | "milliseconds" | "either" | null;
      /** How far that time may be off, both ways. */
      toleranceMs: number | null;
    } | null;
  };
  greeting: "authorised" | "ping" | "word" | "challenge" | "hello" | null;
  /** How an account is linked: by a grant, by a word of ours, by a key of the member's own, or not at all. */
  linking: "oauth" | "reference" | "key" | "device";
  scopes: ({
    scope: string;
    why: string;
    needed: boolean;
  })[];
  feeds: {
    workouts: boolean;
    /** Kinds that are read and kept. */
    samples: (string)[];
  };
  history: {
    days: number;
    stepDays: number;
  } | null;
  /** Null: nothing is known of it, and a cautious one holds. */
  budget: {
    app: ({
      name: string;
      calls: number;
      windowMs: number;
    })[];
    member: ({
      name: string;
      calls: number;
      windowMs: number;
    })[];
  } | null;
  /** Fields that only the vault opens, and says so. */
  restricted: (string)[];
  /** Who may be shown each open field where only this provider knows it. */
  display: { [K in string]?: "others" | "owner" };
  can: ("push" | "notices" | "polling" | "device" | "fetch" | "history" | "samples" | "deletions" | "deauthorisations" | "signs" | "greets" | "revokes")[];
};

export type Connection = {
  id: string;
  provider: string;
  since: string;
  status: "connected" | "syncing" | "behind" | "backfilling" | "needs-reconnecting";
  /** docs/connections.md says what to do. */
  why: "grant-ended" | "refresh-lost" | "scope-missing" | "permission-withdrawn" | "provider-down" | "rate-limited" | "broken-answers" | "refused" | "ours" | null;
  /** Null: this provider has no history to give. */
  backfill: {
    state: "waiting" | "running" | "done" | "refused";
    percent: number;
    /** How far back it goes. */
    from: string;
    /** How far back it is. */
    doneTo: string;
    /** Some could not be read however often it was tried, and was left out. */
    hasGaps: boolean;
  } | null;
  /** When data last came. */
  lastReceived: string | null;
  /** When the provider was last asked with success. */
  lastChecked: string | null;
  /** Since when the oldest of what waits to be read has waited. */
  behindSince: string | null;
  /** When it is read next by itself; null: when there is something to read. */
  next: string | null;
  /** What was granted; null: it does not say. */
  scopes: (string)[] | null;
  /** What happened up to then was erased and is not taken, until it is lifted. */
  forgottenTo: string | null;
  /** Said of the account without proof; nothing changed. */
  unconfirmed: (string)[];
};

export type Board = {
  /** The measure, and the family after a hyphen: distance-ride. */
  board: string;
  /** Of its scores: mm, ms or workouts. */
  unit: string;
  /** How long those are that it is ranked by. */
  periods: (string)[];
};

export type BoardPage = {
  board: string;
  period: string;
  unit: string;
  items: (BoardEntry)[];
  next: string | null;
  /** How many are ranked here; 0 around one who is not. */
  total: number;
};

export type BoardEntry = {
  /** Among all who are ranked. */
  rank: number;
  member: string;
  name: string | null;
  score: number;
  /** Event time of the last workout counted; ties go to the earlier. */
  at: string;
  /** Places gained since the period before, as it stands now; less than nothing: lost. Null: not ranked then, or there is none, or it is closed. */
  moved: number | null;
};

export type ChallengePage = {
  challenge: string;
  state: "coming" | "running" | "over" | "final";
  unit: string;
  items: (ChallengeEntry)[];
  next: string | null;
  /** How many are ranked; 0 around one who is not. */
  total: number;
  /** Null: these are live. */
  final: {
    /** When they were first settled. */
    at: string;
    /** How many were ranked live then. */
    live: number;
    final: number;
    /** How many stood otherwise in the two. */
    differing: number;
    /** Those of them with most at stake; null: not ranked. */
    members: ({
      member: string;
      live: {
        rank: number;
        score: number;
      } | null;
      final: {
        rank: number;
        score: number;
      } | null;
    })[];
  } | null;
};

export type ChallengeEntry = {
  /** Among all who are ranked. */
  rank: number;
  member: string;
  name: string | null;
  score: number;
  /** Event time of the last workout counted; ties go to the earlier. */
  at: string;
};

export type Challenge = {
  measure: "distance" | "moving_time" | "count";
  /** Empty: all activities. */
  families: ("run" | "walk" | "ride" | "e_ride" | "swim" | "row" | "ski" | "gym" | "other")[];
  /** First day, where the member was. */
  from: string;
  /** Last day; 366 days at most. */
  to: string;
  /** No day counts for more; in the measure's unit. */
  dayMax: number | null;
  /** A workout with less counts for nothing. */
  least: number | null;
  /** What was entered by hand counts for nothing. */
  verifiedOnly: boolean;
  id: string;
  name: string;
  unit: string;
  joining: "everybody" | "team" | "code";
  team: string | null;
  /** over: its days are, and what comes late still counts. final: settled. */
  state: "coming" | "running" | "over" | "final" | "ended";
  made: string;
  ended: string | null;
  /** By whoever asks. */
  joined: boolean;
};

export type NewChallenge = {
  measure: "distance" | "moving_time" | "count";
  /** Empty: all activities. */
  families: ("run" | "walk" | "ride" | "e_ride" | "swim" | "row" | "ski" | "gym" | "other")[];
  /** First day, where the member was. */
  from: string;
  /** Last day; 366 days at most. */
  to: string;
  /** No day counts for more; in the measure's unit. */
  dayMax: number | null;
  /** A workout with less counts for nothing. */
  least: number | null;
  /** What was entered by hand counts for nothing. */
  verifiedOnly: boolean;
  id: string;
  name: string;
  unit: string;
  joining: "everybody" | "team" | "code";
  team: string | null;
  /** over: its days are, and what comes late still counts. final: settled. */
  state: "coming" | "running" | "over" | "final" | "ended";
  made: string;
  ended: string | null;
  /** By whoever asks. */
  joined: boolean;
  /** To join by; it is told this once. */
  code: string | null;
};

export type TeamPage = {
  measure: string;
  week: string;
  unit: string;
  items: (TeamEntry)[];
  next: string | null;
};

export type TeamEntry = {
  rank: number | null;
  team: string;
  name: string;
  /** Null: held back for now; `hidden` says why. */
  score: number | null;
  /** Members who are on no board. counted: the score has theirs in it, as of when enough of them had something new. left-out: it has none of theirs, as too few have any. held-back: it could tell of too few of them. */
  hidden: "counted" | "left-out" | "held-back";
};

export type Team = {
  id: string;
  name: string;
  members: number;
};

export type NewTeam = {
  id: string;
  name: string;
  members: number;
  /** Lets others join; it is told this once, and kept nowhere. */
  code: string;
};

export type TeamMembers = {
  id: string;
  name: string;
  members: number;
  /** Those who are on boards, in order of id. */
  items: ({
    member: string;
    name: string | null;
  })[];
  next: string | null;
};

export type Friend = {
  member: string;
  /** Null: they have none, or are on no board now. */
  name: string | null;
};

export type Workout = {
  id: string;
  /** Ids that its other records would go by; they redirect. */
  aliases: (string)[];
  type: string;
  family: string;
  start: string;
  end: string;
  offsetFrom: "source" | "zone";
  day: string;
  elapsedMs: number;
  movingMs: {
    value: number;
    /** The records it was taken from; several when it is a sum. */
    from: (string)[];
    because: string;
  };
  distanceMm: {
    value: number;
    /** The records it was taken from; several when it is a sum. */
    from: (string)[];
    because: string;
  } | null;
  energyMcal: {
    value: number;
    /** The records it was taken from; several when it is a sum. */
    from: (string)[];
    because: string;
  } | null;
  elevationGainMm: {
    value: number;
    /** The records it was taken from; several when it is a sum. */
    from: (string)[];
    because: string;
  } | null;
  /** Whose sealed readings are shown, best first; nothing was opened to tell. */
  readings: {
    heartRate: (string)[];
    track: (string)[];
  };
  /** What others may see and boards count; null when no source of it may be shown. */
  scored: {
    type: string;
    start: string;
    elapsedMs: number;
    movingMs: number;
    distanceMm: number | null;
    energyMcal: number | null;
    elevationGainMm: number | null;
    /** Recorded by a device, not entered by hand. */
    verified: boolean;
  } | null;
  /** Why it is held back from boards; empty when it counts. */
  held: ({
    rule: string;
    because: string;
  })[];
  sources: ({
    record: string;
    provider: string;
    type: string;
    start: string;
    elapsedMs: number;
    distanceMm: number | null;
    deviceModel: string | null;
    app: string | null;
  })[];
  /** What made its records one. */
  joined: ({
    records: [string, string];
    rule: string;
    /** Share of the shorter record's time, 0 to 1. */
    overlap: number;
    because: string;
  })[];
  /** Records nearby that are another workout, and why. */
  apart: ({
    records: [string, string];
    rule: string;
    /** Share of the shorter record's time, 0 to 1. */
    overlap: number;
    because: string;
  })[];
};

export type Decided = {
  /** DELETE /v1/decisions/:id takes it back. */
  decision: string;
  /** What the named records are now. */
  workouts: (Workout)[];
};

export type Listen = {
  id: string;
  /** Ids that its other records would go by; they redirect. */
  aliases: (string)[];
  /** When it began, by the device that played it. */
  at: string;
  artist: string;
  track: string;
  release: string | null;
  /** The source's or MusicBrainz's own name of it. */
  recording: string | null;
  /** Of the track. */
  durationMs: number | null;
  /** null: its source says that it counts, and not how long it was. */
  playedMs: number | null;
  /** ISO 3166-1 alpha-2; ZZ: nobody said. */
  territory: string;
  /** Whose clock it goes by. */
  provider: string;
  /** Of each source that told of it. */
  records: (string)[];
};

export type ArtistLive = {
  artist: string;
  /** As of when. */
  at: string;
  minutes: number;
  /** Approximate on purpose: seconds late, of what has arrived so far, and forgotten after two days. What is exact is settled at night. */
  approximate: true;
  /** False: there is more than is told apart here; sums are of all. */
  whole: boolean;
  listens: number;
  /** Of the last 24 hours. */
  listensDay: number;
  /** The most played first. */
  tracks: ({
    listens: number;
    track: string;
  })[];
  /** ISO 3166-1 alpha-2; ZZ: nobody said. The most played first. */
  territories: ({
    listens: number;
    territory: string;
  })[];
  /** Oldest first; others had none. */
  timeline: ({
    listens: number;
    /** The minute in which it happened, by its device's clock. */
    at: string;
  })[];
};

export type MerchantLive = {
  merchant: string;
  /** As of when. */
  at: string;
  minutes: number;
  /** Approximate on purpose: seconds late, of what has arrived so far, and forgotten after two days. What is exact is settled at night. */
  approximate: true;
  /** False: there is more than is told apart here; sums are of all. */
  whole: boolean;
  sales: number;
  /** Of the last 24 hours. */
  salesDay: number;
  /** By region and store, each currency by itself, in its smallest unit. */
  stores: ({
    region: string | null;
    store: string;
    currency: string;
    sales: number;
    /** Less what came back. */
    pieces: number;
    amountMinor: number;
  })[];
  /** Minute by minute of each store, oldest first; others had none. */
  timeline: ({
    /** The minute in which it happened, by its device's clock. */
    at: string;
    region: string | null;
    store: string;
    currency: string;
    sales: number;
    /** Less what came back. */
    pieces: number;
    amountMinor: number;
  })[];
};

export type Stock = {
  merchant: string;
  store: string;
  sku: string;
  counted: number;
  threshold: number;
  countedAt: string;
  /** Since it was counted, less what came back. */
  sold: number;
  /** What was counted, less what was sold since. */
  level: number;
  low: boolean;
};

export type LowStock = {
  store: string;
  sku: string;
  at: string;
  /** What was left then. */
  level: number;
  threshold: number;
};

export type BookDay = {
  day: string;
  /** Nothing that landed waits to be counted. */
  settled: boolean;
  versions: ({
    bucket: number;
    version: number;
    settledAt: string;
  })[];
  stores: ({
    store: string;
    currency: string;
    /** All that was sold, returns taken off. */
    revenueMinor: number;
    sales: number;
    /** What gateways told of payments. */
    paymentsMinor: number;
  })[];
};

export type ArticleDay = {
  day: string;
  store: string;
  currency: string;
  units: number;
  /** In the currency's smallest unit. */
  revenueMinor: number;
};

export type ReconciledLine = {
  id: string;
  /** The earliest among its sales and rows. */
  day: string;
  outcome: "matched" | "amount-differs" | "only-ours" | "only-theirs" | "fee" | "transfer";
  why: "equal" | "in-parts" | "nothing-due" | "charged-again" | "refunded-there" | "disputed" | "less-there" | "more-there" | "no-row" | "no-sale" | "no-reference" | "gateway-fee" | "gateway-transfer";
  currency: string;
  references: (string)[];
  /** In the currency's smallest unit. */
  oursMinor: number;
  /** Before fees. */
  theirsMinor: number;
  /** Ours less theirs. */
  differenceMinor: number;
  /** What gateways kept; in none of the others. */
  feeMinor: number;
  sales: (string)[];
  /** Notices of payments; they count without a sale alone. */
  payments: (string)[];
  rows: ({
    file: string;
    line: number;
    kind: "charge" | "refund" | "dispute" | "adjustment" | "fee" | "reserve" | "payout";
    /** In the currency's smallest unit. */
    amountMinor: number;
    day: string;
  })[];
};

export type SettlementFile = {
  file: string;
  form: "singlet" | "shopify" | "adyen";
  /** That it holds now. */
  rows: number;
  /** Marked as tests by the gateway: no money moved. */
  passedOver: number;
  errors: number;
  errorDetails: ({
    /** Of the text, or place in the list, from 1. */
    line: number;
    rule: string;
  })[];
};

export type Snapshot = {
  name: string;
  from: string;
  to: string;
  state: "making" | "made" | "failed";
  asked: string;
  made: string | null;
  /** That have lines; each is an object of its own. */
  days: number;
  rows: number;
  bytes: number;
};

export type Reads = {
  role: "artist" | "label" | "merchandiser" | "finance" | "scientist";
  /** An artist's name as totals have it, or a merchant's id. */
  of: string;
  /** What is known of how a merchant is called. */
  name: string | null;
};

export type Decision = {
  id: string;
  decision: "join" | "split" | "clear";
  at: string;
  /** join: these records are one. split: records of different sides are not. */
  sides: ((string)[])[];
  /** For each named record, in the same order: GET /v1/workouts/:id leads from here to the workout that it is part of now; 404 once the record is gone. */
  workouts: (string)[];
};

export type Summary = {
  /** A local day, where the member lived then. */
  date: string;
  metrics: { [K in "steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep"]?: {
    /** A sum, an average by time, or the last one, as the metric goes. */
    value: number;
    /** UCUM. */
    unit: string;
    /** The least single reading that counted. */
    min: number;
    max: number;
    /** Readings that counted, in part or whole. */
    count: number;
    sources: ({
      /** As GET /v1/devices has it. */
      device: string;
      /** Of a sum, of the time that an average rests on; 0 to 1. */
      share: number;
    })[];
    /** When that was, where the last one counts. */
    at?: string;
    /** Of sleep, in its unit; time awake is no sleep. */
    stages?: { [K in "asleep" | "light" | "deep" | "rem" | "awake"]?: number };
    /** A day's, in the unit; null: none, or not the caller's. */
    goal: number | null;
    /** Who said so: the member, or nobody and it is the common one. */
    goalFrom: "own" | "default" | null;
    /** at-least: so much or more; reach: to come to from either side. */
    goalKind: "at-least" | "reach" | null;
  } };
};

export type Aggregates = {
  period: string;
  /** The first local day that is counted. */
  start: string;
  /** The last: weeks and months are counted whole. */
  end: string;
  items: ({
    /** A sum, an average by time, or the last one, as the metric goes. */
    value: number;
    /** UCUM. */
    unit: string;
    /** The least single reading that counted. */
    min: number;
    max: number;
    /** Readings that counted, in part or whole. */
    count: number;
    sources: ({
      /** As GET /v1/devices has it. */
      device: string;
      /** Of a sum, of the time that an average rests on; 0 to 1. */
      share: number;
    })[];
    /** When that was, where the last one counts. */
    at?: string;
    /** Of sleep, in its unit; time awake is no sleep. */
    stages?: { [K in "asleep" | "light" | "deep" | "rem" | "awake"]?: number };
    type: "steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep";
    /** 2026-11-14, 2026-W46, 2026-11; of an hour, when it begins. */
    label: string;
    /** Local days, both included. */
    from: string;
    to: string;
    /** Days of it that have something. */
    days: number;
  })[];
  next: null;
};

export type Devices = {
  devices: ({
    id: string;
    kind: "chest-strap" | "watch" | "ring" | "band" | "bike-computer" | "scale" | "meter" | "phone" | "app" | "manual" | "unknown";
    model: string | null;
    app: string | null;
    /** What its source calls it; null: it has not been heard from lately. */
    stated: string | null;
    /** When the first of what it measured was. */
    first: string;
  })[];
  /** By the local day from which they hold, the earliest first; null: since ever. */
  orders: ({
    from: string | null;
    devices: (string)[];
  })[];
};

export type DevicesChanged = {
  devices: ({
    id: string;
    kind: "chest-strap" | "watch" | "ring" | "band" | "bike-computer" | "scale" | "meter" | "phone" | "app" | "manual" | "unknown";
    model: string | null;
    app: string | null;
    /** What its source calls it; null: it has not been heard from lately. */
    stated: string | null;
    /** When the first of what it measured was. */
    first: string;
  })[];
  /** By the local day from which they hold, the earliest first; null: since ever. */
  orders: ({
    from: string | null;
    devices: (string)[];
  })[];
  /** Local days that were made anew at once, the newest, at most 124. */
  resolved: number;
  /** Older ones: made anew when they are next looked at. */
  pending: number;
};

export type Goals = {
  /** Every metric that can have one. */
  goals: { [K in "steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep"]?: {
    /** A day's, in the unit; null: none, or not the caller's. */
    goal: number | null;
    /** Who said so: the member, or nobody and it is the common one. */
    goalFrom: "own" | "default" | null;
    goalKind: "at-least" | "reach";
    /** UCUM. */
    unit: string;
    /** The common one; null: there is none. */
    default: number | null;
  } };
};

export type Insight = {
  id: string;
  kind: "trend" | "streak" | "sleep-debt" | "unusual";
  type: "steps" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "respiratory_rate" | "body_temperature" | "weight" | "sleep";
  /** Local days, both included. */
  from: string;
  to: string;
  sentence: string;
  /** All that the sentence rests on; amounts in the unit. */
  numbers: { [K in string]?: number };
  /** UCUM. */
  unit: string;
  /** 1 less the chance that readings without a trend fall so; null: nothing tested. */
  confidence: number | null;
  acknowledged: boolean;
};

export type Share = {
  id: string;
  recipient: string;
  types: ("steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep")[];
  start: string;
  end: string;
  made: string;
  expires: string;
  revoked: string | null;
  /** How often; each time stands in the access log. */
  opened: number;
  lastOpened: string | null;
};

export type ShareMade = {
  id: string;
  recipient: string;
  types: ("steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep")[];
  start: string;
  end: string;
  made: string;
  expires: string;
  revoked: string | null;
  /** How often; each time stands in the access log. */
  opened: number;
  lastOpened: string | null;
  /** Told here and never again. */
  link: string;
};

export type OpenedShare = {
  recipient: string;
  types: ("steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep")[];
  start: string;
  end: string;
  expires: string;
  days: ({
    date: string;
    metrics: { [K in "steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep"]?: {
      /** The day's sum, its average by time, or its last reading. */
      value: number;
      /** UCUM. */
      unit: string;
      /** The least single reading that counted. */
      min: number;
      max: number;
      count: number;
      stages?: { [K in "asleep" | "light" | "deep" | "rem" | "awake"]?: number };
    } };
  })[];
};

export type Readings = {
  member: string;
  column: "heart_rate" | "track" | "title" | "notes" | "device_name" | "original_type" | "source_id" | "raw";
  readings: ({
    /** The source record that it was measured by. */
    record: string;
    /** Grows whenever the record's value changes. */
    version: number;
    /** Samples with RFC 3339 times, a text, or a raw slice. */
    value: unknown;
  })[];
  /** The cursor of the next page of samples. */
  next: string | null;
};

export type OthersWorkout = {
  type: string;
  start: string;
  elapsedMs: number;
  movingMs: number;
  distanceMm: number | null;
  energyMcal: number | null;
  elevationGainMm: number | null;
  /** Recorded by a device, not entered by hand. */
  verified: boolean;
  id: string;
};

export type RoyaltyStatement = {
  period: string;
  /** countingRules × 1000 + payingRules */
  version: number;
  /** Of the rules that listens were counted by. */
  countingRules: number;
  /** Of the rules that they are paid by. */
  payingRules: number;
  /** A track's qualified listens within twelve months, from which on. */
  minimum: number;
  currency: string;
  /** Of the whole statement: the same one has the same. */
  sha256: string;
  /** When it came out like this first. */
  made: string;
  /** Of the artists that the caller reads, as all that follows. */
  listens: number;
  qualified: number;
  eligible: number;
  /** In the currency's smallest unit. */
  amountMinor: number;
};

export type RoyaltyLine = {
  /** As names are compared: lower case, blanks as one. */
  artist: string;
  track: string;
  /** ISO 3166-1 alpha-2; ZZ: nobody said. */
  territory: string;
  listens: number;
  qualified: number;
  /** The track's qualified listens, this month and eleven before it. */
  twelveMonths: number;
  eligible: boolean;
  why: "paid" | "none-qualified" | "below-minimum" | "weighs-nothing";
  /** In the currency's smallest unit. */
  amountMinor: number;
};

export type Consent = {
  id: string;
  version: number;
  /** A forbid beats every permit that it meets. */
  effect: "permit" | "forbid";
  grantee: {
    member: string;
  } | {
    role: "coach";
  };
  columns: ("heart_rate" | "track" | "title" | "notes" | "device_name" | "samples_activity" | "samples_vital" | "samples_body" | "samples_sleep")[];
  purpose: "coaching" | "care" | "research";
  granted: string;
  from: string | null;
  until: string | null;
  revoked: string | null;
};

export type BreakGlass = {
  id: string;
  operator: string;
  reason: string;
  at: string;
  until: string;
};

export type AccessEntry = {
  /** Its log and its index there; a reading names it in a header. */
  entry: string;
  at: string;
  /** What happened, in words. */
  sentence: string;
  who: {
    /** An internal id, or a pseudonym. */
    id: string;
    name: string | null;
    role: string;
  };
  action: "view" | "edit" | "delete" | "admin";
  deed: string;
  columns: (string)[];
  records: number;
  purpose: string;
  /** permitted, unchanged, refused, failed, pending or unknown. */
  outcome: string;
  /** Own data, the consent or break-glass that allowed it, or why it was refused. */
  ground: string;
  /** Where a proof of the entry is. */
  proof: string;
  /** Where one of its outcome is; null: the entry says it itself, or none is known. */
  outcomeProof: string | null;
};

export type Export = {
  id: string;
  formats: ("ndjson" | "parquet" | "gpx" | "fhir")[];
  /** Each look at a staging one takes it further. */
  state: "staging" | "ready";
  asked: string;
  /** From then on it is not there any more. */
  gone: string;
  /** How many are in it by now. */
  workouts: number;
  /** The same. */
  listens: number;
  /** The same. */
  sales: number;
  files: ({
    name: string;
    type: string;
    bytes: number;
    sha256: string;
    href: string;
  })[];
};

export type RosterEntry = {
  member: string;
  name: string | null;
  /** Those in force now, with the columns that they open. */
  consents: (Consent)[];
};

export type ParkedItem = {
  id: string;
  member: string;
  connection: string;
  provider: string;
  reason: string;
  at: string;
};

export type Run = {
  id: string;
  kind: "settle" | "rebuild" | "erase" | "snapshot" | "redact";
  /** The range or the partition; null for an erasure or a redaction, which say not whose they are. */
  of: { [K in string]?: unknown } | null;
  askedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Empty until it is begun. */
  stage: string;
  done: number;
  total: number;
  /** Null until it is finished. */
  outcome: string | null;
};

export type Total = {
  measure: string;
  key: string;
  n: number;
};

export type Drift = {
  stream: string;
  period: string;
  measure: string;
  key: string;
  live: number;
  exact: number;
  /** Members whose live number is another than the exact one. */
  differing: number;
  /** The oldest of the comparisons that this is made of. */
  at: string;
};

export type Partition = {
  stream: string;
  day: string;
  bucket: number;
  version: number;
  factsRows: number;
  factsBytes: number;
  resolvedRows: number;
  resolvedBytes: number;
  /** Of resolving, that it was resolved by. */
  rule: number;
  /** Of counting, that it was counted by. */
  rules: number;
  settledAt: string;
  checkedAt: string;
  /** Something landed that is not in it yet. */
  dirty: boolean;
  /** The object that was found damaged. */
  damaged: string | null;
};

export type Balance = {
  ledgers: number;
  /** Ledgers that ever reported. */
  reported: number;
  /** The oldest report: the watermark. */
  from: string | null;
  /** The newest report. */
  to: string | null;
  received: number;
  applied: number;
  duplicate: number;
  rejected: number;
  parked: number;
  pending: number;
  /** received = applied + duplicate + rejected + parked + pending */
  holds: boolean;
  archive: {
    /** (identity, day) pairs that ledgers published. */
    held: number;
    /** Rows of all partitions. */
    rows: number;
    /** Lines that are in no version yet, repetitions too. */
    landed: number;
    dirty: number;
    neverSettled: number;
    unresolved: number;
    damaged: number;
  };
  /** held = rows; null while something moves. */
  archiveHolds: boolean | null;
};

export type ProviderStatus = {
  provider: string;
  title: string;
  /** Null: it did not answer. */
  gate: Gate | null;
  connections: {
    byState: {
      connected: number;
      syncing: number;
      behind: number;
      backfilling: number;
      "needs-reconnecting": number;
    };
    /** Not those that wait for their member to link them again. */
    behindOver2h: number;
    /** Since when the one that waits for longest has. */
    oldestBehind: string | null;
  };
  /** Of all that stands above. */
  health: {
    colour: "green" | "yellow" | "red";
    /** The gravest first; none is green. */
    because: (string)[];
  };
};

export type Gate = {
  /** What calls, door and recorded count from. */
  since: string;
  breaker: "closed" | "open" | "half-open";
  openSince: string | null;
  /** Nobody asks before that, because the provider said so. */
  pausedUntil: string | null;
  budgets: ({
    window: string;
    windowMs: number;
    limit: number;
    /** Spent, and promised, within the stretch that ends now. */
    used: number;
  })[];
  calls: {
    ok: number;
    throttled: number;
    failed: number;
    timeout: number;
    network: number;
    broken: number;
    denied: number;
    refused: number;
  };
  /** Calls of the last five minutes, by which the breaker judges. */
  lately: {
    calls: number;
    failed: number;
  };
  door: {
    deliveries: number;
    notices: number;
    items: number;
    refused: number;
    /** Of signatures that are only observed; unkeyed: none to check one with. */
    observed?: {
      matches?: number;
      differs?: number;
      absent?: number;
      unkeyed?: number;
    };
  };
  /** What came of items that were delivered and of records that were read. */
  recorded: {
    /** New, corrected or retracted. */
    recorded: number;
    /** Known before, or older than what is known. */
    duplicates: number;
    /** Could not be read, and is kept. */
    parked: number;
  };
  /** What deliveries were proven by, the newest first: one that signs no more can go. */
  keys: ({
    kid: string;
    deliveries: number;
    last: string;
  })[];
  /** Of the last day, in milliseconds. */
  latencyMs: {
    count: number;
    p50: number;
    p90: number;
    p99: number;
  };
  /** Of the last day, in milliseconds. */
  freshnessMs: {
    count: number;
    p50: number;
    p90: number;
    p99: number;
  };
  /** Null: it needs none. */
  subscription: {
    state: "active" | "missing" | "failing" | "not-configured";
    checked: string | null;
    until: string | null;
  } | null;
};

export type Alert = {
  name: string;
  value: number;
  threshold: number;
  text: string;
  since: string;
  /** Null: it stands. */
  ended: string | null;
  /** Whether the webhook took it as it is now. */
  told: boolean;
};

export type Bill = {
  /** When the first member came: what is counted is counted since ever. */
  from: string | null;
  to: string;
  members: number;
  ledgers: number;
  /** Ledgers that ever reported: facts of the others are not in it. */
  reported: number;
  /** Some ledger's count is as old as that. */
  oldestReport: string | null;
  /** By part and unit, the dearest first. */
  items: ({
    part: string;
    /** Null: too little for a line of its own. */
    unit: string | null;
    units: number | null;
    /** US dollars. */
    dollars: number;
    because: string;
  })[];
  /** The same money by what it is paid for. */
  causes: ({
    of: string;
    n: number;
    /** US dollars. */
    dollars: number;
    because: string;
  })[];
  /** US dollars. */
  dollars: number;
  reckoned: true;
  /** What a million came to when it was measured; large: facts with a large stream. */
  aMillion: {
    /** US dollars. */
    facts: number;
    /** US dollars. */
    large: number;
    /** US dollars. */
    samples: number;
    /** US dollars. */
    listens: number;
    /** US dollars. */
    sales: number;
    /** US dollars. */
    polls: number;
  };
  /** What a day comes to in which nothing comes, with the ledgers of now. */
  aDay: number;
  notCounted: (string)[];
};

export type Reader = {
  member: string;
  role: "artist" | "label" | "merchandiser" | "finance" | "scientist";
  /** An artist's name as names are compared, or a merchant's member id. */
  of: string;
  made: string;
};

export type RoyaltyMade = {
  period: string;
  /** Of the last two nothing was made. */
  outcome: "changed" | "same" | "no-pool" | "too-many-lines";
  version: number | null;
  sha256: string | null;
  lines: number | null;
  paidMinor: number | null;
  unpaidMinor: number | null;
  /** Days of the year looked at, by bucket, that wait to be settled: state it again. */
  waiting: number | null;
};

export type DeadLetter = {
  id: string;
  /** `?`: the message names none. */
  ledger: string;
  seq: number;
  stream: string | null;
  day: string | null;
  bucket: number | null;
  reason: string;
  at: string;
};

export type Rereading = {
  items: ({
    /** The source record. */
    id: string;
    member: string;
    outcome: "same" | "changed" | "same-edition" | "unreadable" | "no-raw";
    /** Open fields that read otherwise. */
    fields: { [K in string]?: {
      before: unknown;
      after: unknown;
    } };
    /** Names of restricted columns that read otherwise. */
    columns: (string)[];
    reason: string | null;
  })[];
  /** New editions that the ledger took. */
  recorded: number;
  /** A page may be empty and still have a next one. */
  next: string | null;
};

export type KeysStatus = {
  epoch: number;
  epochMadeAt: string | null;
  epochs: (number)[];
  underOldRoot: number;
  shards: ({
    shard: number;
    open: boolean;
    members: number;
    bytes: number;
    restored: boolean;
    missing: boolean;
    left: number;
  })[];
};

export type RotationStatus = {
  what: "epoch" | "root";
  epoch: number;
  rewrapped: number;
  left: number;
  done: boolean;
};

export type RestoreStatus = {
  shard: number;
  steps: ({
    step: string;
    at: string;
    count: number;
  })[];
  done: boolean;
};

export type AuditEntry = {
  entry: string;
  at: string;
  deed: string;
  action: "view" | "edit" | "delete" | "admin";
  /** An internal id, or a pseudonym. */
  actor: string;
  name: string | null;
  role: string;
  /** A pseudonym; empty: nobody's data. */
  member: string;
  columns: (string)[];
  purpose: string;
  outcome: string;
  ground: string;
  records: number;
  /** The entry that says what came of it. */
  closedBy: string | null;
};

export type Log = {
  log: number;
  origin: string;
  /** Entries, those that are not published yet too. */
  size: number;
  /** Size of the signed checkpoint. */
  published: number;
  /** Size of the newest checkpoint that the witness co-signed. */
  witnessed: number;
  /** How many co-signed checkpoints there are: /witnessed/<n>. */
  witnessedNotes: number;
  /** Verifier key, as c2sp.org/signed-note says. */
  key: string;
  witnesses: (string)[];
  url: string;
};

export interface Api {
  /** A provider greets a new address, where it does so by GET; HEAD says that it is there */
  "GET /webhooks/{provider}": {
    params: {
      provider: string;
    };
    query: Record<never, never>;
    body: never;
    answer: { [K in string]?: string };
  };
  /** A provider delivers data or a notice, some greet a new address by it first; or a member's own app delivers, with its key in the path or as the bearer */
  "POST /webhooks/{provider}": {
    params: {
      provider: string;
    };
    query: Record<never, never>;
    body: unknown;
    answer: { [K in string]?: string };
  };
  /** A provider greets a new address, where it does so by GET; HEAD says that it is there */
  "GET /webhooks/{provider}/{key}": {
    params: {
      provider: string;
      key: string;
    };
    query: Record<never, never>;
    body: never;
    answer: { [K in string]?: string };
  };
  /** A provider delivers data or a notice, some greet a new address by it first; or a member's own app delivers, with its key in the path or as the bearer */
  "POST /webhooks/{provider}/{key}": {
    params: {
      provider: string;
      key: string;
    };
    query: Record<never, never>;
    body: unknown;
    answer: { [K in string]?: string };
  };
  /** A ListenBrainz client submits listens, with its member's key as the token */
  "POST /1/submit-listens": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: unknown;
    answer: {
      status: "ok";
      /** Listens that were not taken; absent: none. */
      errors?: number;
      /** Of these the first 100; each is kept aside and can be replayed. */
      errorDetails?: ({
        /** Place in the payload. */
        index: number;
        code: string;
        message: string;
      })[];
    };
  };
  /** A ListenBrainz client asks whether its token counts */
  "GET /1/validate-token": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      code: number;
      message: string;
      valid: boolean;
      /** The connection's id; nobody is named. */
      user_name?: string;
    };
  };
  /** An AudioScrobbler client shakes hands, with its member's key as name and password */
  "GET /scrobble": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** An AudioScrobbler client shakes hands, with its member's key as name and password */
  "GET /scrobble/": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** An AudioScrobbler client submits tracks */
  "POST /scrobble/submissions": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Blob;
    answer: string;
  };
  /** What is being played is heard and not kept */
  "POST /scrobble/now-playing": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Blob;
    answer: string;
  };
  /** A phone delivers a batch of workouts, deletions and samples */
  "POST /v1/sync": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: unknown;
    answer: SyncAnswer;
  };
  /** Import workouts from files: FIT, TCX and GPX, single, gzipped or in a ZIP */
  "POST /v1/files": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: Blob;
    answer: FilesAnswer;
  };
  /** Import listens from Spotify's own files: one of them, or the ZIP as it comes */
  "POST /v1/imports/spotify": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: unknown;
    answer: ListensImported;
  };
  /** Where a page sends somebody to sign in */
  "GET /v1/sign-in": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: SignIn;
  };
  /** Exchange what the issuer gave for a token; nothing of it is kept here */
  "POST /v1/sign-in": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      grant: "code";
      /** As the issuer gave it. */
      code: string;
      /** Of the challenge that was sent with S256. */
      verifier: string;
      /** Where the browser came back to: this deployment's own /signed-in. */
      redirectUri: string;
    } | {
      grant: "refresh";
      refreshToken: string;
    };
    answer: Session;
  };
  /** Who I am here */
  "GET /v1/me": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: Me;
  };
  /** Become a member, or change display name, zone and board choice */
  "PUT /v1/me": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      displayName?: string;
      /** IANA zone lived in. */
      zone?: string;
      /** Since when; absent: since ever, if it is the first. */
      zoneFrom?: string;
      onBoards?: boolean;
    };
    answer: Me;
  };
  /** Be forgotten: keys destroyed, readings gone, boards corrected */
  "DELETE /v1/me": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: Receipt;
  };
  /** Which providers are known, what each can do, and what holds for its data */
  "GET /v1/providers": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Provider)[];
      next: null;
    };
  };
  /** My linked accounts, and claims on them that were refused */
  "GET /v1/connections": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Connection)[];
      next: null;
      refusedClaims: ({
        provider: string;
        at: string;
        side: "claimant" | "holder";
      })[];
    };
  };
  /** End a connection: its tokens go, and if asked everything that came from the account */
  "DELETE /v1/connections/{connection}": {
    params: {
      connection: string;
    };
    query: {
      /** What becomes of what came by it. */
      data?: "keep" | "erase";
    };
    body: never;
    answer: Receipt;
  };
  /** Begin to link an account, or end it with the code that its provider gave; or have a word that its provider says back; or a key for an app of one's own, which ends the key before it at once */
  "POST /v1/connections/{connection}": {
    params: {
      connection: string;
    };
    query: Record<never, never>;
    body: {
      /** To begin: where the browser is sent in the end; our own origin, or one that is allowed here. */
      returnTo?: string;
      /** To end: as the provider gave it. */
      code?: string;
      /** To end: as it was begun. */
      state?: string;
    };
    answer: {
      /** Where the member grants access: an address at the provider. */
      authorise: string;
      /** Comes back with the code; good once, and only for this member. */
      state: string;
      expires: string;
      scopes: ({
        scope: string;
        why: string;
        needed: boolean;
      })[];
    } | {
      id: string;
      provider: string;
      /** Shown this once. Whoever has it may add to this connection. */
      key: string;
      /** Where the app delivers: the key is its end. Where the app sends the key as the bearer instead, the address goes without that end. */
      url: string;
      /** Where in the member's app they go. */
      how: string;
    } | {
      id: string;
      provider: string;
    } | {
      /** The word that the provider says back; good once, for one account, for a day. */
      reference: string;
      expires: string;
      /** What the member's app does with the word. */
      how: string;
      /** The provider's own page for it; null: it has none, or it cannot be had just now. */
      authorise: string | null;
    };
  };
  /** Read what is newest at the provider now */
  "POST /v1/connections/{connection}/sync": {
    params: {
      connection: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      next: string;
    };
  };
  /** What was erased of this account may come again */
  "POST /v1/connections/{connection}/lift": {
    params: {
      connection: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      id: string;
      lifted: number;
    };
  };
  /** Where a provider sends the browser back to; HEAD looks and changes nothing */
  "GET /oauth/{provider}/callback": {
    params: {
      provider: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** How my connections are doing, as server-sent events */
  "GET /v1/sync-status": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** Which boards there are */
  "GET /v1/leaderboards": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Board)[];
      next: null;
    };
  };
  /** A board's page, best first */
  "GET /v1/leaderboards/{board}": {
    params: {
      board: string;
    };
    query: {
      limit?: number;
      cursor?: string;
      /** week, month, all, 2026-W47 or 2026-11 */
      period?: string;
    };
    body: never;
    answer: BoardPage;
  };
  /** My place, and who is around me */
  "GET /v1/leaderboards/{board}/me": {
    params: {
      board: string;
    };
    query: {
      /** week, month, all, 2026-W47 or 2026-11 */
      period?: string;
      around?: number;
    };
    body: never;
    answer: BoardPage;
  };
  /** A board among those whom I follow, and myself */
  "GET /v1/leaderboards/{board}/friends": {
    params: {
      board: string;
    };
    query: {
      limit?: number;
      cursor?: string;
      /** week, month, all, 2026-W47 or 2026-11 */
      period?: string;
    };
    body: never;
    answer: BoardPage;
  };
  /** A board among those of my team who are on it */
  "GET /v1/leaderboards/{board}/teams/{team}": {
    params: {
      board: string;
      team: string;
    };
    query: {
      limit?: number;
      cursor?: string;
      /** week, month, all, 2026-W47 or 2026-11 */
      period?: string;
    };
    body: never;
    answer: BoardPage;
  };
  /** A board's top as it changes, over a WebSocket */
  "GET /v1/leaderboards/{board}/live": {
    params: {
      board: string;
    };
    query: {
      /** week, month, all, 2026-W47 or 2026-11 */
      period?: string;
      /** How many of the best. */
      limit?: number;
    };
    body: never;
    answer: unknown;
  };
  /** A challenge's standings, best first */
  "GET /v1/challenges/{id}/standings": {
    params: {
      id: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: ChallengePage;
  };
  /** My place in a challenge, and who is around me */
  "GET /v1/challenges/{id}/standings/me": {
    params: {
      id: string;
    };
    query: {
      around?: number;
    };
    body: never;
    answer: ChallengePage;
  };
  /** Challenges that I may join or am in: for a visitor those for everybody, for an operator all */
  "GET /v1/challenges": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Challenge)[];
      next: string | null;
    };
  };
  /** Make a challenge */
  "POST /v1/challenges": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      measure: "distance" | "moving_time" | "count";
      /** Empty: all activities. */
      families?: ("run" | "walk" | "ride" | "e_ride" | "swim" | "row" | "ski" | "gym" | "other")[];
      /** First day, where the member was. */
      from: string;
      /** Last day; 366 days at most. */
      to: string;
      /** No day counts for more; in the measure's unit. */
      dayMax?: number | null;
      /** A workout with less counts for nothing. */
      least?: number | null;
      /** What was entered by hand counts for nothing. */
      verifiedOnly?: boolean;
      name: string;
      /** Who may join; code: whoever was told one. */
      joining: "everybody" | "team" | "code";
      /** Whose members may join, where a team's may. */
      team?: string;
    };
    answer: NewChallenge;
  };
  /** One challenge */
  "GET /v1/challenges/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Challenge;
  };
  /** Change a challenge that has not begun; its name at any time */
  "PATCH /v1/challenges/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: {
      measure?: "distance" | "moving_time" | "count";
      /** Empty: all activities. */
      families?: ("run" | "walk" | "ride" | "e_ride" | "swim" | "row" | "ski" | "gym" | "other")[];
      /** First day, where the member was. */
      from?: string;
      /** Last day; 366 days at most. */
      to?: string;
      /** No day counts for more; in the measure's unit. */
      dayMax?: number | null;
      /** A workout with less counts for nothing. */
      least?: number | null;
      /** What was entered by hand counts for nothing. */
      verifiedOnly?: boolean;
      name?: string;
    };
    answer: Challenge;
  };
  /** End a challenge: its standings are shown no more */
  "DELETE /v1/challenges/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Challenge;
  };
  /** Join a challenge and be shown on its standings, until its last day */
  "PUT /v1/challenges/{id}/me": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: {
      /** Where it takes one. */
      code?: string;
    };
    answer: Challenge;
  };
  /** Leave a challenge and its standings */
  "DELETE /v1/challenges/{id}/me": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      left: string;
    };
  };
  /** A board of teams, by week */
  "GET /v1/teams/standings": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
      measure?: "distance" | "moving_time" | "count";
      /** week, or one like 2026-W47: this or the last. */
      week?: string;
    };
    body: never;
    answer: TeamPage;
  };
  /** My teams */
  "GET /v1/teams": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Team)[];
      next: null;
    };
  };
  /** Make a team and be its first member */
  "POST /v1/teams": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      name: string;
    };
    answer: NewTeam;
  };
  /** A team of mine, and who of it is on boards */
  "GET /v1/teams/{id}": {
    params: {
      id: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: TeamMembers;
  };
  /** Another code for a team of mine; the former lets nobody in */
  "PUT /v1/teams/{id}/code": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      /** Lets others join; it is told this once, and kept nowhere. */
      code: string;
    };
  };
  /** Join a team by its code */
  "POST /v1/teams/{id}/members": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: {
      code: string;
    };
    answer: Team;
  };
  /** Leave a team; the last one out ends it */
  "DELETE /v1/teams/{id}/members/me": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      left: string;
    };
  };
  /** Whom I follow */
  "GET /v1/friends": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Friend)[];
      next: string | null;
    };
  };
  /** Follow somebody who is on boards */
  "PUT /v1/friends/{friend}": {
    params: {
      friend: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Friend;
  };
  /** Follow them no more */
  "DELETE /v1/friends/{friend}": {
    params: {
      friend: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      unfollowed: string;
    };
  };
  /** My workouts, newest first */
  "GET /v1/workouts": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Workout)[];
      next: string | null;
    };
  };
  /** Erase every workout that covers any of a window of time, for good */
  "DELETE /v1/workouts": {
    params: Record<never, never>;
    query: {
      from: string;
      to: string;
    };
    body: never;
    answer: Receipt;
  };
  /** These workouts are one; said once, it holds for later data too */
  "POST /v1/workouts/join": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      workouts: (string)[];
    };
    answer: Decided;
  };
  /** One workout, with its sources and reasons */
  "GET /v1/workouts/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Workout;
  };
  /** Erase one workout, every record of it, for good */
  "DELETE /v1/workouts/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Receipt;
  };
  /** These records are another workout than the rest of it; holds for later data too */
  "POST /v1/workouts/{id}/split": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: {
      records: (string)[];
    };
    answer: Decided;
  };
  /** My listens, newest first */
  "GET /v1/listens": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Listen)[];
      next: string | null;
    };
  };
  /** Erase every record of a listen that began in a window of time, for good */
  "DELETE /v1/listens": {
    params: Record<never, never>;
    query: {
      from: string;
      to: string;
    };
    body: never;
    answer: Receipt;
  };
  /** One listen, with the records of it */
  "GET /v1/listens/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Listen;
  };
  /** Erase one listen, every record of it, for good */
  "DELETE /v1/listens/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Receipt;
  };
  /** What is played of an artist now: by track, by territory, by minute */
  "GET /v1/artists/{artist}/live": {
    params: {
      artist: string;
    };
    query: {
      /** The last so many. */
      minutes?: number;
    };
    body: never;
    answer: ArtistLive;
  };
  /** The same as it happens, as server-sent events */
  "GET /v1/artists/{artist}/live/stream": {
    params: {
      artist: string;
    };
    query: {
      /** The last so many. */
      minutes?: number;
    };
    body: never;
    answer: string;
  };
  /** What a merchant's stores sell now, by region and store, minute by minute */
  "GET /v1/merchants/{merchant}/live": {
    params: {
      merchant: string;
    };
    query: {
      /** The last so many. */
      minutes?: number;
    };
    body: never;
    answer: MerchantLive;
  };
  /** The same as it happens, as server-sent events */
  "GET /v1/merchants/{merchant}/live/stream": {
    params: {
      merchant: string;
    };
    query: {
      /** The last so many. */
      minutes?: number;
    };
    body: never;
    answer: string;
  };
  /** What was counted of an article, and below what it runs short */
  "PUT /v1/merchants/{merchant}/stores/{store}/stock/{sku}": {
    params: {
      merchant: string;
      store: string;
      sku: string;
    };
    query: Record<never, never>;
    body: {
      /** What was there. */
      counted: number;
      /** At or below it the article runs short. */
      threshold: number;
      /** Of the last two days. What is sold later comes off. */
      countedAt: string;
    };
    answer: Stock;
  };
  /** What there is of an article in a store */
  "GET /v1/merchants/{merchant}/stores/{store}/stock/{sku}": {
    params: {
      merchant: string;
      store: string;
      sku: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Stock;
  };
  /** Articles that fell to their threshold, once each time they did */
  "GET /v1/merchants/{merchant}/low-stock": {
    params: {
      merchant: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (LowStock)[];
      next: string | null;
    };
  };
  /** Exact totals of business days, by store and currency */
  "GET /v1/merchants/{merchant}/days": {
    params: {
      merchant: string;
    };
    query: {
      from: string;
      /** Both days included, at most 92. */
      to: string;
    };
    body: never;
    answer: {
      items: (BookDay)[];
    };
  };
  /** Exact totals of a business day, by store and currency */
  "GET /v1/merchants/{merchant}/days/{day}": {
    params: {
      merchant: string;
      day: string;
    };
    query: Record<never, never>;
    body: never;
    answer: BookDay;
  };
  /** What an article sold, by business day, store and currency */
  "GET /v1/merchants/{merchant}/articles/{sku}": {
    params: {
      merchant: string;
      sku: string;
    };
    query: {
      from: string;
      /** Both days included, at most 92. */
      to: string;
    };
    body: never;
    answer: {
      items: (ArticleDay)[];
    };
  };
  /** Sales beside settlement files, line by line, and what they come to */
  "GET /v1/merchants/{merchant}/reconciliation": {
    params: {
      merchant: string;
    };
    query: {
      limit?: number;
      cursor?: string;
      from: string;
      /** Both days included, at most 31. */
      to: string;
      /** Days before and after in which the other side of a line is looked for. */
      reach?: number;
    };
    body: never;
    answer: {
      items: (ReconciledLine)[];
      sums: ({
        currency: string;
        lines: number;
        /** In the currency's smallest unit. */
        oursMinor: number;
        /** Before fees. */
        theirsMinor: number;
        /** Ours less theirs. */
        differenceMinor: number;
        /** What gateways kept; in none of the others. */
        feeMinor: number;
        outcomes: { [K in "matched" | "amount-differs" | "only-ours" | "only-theirs" | "fee" | "transfer"]?: {
          lines: number;
          /** In the currency's smallest unit. */
          oursMinor: number;
          /** Before fees. */
          theirsMinor: number;
          /** Ours less theirs. */
          differenceMinor: number;
          /** What gateways kept; in none of the others. */
          feeMinor: number;
        } };
      })[];
      next: string | null;
    };
  };
  /** The number behind a card's token, for a reason that stands in the log */
  "POST /v1/merchants/{merchant}/cards/{card}/reveal": {
    params: {
      merchant: string;
      card: string;
    };
    query: Record<never, never>;
    body: {
      /** Stands in the log; the merchant reads it. */
      reason: string;
    };
    answer: {
      number: string;
    };
  };
  /** Forget a customer of the caller's own: their cards' tokens end, what they bought stays */
  "DELETE /v1/merchants/{merchant}/customers/{customer}": {
    params: {
      merchant: string;
      customer: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      /** Cards that were theirs. */
      tokens: number;
    };
  };
  /** A gateway's settlement file; the same name again is the same file */
  "PUT /v1/merchants/{merchant}/settlements/{file}": {
    params: {
      merchant: string;
      file: string;
    };
    query: Record<never, never>;
    body: unknown;
    answer: SettlementFile;
  };
  /** Which settlement files there are */
  "GET /v1/merchants/{merchant}/settlements": {
    params: {
      merchant: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: ({
        file: string;
        rows: number;
        from: string;
        to: string;
      })[];
      next: string | null;
    };
  };
  /** Have a merchant's lines of some business days copied, once, under a name */
  "POST /v1/merchants/{merchant}/snapshots": {
    params: {
      merchant: string;
    };
    query: Record<never, never>;
    body: {
      name: string;
      from: string;
      to: string;
    };
    answer: Snapshot;
  };
  /** Which snapshots there are */
  "GET /v1/merchants/{merchant}/snapshots": {
    params: {
      merchant: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Snapshot)[];
      next: string | null;
    };
  };
  /** What a snapshot is made of, and what was ever taken out of it */
  "GET /v1/merchants/{merchant}/snapshots/{name}": {
    params: {
      merchant: string;
      name: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      name: string;
      from: string;
      to: string;
      state: "making" | "made" | "failed";
      asked: string;
      made: string | null;
      /** That have lines; each is an object of its own. */
      days: number;
      rows: number;
      bytes: number;
      objects: ({
        day: string;
        rows: number;
        bytes: number;
        sha256: string;
        /** Of which buckets of the archive it was copied, and of which version of each. */
        versions: ([number, number])[];
        href: string;
      })[];
      /** All that ever changed it, the oldest first. */
      redactions: ({
        day: string;
        at: string;
        why: string;
        rows: number;
        sha256Before: string;
        sha256After: string;
      })[];
    };
  };
  /** A day of a snapshot, as Parquet */
  "GET /v1/merchants/{merchant}/snapshots/{name}/{day}": {
    params: {
      merchant: string;
      name: string;
      day: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** Whose totals I read, in the roles that I have */
  "GET /v1/reads": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Reads)[];
    };
  };
  /** What was decided by hand about my workouts, newest first */
  "GET /v1/decisions": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Decision)[];
      next: null;
    };
  };
  /** Take a split or a join back */
  "DELETE /v1/decisions/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Decided;
  };
  /** A local day at a glance: every metric, what it came to and what made it */
  "GET /v1/summary": {
    params: Record<never, never>;
    query: {
      /** Absent: today, where the member lives. */
      date?: string;
      /** Metrics, with commas between them; absent: all that are worth showing so finely. */
      types?: string;
      /** Whose, by their consent; absent: the caller's own. */
      member?: string;
      purpose?: "coaching" | "care" | "research" | "emergency";
    };
    body: never;
    answer: Summary;
  };
  /** Metrics by hour, day, week or month, with what made them */
  "GET /v1/aggregates": {
    params: Record<never, never>;
    query: {
      /** Metrics, with commas between them; absent: all that are worth showing so finely. */
      types?: string;
      period?: "hour" | "day" | "week" | "month";
      /** The first local day. */
      start: string;
      /** The last one, included. */
      end: string;
      /** Whose, by their consent; absent: the caller's own. */
      member?: string;
      purpose?: "coaching" | "care" | "research" | "emergency";
    };
    body: never;
    answer: Aggregates;
  };
  /** What my samples were measured by, and in which order it is believed */
  "GET /v1/devices": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: Devices;
  };
  /** Say which device is believed first, from a local day on */
  "PUT /v1/devices": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      /** The first is believed first. Those it lacks follow by kind; none: all by kind. */
      order: (string)[];
      /** The local day from which it holds; null: since ever; absent: today. */
      from?: string | null;
    };
    answer: DevicesChanged;
  };
  /** What I aim at on a day, metric by metric */
  "GET /v1/goals": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: Goals;
  };
  /** Set goals of my own, or take them back; the others stay */
  "PUT /v1/goals": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      /** null: back to the common one, if there is one. What is absent stays. */
      goals: {
        /** A day's, in 1 (UCUM). */
        steps?: number | null;
        /** A day's, in m (UCUM). */
        distance?: number | null;
        /** A day's, in kcal (UCUM). */
        active_energy?: number | null;
        /** A day's, in kg (UCUM). */
        weight?: number | null;
        /** A day's, in % (UCUM). */
        body_fat?: number | null;
        /** A day's, in s (UCUM). */
        sleep?: number | null;
      };
    };
    answer: Goals;
  };
  /** Erase every sample of the whole days (UTC) in a window of time, for good */
  "DELETE /v1/samples": {
    params: Record<never, never>;
    query: {
      from: string;
      to: string;
    };
    body: never;
    answer: Receipt;
  };
  /** What my last three months show, compared with my own past and goals */
  "GET /v1/insights": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      /** Today, where the member lives. */
      date: string;
      items: (Insight)[];
      next: null;
    };
  };
  /** Take note of an insight that is there now; for as long as its period lasts */
  "POST /v1/insights/{id}/ack": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      acknowledged: string;
    };
  };
  /** What I share by links, those that hold first, and how often each was opened */
  "GET /v1/shares": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Share)[];
      next: null;
    };
  };
  /** Make a link that shows some metrics of some days; at most 20 hold at once */
  "POST /v1/shares": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      /** For whom, in the member's words; whoever has the link sees them. */
      recipient: string;
      types: ("steps" | "distance" | "active_energy" | "heart_rate" | "resting_heart_rate" | "hrv_sdnn" | "hrv_rmssd" | "oxygen_saturation" | "blood_glucose" | "respiratory_rate" | "blood_pressure_systolic" | "blood_pressure_diastolic" | "body_temperature" | "weight" | "body_fat" | "sleep")[];
      /** The first local day that is shown. */
      start: string;
      /** The last one. */
      end: string;
      /** How many days the link is good for. */
      days?: number;
    };
    answer: ShareMade;
  };
  /** See what a link shows, with its code and without an account */
  "POST /v1/shares/open": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      /** What stands behind the `#`. */
      code: string;
    };
    answer: OpenedShare;
  };
  /** Take a link back, at once */
  "DELETE /v1/shares/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      revoked: string;
    };
  };
  /** Where a link leads: a page that opens it, for somebody without an account */
  "GET /shared": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** Heart rate, track and other restricted columns, by the member's leave, on the record */
  "GET /v1/members/{id}/readings/{column}": {
    params: {
      id: string;
      column: string;
    };
    query: {
      workout?: string;
      from?: string;
      to?: string;
      purpose?: "coaching" | "care" | "research" | "emergency";
      format?: "json" | "csv" | "gpx";
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: Readings;
  };
  /** What others may see of a member's workouts, newest first, on the record */
  "GET /v1/members/{id}/workouts": {
    params: {
      id: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (OthersWorkout)[];
      next: string | null;
    };
  };
  /** Statements of royalties by month and version, with what they come to for the caller */
  "GET /v1/royalties": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (RoyaltyStatement)[];
      next: string | null;
    };
  };
  /** A month's statement: the lines of the artists that the caller reads */
  "GET /v1/royalties/{period}": {
    params: {
      period: string;
    };
    query: {
      limit?: number;
      cursor?: string;
      /** The newest unless said. */
      version?: number;
    };
    body: never;
    answer: {
      period: string;
      /** countingRules × 1000 + payingRules */
      version: number;
      /** Of the rules that listens were counted by. */
      countingRules: number;
      /** Of the rules that they are paid by. */
      payingRules: number;
      /** A track's qualified listens within twelve months, from which on. */
      minimum: number;
      currency: string;
      /** Of the whole statement: the same one has the same. */
      sha256: string;
      /** When it came out like this first. */
      made: string;
      /** Of the artists that the caller reads, as all that follows. */
      listens: number;
      qualified: number;
      eligible: number;
      /** In the currency's smallest unit. */
      amountMinor: number;
      items: (RoyaltyLine)[];
      next: string | null;
    };
  };
  /** The same lines as a DDEX digital sales report, Basic Audio Profile 1.2 */
  "GET /v1/royalties/{period}/dsr": {
    params: {
      period: string;
    };
    query: {
      version?: number;
      recipient?: string;
      recipientName?: string;
    };
    body: never;
    answer: string;
  };
  /** What I have allowed and forbidden, revoked ones included, and who went in without */
  "GET /v1/consents": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Consent)[];
      /** Newest first, with the reason that was given. */
      breakGlass: (BreakGlass)[];
      next: null;
    };
  };
  /** Allow a person or a role to read columns for a purpose, or forbid it */
  "POST /v1/consents": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      /** A person by their id, or everyone who holds a role. */
      grantee: {
        member: string;
      } | {
        role: "coach";
      };
      columns: ("heart_rate" | "track" | "title" | "notes" | "device_name" | "samples_activity" | "samples_vital" | "samples_body" | "samples_sleep")[];
      purpose?: "coaching" | "care" | "research";
      /** A forbid beats every permit that it meets. */
      effect?: "permit" | "forbid";
      /** Absent: at once. */
      from?: string;
      /** The last moment of it; absent: until it is revoked. */
      until?: string;
    };
    answer: Consent;
  };
  /** Revoke, at once */
  "DELETE /v1/consents/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      revoked: string;
    };
  };
  /** Who looked at or changed my data, when, at what and on what ground */
  "GET /v1/access-log": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
      action?: "view" | "edit" | "delete" | "admin";
      from?: string;
      /** Both times included. */
      to?: string;
    };
    body: never;
    answer: {
      items: (AccessEntry)[];
      next: string | null;
    };
  };
  /** Proof of an entry about me, or of any for auditors; `npm run audit -- proof FILE` */
  "GET /v1/access-log/{log}/{index}/proof": {
    params: {
      log: string;
      index: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** Asks for everything of the caller's, in these formats or in all */
  "POST /v1/exports": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      formats?: ("ndjson" | "parquet" | "gpx" | "fhir")[];
    };
    answer: Export;
  };
  /** The caller's exports that are not gone, newest first */
  "GET /v1/exports": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Export)[];
    };
  };
  /** How far an export is; each look takes a staging one a step further */
  "GET /v1/exports/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Export;
  };
  /** Deletes an export before its time */
  "DELETE /v1/exports/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      dropped: string;
    };
  };
  /** A file of an export, whole or a byte range of it */
  "GET /v1/exports/{id}/files/{name}": {
    params: {
      id: string;
      name: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** What others do not see of my tracks */
  "GET /v1/privacy-zones": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: PrivacyZones;
  };
  /** Set what others do not see of my tracks, those of the past too */
  "PUT /v1/privacy-zones": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: PrivacyZones;
    answer: PrivacyZones;
  };
  /** The members who let me read something of theirs */
  "GET /v1/roster": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (RosterEntry)[];
      next: string | null;
    };
  };
  /** Read a member's data without consent, for a reason that the member is told */
  "POST /v1/ops/break-glass": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      member: string;
      /** The member reads it. */
      reason: string;
    };
    answer: {
      id: string;
      /** Until then, reads with purpose=emergency are let through. */
      until: string;
    };
  };
  /** Items that could not be read, without their content */
  "GET /v1/ops/parked": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (ParkedItem)[];
      next: string | null;
    };
  };
  /** Read a parked item again by today's rules */
  "POST /v1/ops/parked/{id}/replay": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      recorded: (string)[];
      still: string | null;
    };
  };
  /** Have the archive settle, or make one partition anew from its ledgers */
  "POST /v1/ops/runs": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      kind: "settle";
      from?: string;
      to?: string;
    } | {
      kind: "rebuild";
      stream: string;
      day: string;
      bucket: number;
    };
    answer: Run;
  };
  /** What the archive was asked to do, the newest first */
  "GET /v1/ops/runs": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Run)[];
      next: string | null;
    };
  };
  /** How far a run is, and what stood in its way */
  "GET /v1/ops/runs/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      id: string;
      kind: "settle" | "rebuild" | "erase" | "snapshot" | "redact";
      /** The range or the partition; null for an erasure or a redaction, which say not whose they are. */
      of: { [K in string]?: unknown } | null;
      askedAt: string;
      startedAt: string | null;
      finishedAt: string | null;
      /** Empty until it is begun. */
      stage: string;
      done: number;
      total: number;
      /** Null until it is finished. */
      outcome: string | null;
      faults: ({
        object: string;
        fault: string;
        at: string;
      })[];
    };
  };
  /** Exact totals of a period, under one version of the rules */
  "GET /v1/ops/totals": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
      stream?: string;
      /** week, month, all, 2026-W47 or 2026-11 */
      period?: string;
      /** Today's unless said. */
      rules?: number;
    };
    body: never;
    answer: {
      items: (Total)[];
      next: string | null;
    };
  };
  /** How far the live boards were from the exact totals when last compared */
  "GET /v1/ops/drift": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Drift)[];
      next: string | null;
    };
  };
  /** The archive's partitions, by day */
  "GET /v1/ops/partitions": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
      from?: string;
      /** Both days included. */
      to?: string;
      damaged?: "true" | "false";
    };
    body: never;
    answer: {
      items: (Partition)[];
      next: string | null;
    };
  };
  /** Whether everything that was received is accounted for */
  "GET /v1/ops/balance": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: Balance;
  };
  /** How each provider is doing: calls, budgets, breaker, freshness, connections */
  "GET /v1/ops/providers": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (ProviderStatus)[];
      /** Changes that wait for the archive, if known. */
      queueDepth: number | null;
    };
  };
  /** What is the matter, and what was in the last seven days */
  "GET /v1/ops/alerts": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Alert)[];
      thresholds: {
        behindMs: number;
        membersBehind: number;
        queueDepth: number;
        quotaPercent: number;
      };
      /** Whether anybody is told. */
      webhook: boolean;
    };
  };
  /** What the traffic so far comes to in dollars, part by part: reckoned, no invoice */
  "GET /v1/ops/bill": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: Bill;
  };
  /** Who reads whose listens or sales, by member */
  "GET /v1/ops/readers": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
      member?: string;
    };
    body: never;
    answer: {
      items: (Reader)[];
      next: string | null;
    };
  };
  /** Let a member read an artist's listens or a merchant's sales, in a role of theirs */
  "PUT /v1/ops/readers": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      member: string;
      role: "artist" | "label" | "merchandiser" | "finance" | "scientist";
      /** An artist's name in any spelling, or a merchant's id. */
      of: string;
    };
    answer: Reader;
  };
  /** Let a member read it no more */
  "DELETE /v1/ops/readers": {
    params: Record<never, never>;
    query: {
      member: string;
      role: "artist" | "label" | "merchandiser" | "finance" | "scientist";
      /** An artist's name in any spelling, or a merchant's id. */
      of: string;
    };
    body: never;
    answer: unknown;
  };
  /** What is shared out for a month; statements are made anew only when it is asked for */
  "PUT /v1/ops/royalties/{period}/pool": {
    params: {
      period: string;
    };
    query: Record<never, never>;
    body: {
      /** ISO 4217. */
      currency: string;
      /** In the currency's smallest unit. */
      amountMinor: number;
    };
    answer: {
      /** ISO 4217. */
      currency: string;
      /** In the currency's smallest unit. */
      amountMinor: number;
      period: string;
    };
  };
  /** Make the statements of these months, out of the totals and the rules of now */
  "POST /v1/ops/royalties": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      from: string;
      to: string;
    };
    answer: {
      items: (RoyaltyMade)[];
    };
  };
  /** Changes that could not be archived, without what they say */
  "GET /v1/ops/dead-letters": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (DeadLetter)[];
      next: string | null;
    };
  };
  /** A change that could not be archived, as it came, but for what is its owner's alone */
  "GET /v1/ops/dead-letters/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      id: string;
      /** `?`: the message names none. */
      ledger: string;
      seq: number;
      stream: string | null;
      day: string | null;
      bucket: number | null;
      reason: string;
      at: string;
      message: unknown;
    };
  };
  /** Have its ledger publish what is true today in its place, under a new number */
  "POST /v1/ops/dead-letters/{id}/replay": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: {
      replayed: boolean;
      still: string | null;
    };
  };
  /** Read sealed records again by a newer edition of their provider's reading */
  "POST /v1/ops/rereads": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      /** Absent: every member's, one after the other. */
      member?: string;
      provider: "garmin" | "google-health" | "apple-health" | "files" | "fitbit" | "polar" | "whoop" | "oura" | "suunto" | "terra" | "junction" | "standard-webhooks" | "strava" | "withings" | "wahoo" | "health-auto-export" | "health-connect" | "coros" | "concept2" | "listenbrainz" | "audioscrobbler" | "spotify" | "listen-webhooks" | "shopify" | "square" | "adyen" | "poslog" | "sale-webhooks";
      /** Of when it happened. */
      from: string;
      /** The last moment of it. */
      to: string;
      /** False: what reads otherwise is changed. */
      dryRun?: boolean;
      cursor?: string;
    };
    answer: Rereading;
  };
  /** Epochs, root keys and shards as they are */
  "GET /v1/ops/keys": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: KeysStatus;
  };
  /** One step of a rotation; asked until it is done */
  "POST /v1/ops/keys/rotations": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      what: "epoch" | "root";
    };
    answer: RotationStatus;
  };
  /** Open a shard for new members, or close it */
  "POST /v1/ops/shards/{number}": {
    params: {
      number: string;
    };
    query: Record<never, never>;
    body: {
      open: boolean;
    };
    answer: KeysStatus;
  };
  /** One step of making a restored shard whole; asked until it is done */
  "POST /v1/ops/shards/{number}/restore": {
    params: {
      number: string;
    };
    query: Record<never, never>;
    body: never;
    answer: RestoreStatus;
  };
  /** What an erasure has done, step by step, and what is still to come */
  "GET /v1/receipts/{id}": {
    params: {
      id: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Receipt;
  };
  /** Erase for a member who asked for it: everything, a connection, or a window of time */
  "POST /v1/ops/erasures": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: {
      member: string;
      scope: {
        kind: "member";
      } | {
        kind: "connection";
        connection: string;
      } | {
        kind: "workouts" | "samples" | "listens";
        from: string;
        to: string;
      };
      /** Stands in the log, for the member to read. */
      reason: string;
    };
    answer: Receipt;
  };
  /** A member's workouts that are held back from boards, with the reasons */
  "GET /v1/ops/holds/{member}": {
    params: {
      member: string;
    };
    query: {
      limit?: number;
      cursor?: string;
    };
    body: never;
    answer: {
      items: (Workout)[];
      next: string | null;
    };
  };
  /** Let a held workout count, as long as its values come from the records it has now */
  "POST /v1/ops/holds/{member}/{workout}/clear": {
    params: {
      member: string;
      workout: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Decided;
  };
  /** Take a clearing back */
  "DELETE /v1/ops/holds/{member}/{decision}": {
    params: {
      member: string;
      decision: string;
    };
    query: Record<never, never>;
    body: never;
    answer: Decided;
  };
  /** The log by member, actor, action and date */
  "GET /v1/audit/entries": {
    params: Record<never, never>;
    query: {
      limit?: number;
      cursor?: string;
      action?: "view" | "edit" | "delete" | "admin";
      from?: string;
      /** Both times included. */
      to?: string;
      /** Leads to their entries as long as they are a member. */
      member?: string;
      actor?: string;
      /** ndjson and csv: a page, to keep. */
      format?: "json" | "ndjson" | "csv";
    };
    body: never;
    answer: {
      items: (AuditEntry)[];
      next: string | null;
    };
  };
  /** Entries as they were hashed: the bundle of the tile with this number */
  "GET /v1/audit/logs/{log}/entries/{n}": {
    params: {
      log: string;
      n: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** The logs of who looked, their sizes and the keys that sign them */
  "GET /v1/logs": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      items: (Log)[];
      next: null;
    };
  };
  /** A log's newest signed checkpoint */
  "GET /log/{log}/checkpoint": {
    params: {
      log: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** A hash tile of a log: level, number, width */
  "GET /log/{log}/tile/{path}": {
    params: {
      log: string;
      path: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** A checkpoint that the witness co-signed, by its number */
  "GET /log/{log}/witnessed/{path}": {
    params: {
      log: string;
      path: string;
    };
    query: Record<never, never>;
    body: never;
    answer: string;
  };
  /** Is the edge up, and can it reach its warehouse? */
  "GET /healthz": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: {
      ok: true;
    };
  };
  /** This description */
  "GET /openapi.json": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: unknown;
  };
  /** The same, to read */
  "GET /docs": {
    params: Record<never, never>;
    query: Record<never, never>;
    body: never;
    answer: unknown;
  };
}

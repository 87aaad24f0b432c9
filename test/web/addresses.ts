/** Every address that the pages have, by who opens it there. Those of one thing need its id. */
export const addresses = {
  visitor: ["/leaderboard", "/leaderboard/challenges", "/leaderboard/teams"],
  Ada: [
    ...["/leaderboard", "/leaderboard/mine", "/leaderboard/challenges", "/leaderboard/teams"],
    ...["/day", "/workouts", "/workouts/add", "/workouts/decisions"],
    ...[
      "/data",
      "/data/connections",
      "/data/connections/new",
      "/data/devices",
      "/data/consents",
      "/data/log",
    ],
    ...["/data/zones", "/data/shares", "/data/export", "/data/erase"],
  ],
  coach: ["/coach"],
  operator: [
    ...["/operations", "/operations/flow", "/operations/archive", "/operations/letters"],
    ...["/operations/alerts", "/operations/bill", "/operations/members", "/operations/keys"],
  ],
  auditor: ["/audit"],
  artist: ["/artist"],
  merchandiser: ["/stores"],
} as const;

export type Looker = keyof typeof addresses;

/** The systems that are deployed from here; they share nothing. */
export const environments = ["production", "preview"] as const;
export type Environment = (typeof environments)[number];

export const otherThan = (environment: Environment): Environment =>
  environment === "production" ? "preview" : "production";

/** What one says for itself; not in the repository. */
export const settingsFile = (environment: Environment): string => `deploy.${environment}.json`;

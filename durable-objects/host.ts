/** What an object's flow stands on: the platform's own storage, or a copy of it that a test drives. */
export type ObjectStorage = Pick<
  DurableObjectStorage,
  "sql" | "transactionSync" | "getAlarm" | "setAlarm" | "deleteAlarm"
>;

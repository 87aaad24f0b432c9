/** An object of a body, and its keys as they are compared: however they were written. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (v: unknown): v is Fields =>
  typeof v === "object" && v !== null && !Array.isArray(v);

export const plain = (key: string): string => key.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

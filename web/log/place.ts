/** Where an entry stands in the log, and whether that can be proven yet. */
export interface Place {
  readonly log: string;
  readonly index: string;
}

/** An entry's name, "0/12". */
export function placeOf(entry: string): Place {
  const [log = "", index = ""] = entry.split("/");
  return { log, index };
}

/** "/v1/access-log/0/12/proof": null, if it is of another form. */
export function placeOfProof(proof: string): Place | null {
  const [, log, index] = /^\/v1\/access-log\/(\d+)\/(\d+)\/proof$/.exec(proof) ?? [];
  return log === undefined || index === undefined ? null : { log, index };
}

export const proofName = ({ log, index }: Place): string => `${log}-${index}.tlog-proof`;

interface LogSize {
  readonly log: number;
  readonly witnessed: number;
}

/** Whether a proof can be had: a witness has signed a log that holds it. Null: the log is not known. */
export function isWitnessed(
  { log, index }: Place,
  logs: readonly LogSize[] | undefined,
): boolean | null {
  const found = logs?.find((one) => one.log === Number(log));
  return found === undefined ? null : Number(index) < found.witnessed;
}

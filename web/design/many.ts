/** "1 ledger", "3 ledgers", "1,204 entries". */
import { number } from "./format.ts";

export const many = (n: number, one: string, more = `${one}s`): string =>
  `${number(n)} ${n === 1 ? one : more}`;

/** What one of a stream costs its ledger (streams.ts): sales. */
import type { Result } from "./measure.ts";
import { streamBench } from "./streams.ts";

export const sales = (): Promise<Result> => streamBench("sales");

/** What one of a stream costs its ledger (streams.ts): listens. */
import type { Result } from "./measure.ts";
import { streamBench } from "./streams.ts";

export const listens = (): Promise<Result> => streamBench("listens");

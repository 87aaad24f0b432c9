/**
 * A closed board as the archive made it. Which version is the current one is asked for each read, and
 * where its object is gone, because a newer one took its place meanwhile, once more.
 */
import type { BoardReader } from "../../domain/board-ports.ts";
import { closedBoard } from "../../durable-objects/closed-boards.ts";
import { ClosedFault, closedReader } from "../../kernel/boards/closed.ts";
import { type Ports, Unavailable } from "./ports.ts";

/** Versions that one read begins with. */
const versionsMax = 3;

/** `otherwise` answers while no version was made. */
export function closedBoardOf(
  { sql, closed }: Pick<Ports, "sql" | "closed">,
  stream: string,
  period: string,
  otherwise: BoardReader,
): BoardReader {
  async function read<T>(ask: (reader: BoardReader) => Promise<T>): Promise<T> {
    for (let i = 0; i < versionsMax; i++) {
      const made = await sql((db) => closedBoard(db, stream, period));
      if (made === null) return ask(otherwise);
      try {
        return await ask(closedReader(closed, made));
      } catch (error) {
        if (!(error instanceof ClosedFault) || error.kind !== "gone") throw error;
      }
    }
    throw new Unavailable("boards.closed", null);
  }
  return {
    top: (...asked) => read((reader) => reader.top(...asked)),
    place: (...asked) => read((reader) => reader.place(...asked)),
    among: (...asked) => read((reader) => reader.among(...asked)),
  };
}

/** Of a period that has not begun, or that nobody did anything in. */
export const nobody: BoardReader = {
  top: async () => ({ scores: [], ahead: 0, total: 0 }),
  place: async () => null,
  among: async () => [],
};

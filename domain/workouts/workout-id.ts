/** What a workout is called: after its anchor, so that whoever has a record's id can ask for its workout. */
import type { FactId } from "../identity.ts";

const idChars = 26;
const idMark = "w_";

export const idOf = (anchor: FactId): string => `${idMark}${anchor.slice(0, idChars)}`;
/** What the anchor's own id begins with; of a text that is no such id, something no fact has. */
export const factPrefixOf = (id: string): string =>
  id.startsWith(idMark) && id.length > idMark.length ? id.slice(idMark.length) : "~";

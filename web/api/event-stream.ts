/**
 * Server-sent events as text (HTML, section 9.2), for a stream that is read by `fetch`: an
 * `EventSource` cannot send a token. Pure: what came so far in, whole events and the rest out.
 */

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

export interface Heard {
  readonly events: readonly StreamEvent[];
  /** The newest id, to come back with; null: none was said. */
  readonly lastId: string | null;
  /** How long to wait before coming back; null: it was not said. */
  readonly retryMs: number | null;
  /** What is no whole block yet. */
  readonly rest: string;
}

/** An event longer than that is none of ours. */
const restCharsMax = 1_000_000;

const blockEnd = /\r\n\r\n|\n\n|\r\r/;
const lineEnd = /\r\n|\n|\r/;

export function eventsIn(text: string): Heard {
  const blocks = text.split(blockEnd);
  const rest = blocks.pop() ?? "";
  if (rest.length > restCharsMax) throw new RangeError("an event without an end");
  const events: StreamEvent[] = [];
  let lastId: string | null = null;
  let retryMs: number | null = null;
  for (const block of blocks) {
    const said = fieldsOf(block);
    lastId = said.get("id")?.at(-1) ?? lastId;
    const retry = said.get("retry")?.at(-1) ?? "";
    if (/^\d{1,6}$/.test(retry)) retryMs = Number(retry);
    const data = said.get("data");
    if (data !== undefined)
      events.push({ event: said.get("event")?.at(-1) ?? "message", data: data.join("\n") });
  }
  return { events, lastId, retryMs, rest };
}

/** A line that begins with a colon is a comment: it says that somebody is still there. */
function fieldsOf(block: string): ReadonlyMap<string, string[]> {
  const said = new Map<string, string[]>();
  for (const line of block.split(lineEnd)) {
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name !== "") said.set(name, [...(said.get(name) ?? []), value]);
  }
  return said;
}

/**
 * A board's top over a WebSocket for as long as it is looked at. A socket that closes, or that does not
 * answer a ping, is opened again, each time after a longer wait; coming back online ends the wait.
 */
import { useEffect, useRef, useState } from "react";
import { pathOf } from "../../api/client.ts";
import { type LiveTop, parseLive, waitMs } from "./live-top.ts";

/** off: not asked for. down: it was tried, and there is none just now. */
export type LiveState = "off" | "connecting" | "live" | "down";

const pingEveryMs = 20_000;
/** Without a word for so long after a ping it is dead. */
const silentMsMax = 10_000;

interface Hears {
  top(top: LiveTop): void;
  state(state: LiveState): void;
}

/** Returns what ends it. */
function listen(address: string, hears: Hears): () => void {
  let socket: WebSocket | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let tried = 0;
  const ended = new AbortController();
  const { signal } = ended;

  const open = () => {
    clearTimeout(waiting);
    const own = new WebSocket(address);
    socket = own;
    own.addEventListener("open", () => {
      tried = 0;
      if (!signal.aborted) hears.state("live");
    });
    own.addEventListener("message", ({ data }) => {
      clearTimeout(silence);
      const top = parseLive(data);
      if (top !== null && socket === own) hears.top(top);
    });
    own.addEventListener("close", () => lost(own));
  };
  const lost = (own: WebSocket | null) => {
    if (signal.aborted || own === null || socket !== own) return;
    clearTimeout(silence);
    socket = null;
    hears.state("down");
    waiting = setTimeout(open, waitMs(tried++, Math.random()));
  };
  const ping = setInterval(() => {
    const own = socket;
    if (own?.readyState !== WebSocket.OPEN) return;
    own.send("ping");
    clearTimeout(silence);
    silence = setTimeout(() => {
      // The other end is not waited for: it may be gone.
      lost(own);
      own.close();
    }, silentMsMax);
  }, pingEveryMs);
  const back = () => {
    if (socket === null) open();
  };
  addEventListener("online", back, { signal });
  open();
  return () => {
    ended.abort();
    clearInterval(ping);
    clearTimeout(waiting);
    clearTimeout(silence);
    socket?.close();
    socket = null;
  };
}

export interface Live {
  readonly state: LiveState;
  readonly top: LiveTop | null;
  /** When `top` was said. */
  readonly atMs: number;
}

const none: Live = { state: "off", top: null, atMs: 0 };

interface Watched {
  readonly board: string;
  readonly period: string;
  readonly limit: number;
  readonly isOn: boolean;
}

/** What was heard, and of what: a board's top is never shown as another's. */
interface Heard extends Live {
  readonly of: string;
}

export function useLive(watched: Watched, onTop: (top: LiveTop) => void): Live {
  const { board, period, limit, isOn } = watched;
  const of = `${board} ${period} ${limit} ${isOn}`;
  const [heard, setHeard] = useState<Heard>({ ...none, of });
  const told = useRef(onTop);
  told.current = onTop;
  useEffect(() => {
    setHeard({ ...none, of, state: isOn ? "connecting" : "off" });
    if (!isOn) return;
    const asked = { params: { board }, query: { period, limit } };
    const path = pathOf("GET /v1/leaderboards/{board}/live", asked);
    const address = new URL(path, location.origin.replace(/^http/, "ws"));
    return listen(address.href, {
      state: (state) => setHeard((before) => ({ ...before, state })),
      top(top) {
        setHeard({ of, state: "live", top, atMs: Date.now() });
        told.current(top);
      },
    });
  }, [board, period, limit, isOn, of]);
  // What is watched is another one before the effect says so.
  return heard.of === of ? heard : none;
}

/** Ticks each second for whoever looks; nobody has it read to them second by second. */
import { useNow } from "../../design/use-now.ts";
import { clockOf, countdownOf, type Lasts } from "./countdown.ts";

const secondMs = 1_000;

export function Timer({ lasts }: { readonly lasts: Lasts }) {
  const nowMs = useNow(secondMs);
  const left = countdownOf(lasts, nowMs);
  if (left === null) return null;
  if (left.to === "elsewhere") return <span>Over where you are, and still on elsewhere</span>;
  return (
    <span role="timer" aria-live="off" className="timer">
      <span className="soft">{left.to === "begin" ? "Begins in" : "Ends in"}</span>{" "}
      <b>{clockOf(left.ms)}</b>
    </span>
  );
}

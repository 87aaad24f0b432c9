/** The deeds above a list of what was parked, and how far they are. */
import { Button } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { Meter } from "../../design/meter.tsx";
import type { Replays } from "./replays.ts";

interface ReplayingProps {
  readonly replays: Replays;
  readonly ids: readonly string[];
}

export function Replaying({ replays, ids }: ReplayingProps) {
  const { done, total, said } = replays;
  const isBusy = total > 0;
  const results = Object.values(said);
  return (
    <div className="stack">
      <div className="row">
        <Button
          isDisabled={ids.length === 0}
          isPending={isBusy}
          onPress={() => void replays.run(ids)}
        >
          Replay all shown
        </Button>
        {isBusy ? (
          <Button kind="quiet" onPress={replays.stop}>
            Stop after this one
          </Button>
        ) : null}
      </div>
      {isBusy ? (
        <Meter
          label="Replayed"
          value={done}
          max={total}
          text={`${number(done)} of ${number(total)}`}
        />
      ) : null}
      <div role="status">
        {isBusy ? (
          <p className="small soft">
            {number(done)} of {number(total)} replayed.
          </p>
        ) : results.length === 0 ? null : (
          <p className="note">{results.length === 1 ? results[0] : summed(results)}</p>
        )}
      </div>
    </div>
  );
}

const summed = (results: readonly string[]): string => {
  const stay = results.filter((one) => one.startsWith("Stays")).length;
  return `${number(results.length)} replayed: ${number(results.length - stay)} went through, ${number(stay)} stay.`;
};

/** Teams: how they stand against each other, and my own. */
import { useState } from "react";
import { periodBefore } from "../../../domain/boards.ts";
import { useApi, useList } from "../../api/queries.ts";
import { Segments } from "../../design/controls.tsx";
import { useNow } from "../../design/use-now.ts";
import { measureName } from "./amounts.ts";
import { type MeasureName, measures, periodDays, runningPeriod } from "./choice.ts";
import { Frame, MembersAct } from "./frame.tsx";
import { MyTeams } from "./my-teams.tsx";
import { TeamBoard } from "./team-board.tsx";
import { mayAsk, useViewer } from "./use-viewer.ts";

const tickMs = 60_000;
/** Sums over teams are reckoned anew every three quarters of a minute at most. */
const standingsEveryMs = 15_000;
const pageSize = 50;
type Which = "this" | "last";
const weeks: readonly { readonly id: Which; readonly name: string }[] = [
  { id: "this", name: "This week" },
  { id: "last", name: "Last week" },
];

export function TeamsPage() {
  const nowMs = useNow(tickMs);
  const viewer = useViewer();
  const isMember = mayAsk(viewer);
  const [measure, setMeasure] = useState<MeasureName>("distance");
  const [which, setWhich] = useState<Which>("this");
  const running = runningPeriod("week", nowMs);
  const week = which === "this" ? running : (periodBefore(running) ?? running);
  const standings = useList(
    "GET /v1/teams/standings",
    { query: { measure, week, limit: pageSize } },
    { everyMs: standingsEveryMs },
  );
  const teams = useApi("GET /v1/teams", undefined, { enabled: isMember });
  const mine = new Set(teams.data?.items.map(({ id }) => id));
  return (
    <Frame>
      <div className="choices">
        <Segments
          label="Measure"
          choices={measures.map((id) => ({ id, name: measureName(id) }))}
          value={measure}
          onChange={setMeasure}
        />
        <Segments label="Week" choices={weeks} value={which} onChange={setWhich} />
        <span className="small soft">{periodDays(week)}</span>
      </div>
      <div className="board-grid">
        <TeamBoard list={standings} teams={isMember ? teams : null} mine={mine} />
        <div className="aside">
          <MembersAct viewer={viewer} what="To make a team or join one" />
          {isMember ? <MyTeams teams={teams} standings={standings} /> : null}
        </div>
      </div>
    </Frame>
  );
}

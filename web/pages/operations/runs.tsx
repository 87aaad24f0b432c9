/** What the archive was asked to do, every night by itself or by an operator. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { makeOld, useApi, useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { isUnderWay, type Run, runMood, runState, runTitle } from "./run-said.ts";
import { workMs } from "./watch.ts";

const columns = [
  { key: "what", name: "What" },
  { key: "state", name: "State" },
  { key: "asked", name: "Asked" },
  { key: "finished", name: "Finished" },
];
const shownMax = 10;

export function RunsCard() {
  const [isBusy, setBusy] = useState(false);
  const runs = useList(
    "GET /v1/ops/runs",
    { query: { limit: shownMax } },
    { everyMs: isBusy ? workMs : false },
  );
  const now = runs.data?.items.some(isUnderWay) ?? false;
  if (now !== isBusy) setBusy(now);
  const [newest] = runs.data?.items ?? [];
  useEndsOf(newest);
  const last = useApi(
    "GET /v1/ops/runs/{id}",
    { params: { id: newest?.id ?? "" } },
    { enabled: newest !== undefined, everyMs: isBusy ? workMs : false },
  );
  return (
    <Card
      id="runs"
      title="Runs"
      query={runs}
      others={[last]}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          The archive was not asked for anything yet. Every night at 02:23 UTC it settles by itself.
        </p>
      }
      rows={4}
    >
      {({ items }) => (
        <>
          <WideTable label="Runs, the newest first" columns={columns} rows={items.map(rowOf)} />
          {last.data === undefined || last.data.faults.length === 0 ? null : (
            <p className="note warn">
              {many(last.data.faults.length, "object")} stood in the way of the newest run.{" "}
              <Link href={`/operations/archive/${last.data.id}`}>Which</Link>
            </p>
          )}
          <More list={runs} />
        </>
      )}
    </Card>
  );
}

/** What a run has changed is looked up again once it is over, however short it was. */
function useEndsOf(newest: Run | undefined): void {
  const client = useQueryClient();
  const end = newest === undefined ? null : `${newest.id} ${newest.finishedAt}`;
  const former = useRef(end);
  useEffect(() => {
    const isFirst = former.current === null;
    former.current = end;
    if (isFirst || end === null || end.endsWith("null")) return;
    void makeOld(client, ["GET /v1/ops/partitions", "GET /v1/ops/drift", "GET /v1/ops/balance"]);
  }, [client, end]);
}

const rowOf = (run: Run) => ({
  key: run.id,
  cells: {
    what: <Link href={`/operations/archive/${run.id}`}>{runTitle(run)}</Link>,
    state: <Badge mood={runMood(run)}>{runState(run)}</Badge>,
    asked: moment(run.askedAt),
    finished: run.finishedAt === null ? "–" : moment(run.finishedAt),
  },
});

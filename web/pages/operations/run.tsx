/** One run: how far it is, and the objects that stood in its way. */
import { useState } from "react";
import { Link, useParams } from "wouter";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment, number, words } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { Meter } from "../../design/meter.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { useBalance } from "./balance.tsx";
import { isUnderWay, runMood, runState, runTitle } from "./run-said.ts";
import { workMs } from "./watch.ts";

const columns = [
  { key: "object", name: "Object" },
  { key: "fault", name: "Fault" },
  { key: "at", name: "Found" },
];

export function RunPart() {
  const { run: id = "" } = useParams<{ run: string }>();
  const [isBusy, setBusy] = useState(true);
  const run = useApi(
    "GET /v1/ops/runs/{id}",
    { params: { id } },
    { everyMs: isBusy ? workMs : false },
  );
  const balance = useBalance();
  const now = run.data !== undefined && isUnderWay(run.data);
  if (run.data !== undefined && now !== isBusy) setBusy(now);
  return (
    <>
      <p>
        <Link href="/operations/archive">← All runs</Link>
      </p>
      <Card id="run" title="One run" query={run} others={[balance]} rows={5}>
        {(data) => (
          <>
            <p className="row">
              <strong>{runTitle(data)}</strong>
              <Badge mood={runMood(data)}>{runState(data)}</Badge>
            </p>
            <Meter
              label="How far it is"
              text={runState(data)}
              value={data.finishedAt === null ? data.done : 1}
              max={data.finishedAt === null ? data.total : 1}
            />
            <p className="small soft">
              Asked {moment(data.askedAt)}
              {data.startedAt === null ? "" : `, begun ${moment(data.startedAt)}`}
              {data.finishedAt === null ? "" : `, finished ${moment(data.finishedAt)}`}.
              {balance.data === undefined
                ? ""
                : ` ${many(balance.data.archive.dirty, "partition")} wait to be settled.`}
            </p>
            {data.faults.length === 0 ? (
              <p>Nothing stood in its way.</p>
            ) : (
              <>
                <p className="note warn">
                  {number(data.faults.length)} found damaged. Nothing of them was written over; each
                  is made anew from its ledgers by itself.
                </p>
                <WideTable
                  label="Objects that stood in the way"
                  columns={columns}
                  rows={data.faults.map(({ object, fault, at }) => ({
                    key: `${object} ${at}`,
                    cells: { object: <code>{object}</code>, fault: words(fault), at: moment(at) },
                  }))}
                />
              </>
            )}
          </>
        )}
      </Card>
    </>
  );
}

/** The archive's partitions by day, those with damage alone, and making one anew from its ledgers. */
import { useState } from "react";
import { Link } from "wouter";
import type { Answer } from "../../api/client.ts";
import { useDeed, useList } from "../../api/queries.ts";
import { bytes } from "../../design/bytes.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Badge, Button, Confirm, Segments } from "../../design/controls.tsx";
import { dayName, moment, number } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { useBalance } from "./balance.tsx";

type Partition = Answer<"GET /v1/ops/partitions">["items"][number];

const shownMax = 30;
const columns = [
  { key: "partition", name: "Partition" },
  { key: "state", name: "State" },
  { key: "rows", name: "Facts", isNumber: true },
  { key: "resolved", name: "Resolved", isNumber: true },
  { key: "bytes", name: "Size", isNumber: true },
  { key: "settled", name: "Settled" },
  { key: "deed", name: "" },
];
const choices = [
  { id: "all", name: "All" },
  { id: "damaged", name: "Damaged" },
] as const;

export function PartitionsCard() {
  const [only, setOnly] = useState<"all" | "damaged">("all");
  const [chosen, choose] = useState<Partition | null>(null);
  const query = { limit: shownMax, ...(only === "damaged" ? { damaged: "true" as const } : {}) };
  const partitions = useList("GET /v1/ops/partitions", { query });
  const balance = useBalance();
  return (
    <Card
      id="partitions"
      title="Partitions"
      query={partitions}
      others={[balance]}
      aside={
        <Segments label="Which partitions" choices={choices} value={only} onChange={setOnly} />
      }
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          {only === "damaged"
            ? "No partition is damaged."
            : "There are none yet: the first run makes them of what has landed."}
        </p>
      }
      rows={6}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Partitions by stream, day and bucket"
            columns={columns}
            rows={items.map((one) => rowOf(one, () => choose(one)))}
          />
          {balance.data === undefined ? null : (
            <p className="small soft">
              Of all: {many(balance.data.archive.dirty, "partition")} with something new,{" "}
              {number(balance.data.archive.damaged)} damaged.
            </p>
          )}
          <More list={partitions} />
          <Rebuild chosen={chosen} onClose={() => choose(null)} />
        </>
      )}
    </Card>
  );
}

const nameOf = ({ stream, day, bucket }: Partition) =>
  `${stream}, ${dayName(day)}, bucket ${bucket}`;

function rowOf(one: Partition, choose: () => void) {
  const { stream, day, bucket, damaged, dirty, settledAt } = one;
  return {
    key: `${stream} ${day} ${bucket}`,
    cells: {
      partition: nameOf(one),
      state:
        damaged === null ? (
          <Badge mood={dirty ? "info" : "good"}>{dirty ? "Something new" : "Settled"}</Badge>
        ) : (
          <>
            <Badge mood="bad">Damaged</Badge> <code>{damaged}</code>
          </>
        ),
      rows: number(one.factsRows),
      resolved: number(one.resolvedRows),
      bytes: bytes(one.factsBytes + one.resolvedBytes),
      settled: moment(settledAt),
      deed: (
        <Button kind="quiet" onPress={choose} aria-label={`Rebuild ${nameOf(one)}`}>
          Rebuild
        </Button>
      ),
    },
  };
}

interface RebuildProps {
  readonly chosen: Partition | null;
  readonly onClose: () => void;
}

function Rebuild({ chosen, onClose }: RebuildProps) {
  const rebuild = useDeed("POST /v1/ops/runs", ["GET /v1/ops/runs", "GET /v1/ops/partitions"]);
  const confirm = () => {
    if (chosen === null) return;
    const { stream, day, bucket } = chosen;
    const body = { kind: "rebuild", stream, day, bucket } as const;
    rebuild.mutate({ body }, { onSuccess: onClose });
  };
  return (
    <>
      <div role="status">
        {rebuild.data === undefined ? null : (
          <p className="note">
            The rebuild stands in line.{" "}
            <Link href={`/operations/archive/${rebuild.data.id}`}>See how far it is</Link>
          </p>
        )}
      </div>
      <Confirm
        title="Rebuild this partition?"
        isOpen={chosen !== null}
        onClose={onClose}
        deed="Rebuild"
        isPending={rebuild.isPending}
        onConfirm={confirm}
      >
        {chosen === null ? null : <p>{nameOf(chosen)}</p>}
        <p>
          Each of its ledgers publishes the day again, and the partition is made of that alone. What
          is there stays until the new version is complete. It can be done again at any time.
        </p>
        {rebuild.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={rebuild.error} />
          </p>
        )}
      </Confirm>
    </>
  );
}

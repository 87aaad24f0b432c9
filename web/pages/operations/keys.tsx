/** Keys and shards as they are, and the deeds on them: rotating, opening, closing, restoring. No key is shown. */
import type { Answer } from "../../api/client.ts";
import { useApi } from "../../api/queries.ts";
import { bytes } from "../../design/bytes.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { Figure, Figures } from "../../design/figures.tsx";
import { moment, number } from "../../design/format.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { useBalance } from "./balance.tsx";
import { Rotate } from "./rotate.tsx";
import { ShardDeeds } from "./shard-deeds.tsx";
import { shardsMissing } from "./shards-missing.ts";

export type Keys = Answer<"GET /v1/ops/keys">;
type Shard = Keys["shards"][number];

const columns = [
  { key: "shard", name: "Shard" },
  { key: "state", name: "State" },
  { key: "members", name: "Members", isNumber: true },
  { key: "bytes", name: "Size", isNumber: true },
  { key: "left", name: "Keys to rewrap", isNumber: true },
  { key: "deed", name: "" },
];

export function KeysPart() {
  const keys = useApi("GET /v1/ops/keys");
  const balance = useBalance();
  return (
    <Card
      id="keys"
      title="Keys and shards"
      query={keys}
      others={[balance]}
      missing={shardsMissing}
      isEmpty={({ epoch, shards }) => epoch === 0 && shards.every(({ members }) => members === 0)}
      empty={<p className="soft">There is no member yet, so there is no key to tell of.</p>}
      rows={10}
    >
      {(data) => (
        <>
          <Figures>
            <Figure name="Epoch">{number(data.epoch)}</Figure>
            <Figure name="Epoch keys that exist">{number(data.epochs.length)}</Figure>
            <Figure name="Under a former root key">{number(data.underOldRoot)}</Figure>
          </Figures>
          <p className="small soft">
            {data.epochMadeAt === null ? "" : `The epoch key is of ${moment(data.epochMadeAt)}. `}
            It is renewed every week by itself; what was erased before is then out of reach for
            good, also in old copies of the databases.
            {balance.data === undefined
              ? ""
              : ` ${number(balance.data.ledgers)} ledgers stand beside the shards.`}
          </p>
          <Rotate />
          <WideTable label="Shards of the vault" columns={columns} rows={data.shards.map(rowOf)} />
        </>
      )}
    </Card>
  );
}

const rowOf = (one: Shard) => ({
  key: String(one.shard),
  cells: {
    shard: number(one.shard),
    state: <State shard={one} />,
    members: number(one.members),
    bytes: bytes(one.bytes),
    left: number(one.left),
    deed: <ShardDeeds shard={one} />,
  },
});

function State({ shard: { open, missing, restored } }: { readonly shard: Shard }) {
  if (missing) return <Badge mood="bad">Does not answer</Badge>;
  if (restored) return <Badge mood="bad">An old copy: closed until it is made whole</Badge>;
  return open ? <Badge mood="good">Takes new members</Badge> : <Badge>Closed to new members</Badge>;
}

/** Items that could not be read: sealed, listed without their content, and read again by today's rules. */
import type { Answer } from "../../api/client.ts";
import { api } from "../../api/client.ts";
import { useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { moment, words } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { useProviders } from "./providers.tsx";
import { Replaying } from "./replaying.tsx";
import { outcomesSaid, type Replays, staysBecause, useReplays } from "./replays.ts";

type Parked = Answer<"GET /v1/ops/parked">["items"][number];

const columns = [
  { key: "provider", name: "From" },
  { key: "reason", name: "Reason" },
  { key: "member", name: "Member" },
  { key: "at", name: "Since" },
  { key: "said", name: "What came of it" },
  { key: "deed", name: "" },
];

async function replay(id: string): Promise<string> {
  const { recorded, still } = await api("POST /v1/ops/parked/{id}/replay", { params: { id } });
  return still === null ? outcomesSaid(recorded) : staysBecause(still);
}

export function ParkedCard() {
  const parked = useList("GET /v1/ops/parked");
  const providers = useProviders();
  const replays = useReplays(replay, ["GET /v1/ops/parked", "GET /v1/ops/balance"]);
  const titleOf = (name: string) =>
    providers.data?.items.find(({ provider }) => provider === name)?.title ?? words(name);
  return (
    <Card
      id="parked"
      title="Parked items"
      query={parked}
      others={[providers]}
      isEmpty={({ items }) => items.length === 0 && Object.keys(replays.said).length === 0}
      empty={
        <p className="soft">
          None is parked. What a known account sends and nobody can read is kept here, sealed.
        </p>
      }
      rows={5}
    >
      {({ items }) => (
        <>
          <p className="small soft">
            Sealed, and shown without what is in them. Replaying reads one again by today&rsquo;s
            rules; it can be repeated, and changes nothing that stands.
          </p>
          <Replaying replays={replays} ids={items.map(({ id }) => id)} />
          <WideTable
            label="Parked items"
            columns={columns}
            rows={items.map((item) => rowOf(item, titleOf(item.provider), replays))}
          />
          <More list={parked} />
        </>
      )}
    </Card>
  );
}

function rowOf({ id, reason, member, at }: Parked, from: string, replays: Replays) {
  return {
    key: id,
    cells: {
      provider: from,
      reason: words(reason),
      member: <code>{member}</code>,
      at: moment(at),
      said: replays.said[id] ?? "–",
      deed: (
        <Button
          kind="quiet"
          isPending={replays.current === id}
          isDisabled={replays.total > 0}
          onPress={() => void replays.run([id])}
          aria-label={`Replay what ${from} sent, parked ${moment(at)}`}
        >
          Replay
        </Button>
      ),
    },
  };
}

/** Artist: what is played of an artist now, as it happens; a label chooses whose. */
import type { Answer } from "../../api/client.ts";
import { type Events, useEvents } from "../../api/use-events.ts";
import { Card } from "../../design/card.tsx";
import { Chart } from "../../design/chart.tsx";
import { Figure, Figures } from "../../design/figures.tsx";
import { clockTime, number } from "../../design/format.ts";
import { minutePoints } from "../../design/minutes.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { MembersOnly } from "../../session/members-only.tsx";
import { StaffOnly } from "../../session/staff-only.tsx";
import { useReads } from "../../session/use-reads.ts";
import { Whose } from "../../session/whose.tsx";
import "./artist.css";

type Live = Answer<"GET /v1/artists/{artist}/live">;

const minutes = 60;
const chartHeight = 180;
const rowsMax = 50;
const why = "Sign in as an artist or a label to see what is played.";

export default function ArtistPage() {
  return (
    <StaffOnly title="Artist" of="artist" or="label" why={why}>
      <MembersOnly why={why}>{() => <Places />}</MembersOnly>
    </StaffOnly>
  );
}

function Places() {
  const reads = useReads(["artist", "label"]);
  return (
    <div className="artist">
      <h1>Artist</h1>
      <Whose
        reads={reads}
        label="Artist"
        none="You were given no artist to read yet. Whoever runs Singlet does that."
      >
        {(of) => <Listens artist={of} />}
      </Whose>
    </div>
  );
}

function Listens({ artist }: { readonly artist: string }) {
  const asked = { params: { artist }, query: { minutes } };
  const live = useEvents<Live, "GET /v1/artists/{artist}/live/stream">(
    ...(["GET /v1/artists/{artist}/live/stream", asked, "live"] as const),
  );
  return (
    <>
      <NowCard live={live} />
      <div className="grid pair">
        <Card
          id="tracks"
          title="Tracks, of the last hour"
          query={live}
          isEmpty={({ tracks }) => tracks.length === 0}
          empty={nothing}
          rows={6}
        >
          {({ tracks }) => (
            <Ranking
              label="Listens by track"
              of="Track"
              all={tracks.map(({ track, listens }) => ({ name: track, listens }))}
            />
          )}
        </Card>
        <Card
          id="territories"
          title="Territories, of the last hour"
          query={live}
          isEmpty={({ territories }) => territories.length === 0}
          empty={nothing}
          rows={6}
        >
          {({ territories }) => (
            <Ranking
              label="Listens by territory"
              of="Territory"
              all={territories.map((each) => ({ ...each, name: territoryName(each.territory) }))}
            />
          )}
        </Card>
      </div>
    </>
  );
}

const nothing = <p className="soft">Nothing was played in the last hour.</p>;

const NowCard = ({ live }: { readonly live: Events<Live> }) => (
  <Card
    id="now"
    title="Listens now"
    query={live}
    missing={({ whole }) => (whole ? null : "There are more tracks than are told apart here.")}
    rows={11}
  >
    {({ at, listens, listensDay, timeline }) => (
      <>
        <Figures>
          <Figure name="In the last hour">{number(listens)}</Figure>
          <Figure name="In the last 24 hours">{number(listensDay)}</Figure>
        </Figures>
        <Chart
          label="Listens by minute, of the last hour"
          kind="bar"
          series={[{ key: "n", name: "Listens" }]}
          points={minutePoints(timeline, at, minutes, (one) => one.listens)}
          height={chartHeight}
          isCount
        />
        <p className="small soft">
          As of {clockTime(Date.parse(at))}, approximate: of what devices have sent so far.
          Royalties go by exact totals, settled at night.
        </p>
      </>
    )}
  </Card>
);

interface RankingProps {
  readonly label: string;
  readonly of: string;
  readonly all: readonly { readonly name: string; readonly listens: number }[];
}

const Ranking = ({ label, of, all }: RankingProps) => (
  <WideTable
    label={label}
    columns={[
      { key: "name", name: of },
      { key: "listens", name: "Listens", isNumber: true },
    ]}
    rows={all.slice(0, rowsMax).map(({ name, listens }) => ({
      key: name,
      cells: { name, listens: number(listens) },
    }))}
  />
);

const territories = new Intl.DisplayNames(undefined, { type: "region" });
const territoryName = (code: string): string =>
  code === "ZZ" ? "Nobody said" : (territories.of(code) ?? code);

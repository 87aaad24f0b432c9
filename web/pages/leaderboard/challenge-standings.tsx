/** Who stands where in a challenge, and once it is settled, how far the live standings were from it. */
import type { Answer } from "../../api/client.ts";
import type { useList } from "../../api/queries.ts";
import { Card, type Loaded } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment, number } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { useNow } from "../../design/use-now.ts";
import { WideTable } from "../../design/wide-table.tsx";
import { amount, place } from "./amounts.ts";
import { Standings } from "./standings.tsx";
import { useChanges } from "./use-changes.ts";

type Page = Answer<"GET /v1/challenges/{id}/standings">;
type Standing = Page["items"][number];
type Final = NonNullable<Page["final"]>;
const tickMs = 30_000;

interface ChallengeStandingsProps {
  readonly list: ReturnType<typeof useList<"GET /v1/challenges/{id}/standings">>;
  /** Null: who looks is not in it. */
  readonly mine: Loaded<Page> | null;
  readonly me: string | null;
  readonly isJoined: boolean;
}

export function ChallengeStandings(props: ChallengeStandingsProps) {
  const { list, mine, isJoined } = props;
  return (
    <Card
      id="standings"
      title="Standings"
      query={list}
      others={mine === null ? [] : [mine]}
      isEmpty={({ items }) => items.length === 0}
      empty={<NobodyYet isJoined={isJoined} />}
      aside={<Badge>{list.data?.first.final ? "Final" : "Looked up as it goes"}</Badge>}
      rows={10}
    >
      {({ first, items }) => <Rows {...props} first={first} items={items} />}
    </Card>
  );
}

interface RowsProps extends ChallengeStandingsProps {
  readonly first: Page;
  readonly items: readonly Standing[];
}

function Rows({ first, items, list, mine, me }: RowsProps) {
  const nowMs = useNow(tickMs);
  const changed = useChanges(first.challenge, items);
  const own = mine?.data?.items.find(({ member }) => member === me) ?? null;
  return (
    <>
      <Standings
        label="Standings of the challenge, best first"
        unit={first.unit}
        items={items}
        nowMs={nowMs}
        me={me}
        changed={changed}
        {...(mine === null ? {} : { pinned: own })}
      />
      <More list={list} />
      {first.final === null ? null : (
        <Differences final={first.final} unit={first.unit} items={items} />
      )}
    </>
  );
}

const NobodyYet = ({ isJoined }: { readonly isJoined: boolean }) => (
  <p className="soft">
    {isJoined
      ? "Nobody has a score yet. Yours comes with your first workout that counts by the rules."
      : "Nobody has a score yet. Whoever joins and does something that counts is the first."}
  </p>
);

interface DifferencesProps {
  readonly final: Final;
  readonly unit: string;
  readonly items: readonly Standing[];
}

/** What settling changed, for whoever wonders why they moved after the end. */
function Differences({ final, unit, items }: DifferencesProps) {
  const names = new Map(items.map(({ member, name }) => [member, name]));
  const said = (stands: Final["members"][number]["live"]) =>
    stands === null ? "not ranked" : `${place(stands.rank)}, ${amount(unit, stands.score)}`;
  return (
    <div className="stack">
      <h3>Final since {moment(final.at)}</h3>
      <p className="small">
        {final.differing === 0
          ? "Everybody stood live where they stand now."
          : `${number(final.differing)} of ${number(final.final)} stood otherwise live: something came late, was corrected or was taken back.`}
      </p>
      {final.members.length === 0 ? null : (
        <WideTable
          label="Who stood otherwise live"
          columns={[
            { key: "who", name: "Member" },
            { key: "live", name: "Live" },
            { key: "final", name: "Final" },
          ]}
          rows={final.members.map(({ member, live, final: settled }) => ({
            key: member,
            cells: {
              who: names.get(member) ?? "Somebody further down",
              live: said(live),
              final: said(settled),
            },
          }))}
        />
      )}
    </div>
  );
}

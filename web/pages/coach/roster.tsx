/** The members who let you read something, what, and until when. */
import { useEffect } from "react";
import { Link } from "wouter";
import { useList } from "../../api/queries.ts";
import { columnWords } from "../../consents/column-words.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { moment } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { type Entry, grantsOf, isGranted, nameOf, unnamed } from "./grants.ts";

export const useRoster = () => useList("GET /v1/roster");

/** One member's entry, looked for on every page of the roster. */
export function useEntry(member: string) {
  const roster = useRoster();
  const { data, error, dataUpdatedAt, refetch, hasNextPage, isFetching, fetchNextPage } = roster;
  const entry = data?.items.find((one) => one.member === member);
  const goesOn = entry === undefined && hasNextPage;
  useEffect(() => {
    if (goesOn && !isFetching && error === null) void fetchNextPage();
  }, [goesOn, isFetching, error, fetchNextPage]);
  // Before it was found, or all was read, nothing is known of it.
  const known = goesOn ? undefined : data;
  return {
    entry,
    query: { data: known, error, dataUpdatedAt, refetch },
    isSearching: known === undefined && error === null,
    /** All of it was read, and the member is not in it. */
    isAbsent: entry === undefined && known !== undefined,
  };
}

export function RosterPage() {
  const roster = useRoster();
  return (
    <div className="coach">
      <div className="stack">
        <h1>Coach</h1>
        <p className="soft">
          Members choose what you may see, for what and for how long. Each look is written into
          their log before you see anything.
        </p>
      </div>
      <Card
        id="roster"
        title="Members who let you read"
        query={roster}
        missing={({ items }) => unnamed(items)}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <p className="soft">
            Nobody lets you read anything yet. Members grant it under My data, Consents; whoever
            does appears here.
          </p>
        }
        rows={5}
      >
        {({ items }) => (
          <>
            <ul className="plain roster">
              {items.map((entry) => (
                <Member key={entry.member} entry={entry} />
              ))}
            </ul>
            <More list={roster} />
          </>
        )}
      </Card>
    </div>
  );
}

function Member({ entry }: { readonly entry: Entry }) {
  const grants = grantsOf(entry).filter(isGranted);
  const ends = grants.flatMap(({ until }) => (until === null ? [] : [until])).toSorted();
  return (
    <li>
      <Link href={`/coach/${entry.member}`} className="member">
        <strong>{nameOf(entry)}</strong>
        <span className="small soft">
          {ends[0] === undefined
            ? "Until they take it back"
            : `Some of it until ${moment(ends[0])}`}
        </span>
      </Link>
      <p className="row">
        {grants.map(({ column }) => (
          <Badge key={column} mood="good">
            {columnWords[column]}
          </Badge>
        ))}
      </p>
    </li>
  );
}

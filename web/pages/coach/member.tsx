/** One member: what they let you see and what not; then, on the record, their workouts and days. */
import { Link } from "wouter";
import { purposeWords } from "../../consents/column-words.ts";
import { Card } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { GrantedTable } from "./granted-table.tsx";
import { nameOf, openedBy, purposesOf, unnamed } from "./grants.ts";
import type { Looks } from "./index.tsx";
import { Reminder } from "./reminder.tsx";
import { useEntry } from "./roster.tsx";
import { SamplesCard } from "./samples.tsx";
import { WorkoutsCard } from "./workouts.tsx";

export interface Looking {
  readonly member: string;
  readonly looks: Looks;
}

export function MemberPage({ member, looks }: Looking) {
  const { entry, query, isSearching, isAbsent } = useEntry(member);
  const purpose = looks.purposeFor(member);
  return (
    <div className="coach">
      <div>
        <Link href="/coach">All members</Link>
        <h1>{nameOf(entry)}</h1>
      </div>
      <Card
        id="granted"
        title="What they let you see"
        query={query}
        missing={() => (entry === undefined ? null : unnamed([entry]))}
        isEmpty={() => entry === undefined}
        empty={
          <p className="soft">
            This member lets you see nothing, or not any more. They grant it under My data,
            Consents.
          </p>
        }
        rows={12}
      >
        {() => (entry === undefined ? null : <GrantedTable entry={entry} />)}
      </Card>
      {purpose === null ? (
        isSearching || (isAbsent && query.error === null) ? null : (
          <Reminder
            name={nameOf(entry)}
            purposes={entry === undefined ? [] : purposesOf(entry)}
            onLook={(chosen) => looks.begin(member, chosen)}
          />
        )
      ) : (
        <>
          <OnRecord purpose={purposeWords[purpose]} onEnd={() => looks.end(member)} />
          <WorkoutsCard member={member} />
          <SamplesCard
            member={member}
            purpose={purpose}
            opened={entry !== undefined ? openedBy(entry, purpose) : isAbsent ? [] : null}
          />
        </>
      )}
    </div>
  );
}

interface OnRecordProps {
  readonly purpose: string;
  readonly onEnd: () => void;
}

export const OnRecord = ({ purpose, onEnd }: OnRecordProps) => (
  <div className="note">
    You look on the record. Purpose: {purpose}.
    <Button kind="quiet" onPress={onEnd}>
      Change
    </Button>
  </div>
);

/** Coach: who lets you read something of theirs, and reading it, on the record. */
import { useState } from "react";
import { Route, Switch } from "wouter";
import { StaffOnly } from "../../session/staff-only.tsx";
import "../../readings/readings.css";
import "./coach.css";
import type { Purpose } from "./grants.ts";
import { MemberPage } from "./member.tsx";
import { RosterPage } from "./roster.tsx";
import { WorkoutReadings } from "./workout.tsx";

/** Whom this visit looks at, and what for: said once a member, and forgotten with the page. */
export interface Looks {
  readonly purposeFor: (member: string) => Purpose | null;
  readonly begin: (member: string, purpose: Purpose) => void;
  readonly end: (member: string) => void;
}

function useLooks(): Looks {
  const [said, setSaid] = useState<Readonly<Record<string, Purpose>>>({});
  return {
    purposeFor: (member) => said[member] ?? null,
    begin: (member, purpose) => setSaid({ ...said, [member]: purpose }),
    end: (member) => {
      const { [member]: _, ...rest } = said;
      setSaid(rest);
    },
  };
}

export default function Coach() {
  return (
    <StaffOnly title="Coach" of="coach" why="Sign in as a coach to see who lets you read.">
      <Places />
    </StaffOnly>
  );
}

function Places() {
  const looks = useLooks();
  return (
    <Switch>
      <Route path="/coach">
        <RosterPage />
      </Route>
      <Route path="/coach/:member">
        {({ member }) => <MemberPage key={member} member={member ?? ""} looks={looks} />}
      </Route>
      <Route path="/coach/:member/:workout">
        {({ member, workout }) => (
          <WorkoutReadings
            key={workout}
            member={member ?? ""}
            workout={workout ?? ""}
            looks={looks}
          />
        )}
      </Route>
    </Switch>
  );
}

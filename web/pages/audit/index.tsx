/** Audit: the log of who looked, to search and to take home, and how anybody checks it without us. */
import { StaffOnly } from "../../session/staff-only.tsx";
import "./audit.css";
import { EntriesCard } from "./entries.tsx";
import { LogsCard } from "./logs.tsx";
import { Offline } from "./offline.tsx";

export default function Audit() {
  return (
    <StaffOnly title="Audit" of="auditor" why="Sign in as an auditor to see this page.">
      <div className="audit">
        <div className="stack">
          <h1>Audit</h1>
          <p className="soft">
            Every look at a member&rsquo;s data, every change and every erasure, as it was written
            before it happened. Your own questions stand in it too.
          </p>
        </div>
        <EntriesCard />
        <LogsCard />
        <Offline />
      </div>
    </StaffOnly>
  );
}

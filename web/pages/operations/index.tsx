/** Operations: what is the matter, what came of everything that arrived, and the deeds that mend it. */
import type { ReactNode } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { StaffOnly } from "../../session/staff-only.tsx";
import { AlertsPart } from "./alerts.tsx";
import { ArchivePart } from "./archive.tsx";
import { BillPart } from "./bill.tsx";
import { FlowPart } from "./flow.tsx";
import { KeysPart } from "./keys.tsx";
import { LettersPart } from "./letters.tsx";
import { MembersPart } from "./members.tsx";
import "./operations.css";
import { ProvidersPart } from "./providers.tsx";
import { RunPart } from "./run.tsx";

interface Part {
  /** Of its address, below `/operations`. */
  readonly name: string;
  readonly title: string;
  readonly Shown: () => ReactNode;
}

const parts: readonly Part[] = [
  { name: "", title: "Providers", Shown: ProvidersPart },
  { name: "flow", title: "Flow", Shown: FlowPart },
  { name: "archive", title: "Archive", Shown: ArchivePart },
  { name: "letters", title: "Letters", Shown: LettersPart },
  { name: "alerts", title: "Alerts", Shown: AlertsPart },
  { name: "bill", title: "Bill", Shown: BillPart },
  { name: "members", title: "Members", Shown: MembersPart },
  { name: "keys", title: "Keys", Shown: KeysPart },
];

const addressOf = (name: string) => (name === "" ? "/operations" : `/operations/${name}`);

export default function Operations() {
  return (
    <StaffOnly title="Operations" of="operator" why="Sign in as an operator to see this page.">
      <div className="operations">
        <h1>Operations</h1>
        <Tabs />
        <Switch>
          <Route path="/operations/archive/:run" component={RunPart} />
          <Route path="/operations/members/:member" component={MembersPart} />
          {parts.map(({ name, Shown }) => (
            <Route key={name} path={addressOf(name)} component={Shown} />
          ))}
          <Route>
            <p className="note warn">There is no such part of this page.</p>
          </Route>
        </Switch>
      </div>
    </StaffOnly>
  );
}

function Tabs() {
  const [at] = useLocation();
  const here = at.split("/")[2] ?? "";
  return (
    <nav className="tabs" aria-label="Operations">
      {parts.map(({ name, title }) => (
        <Link
          key={name}
          href={addressOf(name)}
          {...(here === name ? { "aria-current": "page" } : {})}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}

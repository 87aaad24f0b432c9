/** My data: what is kept of a member, who sees it, and how it is taken away. A page for each question. */
import { type ReactNode, useEffect, useRef } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useNewPlace } from "../../design/use-new-place.ts";
import { MembersOnly } from "../../session/members-only.tsx";
import { Connections } from "./connections.tsx";
import { Consents } from "./consents.tsx";
import { Devices } from "./devices.tsx";
import { Erase } from "./erase.tsx";
import { Exports } from "./exports.tsx";
import { LinkNew } from "./link-new.tsx";
import { AccessLog } from "./log.tsx";
import { Overview } from "./overview.tsx";
import { ReceiptPage } from "./receipt.tsx";
import { Shares } from "./shares.tsx";
import { Zones } from "./zones.tsx";
import "./data.css";

interface Section {
  readonly path: string;
  readonly name: string;
  readonly title: string;
  readonly lead: string;
  readonly Part: () => ReactNode;
}

const sections: readonly Section[] = [
  {
    ...{ path: "/data", name: "Overview", title: "My data", Part: Overview },
    lead: "What Singlet keeps of you, who may see it, and how you take it with you or away.",
  },
  {
    ...{ path: "/data/connections", name: "Connections", title: "Connections", Part: Connections },
    lead: "The accounts your workouts and readings come from. You let each one in, and you can end it.",
  },
  {
    ...{ path: "/data/devices", name: "Devices", title: "Devices and their order", Part: Devices },
    lead: "Where two devices measured the same hour, the one further up is believed.",
  },
  {
    ...{ path: "/data/consents", name: "Consents", title: "Who may see what", Part: Consents },
    lead: "Nobody reads your heart rate, tracks or notes unless you allow it here.",
  },
  {
    ...{ path: "/data/zones", name: "Privacy zones", title: "Privacy zones", Part: Zones },
    lead: "What others never see of your tracks. You see all of it.",
  },
  {
    ...{ path: "/data/log", name: "Who looked", title: "Who looked at what", Part: AccessLog },
    lead: "Every look at your data, every change and every try, each with a proof you can keep.",
  },
  {
    ...{ path: "/data/shares", name: "Shares", title: "Shares", Part: Shares },
    lead: "Links for somebody without an account: a doctor, a physiotherapist, your family.",
  },
  {
    ...{ path: "/data/export", name: "Export", title: "Take it with you", Part: Exports },
    lead: "Everything of yours as files that other programs read.",
  },
  {
    ...{ path: "/data/erase", name: "Erase", title: "Erase", Part: Erase },
    lead: "A time that you choose, or everything. A receipt says what was done.",
  },
];

/** Reached from the page above it, and no way of its own at the top. */
const linking: Section = {
  ...{ path: "/data/connections/new", name: "Link", title: "Link an account", Part: LinkNew },
  lead: "What you record there then comes here by itself. You say what may be read.",
};

export default function Data() {
  return (
    <Switch>
      <Route path="/data/receipt/:id">{({ id }) => <ReceiptPage id={id} />}</Route>
      <Route>
        <MembersOnly why="Sign in to see what Singlet keeps of you, and who has looked at it.">
          {() => <Sections />}
        </MembersOnly>
      </Route>
    </Switch>
  );
}

function Sections() {
  useNewPlace();
  return (
    <>
      <nav className="data-nav" aria-label="My data">
        {sections.map(({ path, name }) => (
          <Entry key={path} path={path} name={name} />
        ))}
      </nav>
      <Switch>
        {[...sections, linking].map((section) => (
          <Route key={section.path} path={section.path}>
            <header className="data-head">
              <h1>{section.title}</h1>
              <p className="soft">{section.lead}</p>
            </header>
            <section.Part />
          </Route>
        ))}
        <Route>
          <h1>There is no such page</h1>
          <p>
            <Link href="/data">To my data</Link>
          </p>
        </Route>
      </Switch>
    </>
  );
}

function Entry({ path, name }: Pick<Section, "path" | "name">) {
  const [at] = useLocation();
  const isHere = at === path || (path !== "/data" && at.startsWith(`${path}/`));
  const way = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // On a phone the row is longer than the screen is wide.
    if (isHere) way.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isHere]);
  return (
    <Link ref={way} href={path} {...(isHere ? { "aria-current": "page" } : {})}>
      {name}
    </Link>
  );
}

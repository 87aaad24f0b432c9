/** The table of contents: which pages there are, who is shown which, and the frame around them. */
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { RouterProvider } from "react-aria-components";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { MayBreak } from "./design/broken.tsx";
import { type IconName, icons } from "./design/icons.tsx";
import { part } from "./offline/part.tsx";
import { WaitingLine } from "./offline/waiting-line.tsx";
import { Account } from "./session/account.tsx";
import type { Role } from "./session/session.ts";
import { SignedIn } from "./session/signed-in.tsx";
import { useRoles, useSession } from "./session/use-session.ts";

interface PageEntry {
  /** Of its address: `/name`, and whatever stands below it. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  /** Any of them opens it; none: it is for everybody. */
  readonly roles: readonly Role[];
  readonly load: () => Promise<{ default: () => ReactNode }>;
}

const pages: readonly PageEntry[] = [
  {
    name: "leaderboard",
    title: "Leaderboard",
    icon: "board",
    roles: [],
    load: () => import("./pages/leaderboard/index.tsx"),
  },
  {
    name: "day",
    title: "My day",
    icon: "day",
    roles: ["member"],
    load: () => import("./pages/day/index.tsx"),
  },
  {
    name: "workouts",
    title: "Workouts",
    icon: "workouts",
    roles: ["member"],
    load: () => import("./pages/workouts/index.tsx"),
  },
  {
    name: "data",
    title: "My data",
    icon: "data",
    roles: ["member"],
    load: () => import("./pages/data/index.tsx"),
  },
  {
    name: "coach",
    title: "Coach",
    icon: "coach",
    roles: ["coach"],
    load: () => import("./pages/coach/index.tsx"),
  },
  {
    name: "operations",
    title: "Operations",
    icon: "operations",
    roles: ["operator"],
    load: () => import("./pages/operations/index.tsx"),
  },
  {
    name: "audit",
    title: "Audit",
    icon: "audit",
    roles: ["auditor"],
    load: () => import("./pages/audit/index.tsx"),
  },
  {
    name: "artist",
    title: "Artist",
    icon: "artist",
    roles: ["artist", "label"],
    load: () => import("./pages/artist/index.tsx"),
  },
  {
    name: "stores",
    title: "Stores",
    icon: "stores",
    roles: ["merchandiser"],
    load: () => import("./pages/stores/index.tsx"),
  },
];

const shown = pages.map((page) => ({ ...page, Page: part(page.load) }));

/** Whoever is signed in sees the pages of their roles; a visitor those that signing in would open. */
function useEntries() {
  const held = useRoles();
  const isOut = useSession().state !== "in";
  return shown.filter(
    ({ roles }) =>
      roles.length === 0 ||
      roles.some((role) => held.includes(role)) ||
      (isOut && roles.includes("member")),
  );
}

export function App() {
  const [, go] = useLocation();
  const entries = useEntries();
  return (
    <RouterProvider navigate={(to) => go(to)}>
      <div className="shell">
        <a className="skip button main" href="#page">
          To the page
        </a>
        <header className="top">
          <Link href="/leaderboard" className="brand">
            <img src="/icon.svg" alt="" width="30" height="30" />
            Singlet
          </Link>
          <Account />
        </header>
        <Main />
        <nav className="nav" aria-label="Pages">
          {entries.map(({ name, title, icon }) => (
            <Entry key={name} name={name} title={title} icon={icon} />
          ))}
        </nav>
      </div>
    </RouterProvider>
  );
}

function Entry({ name, title, icon }: Pick<PageEntry, "name" | "title" | "icon">) {
  const [at] = useLocation();
  const isHere = at === `/${name}` || at.startsWith(`/${name}/`);
  return (
    <Link href={`/${name}`} {...(isHere ? { "aria-current": "page" } : {})}>
      {icons[icon]}
      {title}
    </Link>
  );
}

function Main() {
  const [at] = useLocation();
  const main = useRef<HTMLElement>(null);
  const name = at.split("/")[1] ?? "";
  const isFirst = useRef(true);
  useEffect(() => {
    const page = pages.find((each) => each.name === name);
    document.title = page === undefined ? "Singlet" : `${page.title} · Singlet`;
    // Whoever reads by ear or keyboard is taken to the page that was opened.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [name]);
  return (
    <main className="page" id="page" ref={main} tabIndex={-1}>
      <WaitingLine />
      <MayBreak at={at}>
        <Suspense fallback={<p role="status">Loading…</p>}>
          <Switch>
            <Route path="/signed-in" component={SignedIn} />
            {shown.map((page) => (
              <Route key={page.name} path={`/${page.name}/*?`} component={page.Page} />
            ))}
            <Route path="/">
              <Redirect to="/leaderboard" replace />
            </Route>
            <Route>
              <h1>There is no such page</h1>
              <p>
                <Link href="/leaderboard">To the leaderboard</Link>
              </p>
            </Route>
          </Switch>
        </Suspense>
      </MayBreak>
    </main>
  );
}

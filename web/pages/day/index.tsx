/** My day: a day at a glance, and each metric of it by day, week, month and year. */
import { Redirect, Route, Switch } from "wouter";
import { isMetric } from "../../../domain/samples/metrics.ts";
import { useNow } from "../../design/use-now.ts";
import { type Me, MembersOnly } from "../../session/members-only.tsx";
import { todayOf } from "../../session/today.ts";
import { ChartPage } from "./chart-page.tsx";
import { DayPage } from "./day-page.tsx";
import { isShownDay } from "./days.ts";
import "./day.css";

export default function Page() {
  return (
    <MembersOnly why="Your day is yours alone: sign in to see what your devices measured.">
      {(me) => <Days me={me} />}
    </MembersOnly>
  );
}

/** Today becomes yesterday, and what waits waits longer. */
const everyMs = 60_000;

function Days({ me }: { readonly me: Me }) {
  const nowMs = useNow(everyMs);
  const today = todayOf(me, nowMs);
  return (
    <Switch>
      <Route path="/day">
        <DayPage date={today} today={today} nowMs={nowMs} />
      </Route>
      <Route path="/day/:date">
        {({ date }) =>
          isShownDay(date, today) ? (
            <DayPage date={date} today={today} nowMs={nowMs} />
          ) : (
            <Redirect to="/day" replace />
          )
        }
      </Route>
      <Route path="/day/:date/:metric">
        {({ date, metric }) =>
          isShownDay(date, today) && isMetric(metric) ? (
            <ChartPage date={date} metric={metric} today={today} nowMs={nowMs} />
          ) : (
            <Redirect to="/day" replace />
          )
        }
      </Route>
    </Switch>
  );
}

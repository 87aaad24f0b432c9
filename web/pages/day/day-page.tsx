/** A day at a glance. */
import { useState } from "react";
import { addDays, type LocalDate } from "../../../domain/time.ts";
import type { Name } from "../../api/client.ts";
import { useSyncStatus } from "../../api/sync-status.ts";
import { dayName } from "../../design/format.ts";
import { AddEntry } from "../../offline/add-entry.tsx";
import { ConnectionsCard } from "./connections-card.tsx";
import { dayPath } from "./days.ts";
import { GoalsButton } from "./goals.tsx";
import { InsightsCard } from "./insights-card.tsx";
import { ActivityCard, BodyCard, VitalsCard } from "./metric-cards.tsx";
import { SleepCard } from "./sleep-card.tsx";
import { Turn } from "./turn.tsx";
import { useDay } from "./use-day.ts";
import { WorkoutsCard } from "./workouts-card.tsx";

export interface DayPageProps {
  readonly date: LocalDate;
  readonly today: LocalDate;
  readonly nowMs: number;
}

/** What is looked at anew when a connection brought something in. */
const old: readonly Name[] = [
  ...(["GET /v1/summary", "GET /v1/workouts", "GET /v1/devices"] as const),
  ...(["GET /v1/aggregates", "GET /v1/insights"] as const),
];

const nameOf = (date: LocalDate, today: LocalDate): string => {
  if (date === today) return "Today";
  return date === addDays(today, -1) ? "Yesterday" : dayName(date);
};

export function DayPage({ date, today, nowMs }: DayPageProps) {
  const day = useDay(date, nowMs);
  const [saved, setSaved] = useState("");
  useSyncStatus(old);
  const shown = { date, isOver: date < today, day };
  const name = nameOf(date, today);
  return (
    <div className="day">
      <header className="row">
        <div>
          <h1>{name}</h1>
          <p className="soft">{name === dayName(date) ? "My day" : dayName(date)}</p>
        </div>
        <AddEntry />
        <Turn span="day" date={date} today={today} to={(there) => dayPath(there, today)} />
      </header>
      <p role="status" className="only-read">
        {saved}
      </p>
      <div className="columns">
        <div className="column">
          <ActivityCard {...shown} goals={<GoalsButton onSaved={setSaved} />} />
          <WorkoutsCard day={day} />
        </div>
        <div className="column">
          <SleepCard {...shown} />
          <VitalsCard {...shown} />
        </div>
        <div className="column">
          <BodyCard {...shown} />
          <ConnectionsCard connections={day.connections} nowMs={nowMs} />
          <InsightsCard day={day} />
        </div>
      </div>
    </div>
  );
}

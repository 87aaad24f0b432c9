/** The local day where the member lives, whatever zone the browser is in. */
import { noSettings, offsetAt } from "../../domain/settings.ts";
import { type LocalDate, localDate } from "../../domain/time.ts";
import type { Me } from "./members-only.tsx";

/** As long as nothing is known of the member, the day is UTC's. */
export function todayOf(me: Pick<Me, "zones"> | undefined, nowMs: number): LocalDate {
  const zones = (me?.zones ?? []).map(({ zone, from }) => ({
    zone,
    fromMs: from === null ? Number.NEGATIVE_INFINITY : Date.parse(from),
  }));
  return localDate(nowMs, offsetAt(null, { ...noSettings, zones }, nowMs));
}

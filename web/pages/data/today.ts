/** The local day where the member lives, whatever zone the browser is in. */
import { type LocalDate, localDate, offsetIn } from "../../../domain/time.ts";
import type { Me } from "../../session/members-only.tsx";

export function todayIn(me: Pick<Me, "zones"> | undefined): LocalDate {
  const zone = me?.zones.findLast(
    ({ from }) => from === null || Date.parse(from) <= Date.now(),
  )?.zone;
  return localDate(Date.now(), zone === undefined ? 0 : offsetIn(zone, Date.now()));
}

/** A scenario in plain words. */
import { isRetractedDraft } from "../../../providers/provider.ts";
import type { Happening, Scenario } from "./scenario.ts";

const minuteMs = 60_000;
const two = (n: number) => String(n).padStart(2, "0");

export const timeOf = (ms: number): string =>
  `${two(Math.floor(ms / minuteMs))}:${two(Math.floor(ms / 1000) % 60)}`;

/** When and where it is, and how much goes wrong. */
export function headOf(scenario: Scenario): string[] {
  const { stream, startMs, people, troubles, happenings } = scenario;
  const among = new Set(happenings.flatMap((one) => ("person" in one ? [one.person] : [])));
  const shares = Object.entries(troubles).filter(([, share]) => share > 0);
  return [
    `${stream}, from ${new Date(startMs).toISOString()}, ${among.size} of ${people.length} people`,
    shares.length === 0
      ? "nothing fails"
      : `of a hundred: ${shares.map(([kind, share]) => `${kind} ${share.toFixed(1)}`).join(", ")}`,
  ];
}

export function lineOf(one: Happening, { people }: Scenario): string {
  switch (one.kind) {
    case "deliver": {
      const { provider = "" } = people[one.person]?.accounts[one.account] ?? {};
      const said = one.drafts.map((draft) =>
        isRetractedDraft(draft)
          ? `${draft.sourceId} is gone (${draft.revision})`
          : `${draft.sourceId} at ${new Date(Number(draft.fields.at)).toISOString()} (${draft.revision})`,
      );
      return `person ${one.person}'s ${provider} says: ${said.join("; ")}`;
    }
    case "settings": {
      const boards = one.onBoards ? "on boards" : "on no board";
      return `person ${one.person} lives in ${one.zone}, ${boards} (settings ${one.version})`;
    }
    case "decide": {
      const of = one.of.map(([account, sourceId]) => {
        return `${people[one.person]?.accounts[account]?.provider} ${sourceId}`;
      });
      return `person ${one.person} decides: ${one.decision} ${of.join(" and ")}`;
    }
    case "erase":
      return `person ${one.person} is erased`;
    case "leave": {
      const { provider = "" } = people[one.person]?.accounts[one.account] ?? {};
      return `what came by person ${one.person}'s ${provider} is erased`;
    }
    case "night":
      return "the nightly run begins";
    case "settle":
      return "an operator asks for a run";
    case "poison":
      return "a message that is no change lies in the queue";
    case "evict":
      return `every ${one.what} is put out of memory`;
    case "alarms-lost":
      return "the ledgers' alarms are lost";
    case "alarms-twice":
      return "the ledgers' alarms ring though none is due";
    case "skew":
      return `the clock of every ${one.what} is ${Math.round(one.ms / 1000)} s ahead`;
    case "outage":
      return `${one.port} is down for ${Math.round(one.ms / 1000)} s`;
    case "pause":
      return `nothing happens for ${Math.round(one.ms / minuteMs)} minutes`;
    case "act":
      return `the vault's act ${one.nth} by chance ${one.seed}`;
  }
}

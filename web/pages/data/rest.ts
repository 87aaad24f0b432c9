/** A line each of what there is besides the profile: how much of it, and what of it is worth knowing. */
import type { Answer } from "../../api/client.ts";
import type { AccessEntry, Export, Share } from "../../api/schema.d.ts";
import { ago } from "../../design/format.ts";
import { standingOf } from "./consent-words.ts";

export interface Known {
  readonly connections: Answer<"GET /v1/connections"> | undefined;
  readonly consents: Answer<"GET /v1/consents"> | undefined;
  readonly shares: readonly Share[] | undefined;
  readonly exports: readonly Export[] | undefined;
  readonly looks: readonly AccessEntry[] | undefined;
}

export interface Line {
  readonly path: string;
  readonly title: string;
  /** "–" while it is not known. */
  readonly number: string;
  readonly words: string;
  /** Something that the member should see to. */
  readonly isUrgent: boolean;
  readonly isNothing: boolean;
}

type Said = Pick<Line, "words"> & { readonly count: number; readonly isUrgent?: boolean };

const line = (path: string, title: string, said: Said | null): Line => ({
  ...{ path, title },
  number: said === null ? "–" : String(said.count),
  words: said?.words ?? "Not known yet",
  isUrgent: said?.isUrgent ?? false,
  isNothing: said !== null && said.count === 0 && said.isUrgent !== true,
});

export const linesOf = (known: Known, nowMs: number): readonly Line[] => [
  line("/data/connections", "Connections", connectionsSaid(known)),
  line("/data/consents", "Consents that hold", consentsSaid(known, nowMs)),
  line("/data/log", "Looks by others, of late", looksSaid(known, nowMs)),
  line("/data/shares", "Links that open", sharesSaid(known, nowMs)),
  line("/data/export", "Exports", exportsSaid(known)),
];

function connectionsSaid({ connections }: Known): Said | null {
  if (connections === undefined) return null;
  const { items } = connections;
  const broken = items.filter(({ status }) => status === "needs-reconnecting").length;
  if (broken > 0)
    return {
      count: items.length,
      words: `${broken} ${broken === 1 ? "needs" : "need"} reconnecting`,
      isUrgent: true,
    };
  const behind = items.filter(({ status }) => status === "behind").length;
  if (behind > 0) return { count: items.length, words: `${behind} behind` };
  return { count: items.length, words: items.length === 0 ? "None yet" : "All up to date" };
}

function consentsSaid({ consents }: Known, nowMs: number): Said | null {
  if (consents === undefined) return null;
  const holding = consents.items.filter(
    (one) => one.effect === "permit" && standingOf(one, nowMs) === "holds",
  );
  const [latest] = consents.breakGlass;
  if (latest !== undefined)
    return {
      count: holding.length,
      words: `An operator broke the glass ${ago(latest.at, nowMs)}`,
      isUrgent: true,
    };
  return {
    count: holding.length,
    words: holding.length === 0 ? "Nobody may read your readings" : "Others may read some of yours",
  };
}

/** Whoever opens a link has no role. Who was refused has seen nothing. */
const isOthers = ({ who, ground, deed, outcome }: AccessEntry): boolean =>
  outcome === "permitted" && ((who.role !== "" && ground !== "own") || deed === "open-share");

function looksSaid({ looks }: Known, nowMs: number): Said | null {
  if (looks === undefined) return null;
  const others = looks.filter(isOthers);
  const [latest] = others;
  return {
    count: others.length,
    words: latest === undefined ? "Nobody but you" : `The last ${ago(latest.at, nowMs)}`,
  };
}

function sharesSaid({ shares }: Known, nowMs: number): Said | null {
  if (shares === undefined) return null;
  const open = shares.filter((one) => one.revoked === null && Date.parse(one.expires) > nowMs);
  const times = open.reduce((sum, { opened }) => sum + opened, 0);
  return {
    count: open.length,
    words: open.length === 0 ? "None" : `Opened ${times} ${times === 1 ? "time" : "times"}`,
  };
}

function exportsSaid({ exports }: Known): Said | null {
  if (exports === undefined) return null;
  const ready = exports.filter(({ state }) => state === "ready").length;
  return {
    count: exports.length,
    words: exports.length === 0 ? "None" : `${ready} ready to fetch`,
  };
}

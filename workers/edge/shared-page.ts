/**
 * /shared: what opens a member's link for somebody without an account. The page is the same for
 * everybody and holds nothing of anyone's; its one script takes the code from behind the `#`, which
 * browsers send to nobody, posts it to /v1/shares/open and writes down what comes back, as text. It
 * runs by its hash, loads nothing, and speaks with nobody but us.
 */
import { type Metric, metricOf, metrics } from "../../domain/samples/metrics.ts";
import { pagePolicy } from "./page-policy.ts";

/** What people read for it; how many of ours make one; digits behind the point. */
interface Shown {
  readonly unit: string;
  readonly per?: number;
  readonly digits: number;
}
const units: Readonly<Record<string, Shown>> = {
  "1": { unit: "", digits: 0 },
  m: { unit: "km", per: 1000, digits: 2 },
  kcal: { unit: "kcal", digits: 0 },
  "/min": { unit: "per minute", digits: 0 },
  ms: { unit: "ms", digits: 0 },
  "%": { unit: "%", digits: 1 },
  "mg/dL": { unit: "mg/dL", digits: 0 },
  "mm[Hg]": { unit: "mmHg", digits: 0 },
  Cel: { unit: "°C", digits: 1 },
  kg: { unit: "kg", digits: 1 },
  s: { unit: "hours and minutes", digits: 0 },
};
/** A tenth of a breath is as much as a beat of the heart. */
const finer: Readonly<Partial<Record<Metric, number>>> = { respiratory_rate: 1 };
const folds = { sum: "total", average: "average and range", latest: "last reading" } as const;

const shownOf = (metric: Metric) => {
  const { title, fold, unit: kept } = metricOf(metric);
  const { unit, per = 1, digits } = units[kept] ?? { unit: kept, digits: 1 };
  return {
    ...{ title, unit, per, digits: finer[metric] ?? digits, how: folds[fold] },
    ...{ ranged: fold === "average", lasts: kept === "s" },
  };
};
/** As it may stand within a script. */
const known = JSON.stringify(
  Object.fromEntries(metrics.map((metric) => [metric, shownOf(metric)])),
).replaceAll("<", "\\u003c");

const style = `:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d6dbe1;--page:#fff;--band:#f5f7f9}
@media (prefers-color-scheme:dark){:root{--ink:#e3e6ea;--soft:#9aa4af;--line:#30363d;--page:#15181c;--band:#1d2127}}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--page)}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}p{margin:.4rem 0;max-width:44rem}
[hidden]{display:none}.soft,small{color:var(--soft)}small{display:block;font-size:.8em;line-height:1.35;font-weight:400}
#scroll{overflow-x:auto;margin:1.2rem 0;border:1px solid var(--line);border-radius:8px}
table{border-collapse:separate;border-spacing:0;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .8rem;text-align:right;vertical-align:top;border-top:1px solid var(--line);white-space:nowrap}
thead th{border-top:0;background:var(--band);white-space:normal;min-width:6.5rem}
th:first-child{text-align:left;position:sticky;left:0;background:var(--page);font-weight:500;min-width:0}
thead th:first-child{background:var(--band)}
button{font:inherit;padding:.4rem 1rem;border:1px solid var(--line);border-radius:6px;background:var(--band);color:inherit;cursor:pointer}
td small:has(span){min-width:13em}td span{margin-left:.5rem}td span:only-child{margin:0}td small{max-width:16em;white-space:normal;margin-left:auto}
@media (max-width:40rem){body{margin:1.2rem auto}th,td{padding:.4rem .6rem}}
@page wide{size:A4 landscape}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--band:#fff}
body{margin:0;padding:0;max-width:none;font-size:10pt}#scroll{overflow:visible;border:0}.wide{page:wide}.wide table{font-size:7pt}
th,td{padding:.2rem .3rem;position:static;white-space:normal}thead th{min-width:0}tr{break-inside:avoid}button{display:none}}`;

const script = `"use strict";
const known = ${known};
const at = (id) => document.getElementById(id);
const made = (name, text) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  return element;
};
const number = (value, digits) =>
  new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const lasting = (seconds) => {
  const minutes = Math.round(seconds / 60);
  return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
};
const clocked = (seconds) => {
  const minutes = Math.round(seconds / 60);
  return Math.floor(minutes / 60) + ":" + String(minutes % 60).padStart(2, "0");
};
const read = (metric, value) =>
  metric.lasts ? lasting(value) : number(value / metric.per, metric.digits);
const datePart = (date, parts) =>
  new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: "UTC" }).format(new Date(date + "T00:00:00Z"));
const dayOf = (date) => datePart(date, { day: "numeric", month: "short", year: "numeric" });
const momentOf = (text) =>
  new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  }).format(new Date(text));

function say(title, text, again) {
  at("title").textContent = title;
  at("text").textContent = text;
  at("again").hidden = !again;
  at("shown").hidden = true;
}

function headOf(share) {
  const row = made("tr");
  const columns = [made("th", "Day")];
  for (const type of share.types) {
    const { title, unit, how } = known[type];
    const cell = made("th", title);
    cell.append(made("small", unit === "" ? how : how + ", " + unit));
    columns.push(cell);
  }
  for (const cell of columns) cell.scope = "col";
  row.append(...columns);
  return row;
}

function stagesOf(stages) {
  const list = made("small");
  for (const [stage, seconds] of stages)
    list.append(made("span", (stage === "rem" ? "REM" : stage) + "\\u00a0" + clocked(seconds)), " ");
  return list;
}

function cellOf(metric, said) {
  if (said === undefined) return made("td", "–");
  const cell = made("td", read(metric, said.value));
  const [least, most] = [read(metric, said.min), read(metric, said.max)];
  if (metric.ranged && least !== most) cell.append(made("small", least + "–" + most));
  const stages = Object.entries(said.stages ?? {}).filter(([, seconds]) => seconds > 0);
  if (stages.length > 0) cell.append(stagesOf(stages));
  return cell;
}

function rowOf(share, day) {
  const row = made("tr");
  const date = made("th", dayOf(day.date));
  date.scope = "row";
  date.append(made("small", datePart(day.date, { weekday: "long" })));
  row.append(date, ...share.types.map((type) => cellOf(known[type], day.metrics[type])));
  return row;
}

function show(share) {
  const count = share.days.length;
  say(
    "Health data for " + share.recipient,
    dayOf(share.start) + " to " + dayOf(share.end) + ". The link is good until " + momentOf(share.expires) + ".",
    false,
  );
  at("days").textContent =
    count === 0 ? "Nothing was measured on these days."
    : (count === 1 ? "One day has" : number(count, 0) + " days have") + " something measured; the newest comes first.";
  at("scroll").hidden = count === 0;
  at("scroll").className = share.types.length > 6 ? "wide" : "";
  at("head").replaceChildren(headOf(share));
  at("body").replaceChildren(...share.days.toReversed().map((day) => rowOf(share, day)));
  at("shown").hidden = false;
}

function refuse(status) {
  if (status === 404 || status === 400)
    say("This link shows nothing", "It is not complete, it is over, or it was taken back. Ask whoever gave it to you for a new one.", false);
  else if (status === 429)
    say("Too many tries", "Links were opened too often from here. Wait some minutes, then try again.", true);
  else say("Not now", "Something is wrong on our side. Try again in a minute.", true);
}

let turn = 0;
async function open() {
  const mine = ++turn;
  const code = location.hash.slice(1).trim();
  if (code === "")
    return say("This link is not complete", "What stands behind the # is missing. Open the link as it was given to you, whole.", false);
  say("One moment", "The link is being opened.", false);
  let then;
  try {
    const answer = await fetch("/v1/shares/open", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ code }),
      credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(30000),
    });
    const share = answer.ok ? await answer.json() : null;
    then = () => (share === null ? refuse(answer.status) : show(share));
  } catch {
    then = () => say("No connection", "We could not be reached. Look to your network, then try again.", true);
  }
  // Another link was put into the address meanwhile: it has its own turn.
  if (mine === turn) then();
}
at("again").addEventListener("click", open);
addEventListener("hashchange", open);
open();`;

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shared health data</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<style>${style}</style></head><body><main>
<div role="status"><h1 id="title">Shared health data</h1><p id="text"></p></div><p><button id="again" type="button" hidden>Try again</button></p>
<noscript><p>This page needs JavaScript: the code in its address is sent nowhere until a script opens it.</p></noscript>
<div id="shown" hidden><p id="days" class="soft"></p>
<div id="scroll" role="region" aria-label="Days" tabindex="0"><table><thead id="head"></thead><tbody id="body"></tbody></table></div>
<p class="soft">Daily values of what this person's devices measured and they chose to show. A dash: nothing was measured. They are no
diagnosis. Whoever has the link sees this, and every opening stands in this person's access log.</p></div>
</main><script>${script}</script></body></html>`;

export async function sharedPage(): Promise<Response> {
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": await pagePolicy({ style, script, asksUs: true }),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex",
      "cross-origin-opener-policy": "same-origin",
    },
  });
}

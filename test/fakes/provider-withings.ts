/**
 * The fake provider's Withings: forms are posted, 200 is the answer to all of them, and what came of
 * it stands in the body's `status`. Workouts by their days; nobody was measured between them; and the
 * addresses that each account's notices go to, of which each is asked for by HEAD before it is taken.
 */
import { type Answer, type Asked, answer, formOf } from "./provider-answer.ts";
import type { Served, Workouts } from "./provider-workouts.ts";

export const withingsPaths = ["/v2/measure", "/notify", "/measure", "/v2/sleep"] as const;
const [measurePath, notifyPath, measuresPath, sleepPath] = withingsPaths;
/** What is measured between workouts, by path and action: the list that is empty. */
const unmeasured: Readonly<Record<string, string>> = {
  [`${measurePath} getactivity`]: "activities",
  [`${measuresPath} getmeas`]: "measuregrps",
  [`${sleepPath} getsummary`]: "series",
};
const dayMs = 86_400_000;
const pageMax = 100;

export interface WithingsTold {
  readonly appli: number;
  readonly callbackurl: string;
}

const well = (body: unknown): Answer => answer(200, { status: 0, body });
const badly = (status: number, error: string): Answer => answer(200, { status, body: {}, error });

export function withingsWords({ body, ...of }: Answer): Answer {
  const { error } = body as { error?: string };
  if (error === undefined) return { ...well(body), ...(of.headers ? { headers: of.headers } : {}) };
  if (error === "invalid_client") return badly(503, "Invalid Params: invalid client_id");
  if (error === "invalid_grant") return badly(503, "Invalid Params: invalid refresh_token");
  return badly(2554, "Wrong action or wrong webservice");
}

export class WithingsSide {
  readonly #workouts: Workouts;
  readonly #told = new Map<string, Map<string, WithingsTold>>();

  constructor(workouts: Workouts) {
    this.#workouts = workouts;
  }

  readonly denied = badly(
    401,
    "XRequestID: Not provided invalid_token: the access token is invalid",
  );

  /** Where this account's notices go. */
  toldOf(account: string): WithingsTold[] {
    return [...(this.#told.get(account)?.values() ?? [])];
  }

  serve(account: string, asked: Asked): Answer | Promise<Answer> {
    const form = formOf(asked);
    const action = form.get("action");
    if (asked.method !== "POST") return badly(2554, "Wrong action or wrong webservice");
    if (asked.url.pathname === measurePath && action === "getworkouts")
      return this.#listed(account, form);
    const list = unmeasured[`${asked.url.pathname} ${action}`];
    if (list !== undefined) return well({ [list]: [], more: false });
    if (asked.url.pathname !== notifyPath) return badly(2554, "Wrong action or wrong webservice");
    if (action === "list") return well({ profiles: this.toldOf(account) });
    return action === "subscribe"
      ? this.#tell(account, form)
      : badly(2554, "Wrong action or wrong webservice");
  }

  /** Days are taken as UTC's, the last one included; or what was changed since. */
  #listed(account: string, form: URLSearchParams): Answer {
    const from = Date.parse(`${form.get("startdateymd")}T00:00:00Z`);
    const to = Date.parse(`${form.get("enddateymd")}T00:00:00Z`) + dayMs - 1;
    const since = form.get("lastupdate");
    if (since === null && (Number.isNaN(from) || Number.isNaN(to)))
      return badly(503, "Invalid Params: startdateymd");
    const offset = Number(form.get("offset") ?? 0);
    const found =
      since === null
        ? this.#workouts.list(account, from, to)
        : this.#workouts.list(account).filter(({ modified }) => Number(modified) > Number(since));
    const fields = new Set((form.get("data_fields") ?? "").split(","));
    const series = found.slice(offset, offset + pageMax).map((one) => onlyAsked(one, fields));
    const more = offset + pageMax < found.length;
    return well({ series, more, offset: more ? offset + pageMax : 0 });
  }

  async #tell(account: string, form: URLSearchParams): Promise<Answer> {
    const callbackurl = form.get("callbackurl") ?? "";
    const appli = Number(form.get("appli"));
    if (!URL.canParse(callbackurl) || !(appli > 0))
      return badly(503, "Invalid Params: callbackurl, appli");
    if (!(await isThere(callbackurl)))
      return badly(293, "The callback URL is either absent or incorrect");
    const told = this.#told.get(account) ?? new Map<string, WithingsTold>();
    told.set(JSON.stringify([appli, callbackurl]), { appli, callbackurl });
    this.#told.set(account, told);
    return well({});
  }
}

/** What nobody named is left out of a workout's data. */
function onlyAsked(one: Served, fields: ReadonlySet<string>): Served {
  const data = Object.entries((one.data ?? {}) as object).filter(([name]) => fields.has(name));
  return { ...one, data: Object.fromEntries(data) };
}

async function isThere(address: string): Promise<boolean> {
  if (new URL(address).hostname !== "127.0.0.1") return false;
  const { status } = await fetch(address, { method: "HEAD" });
  return status >= 200 && status < 300;
}

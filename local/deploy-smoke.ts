/**
 * What a new version has to answer before it is left alone. Nothing is written: a member's token is
 * only shown to be one, and the delivery that is signed is of nobody.
 */
import { createHmac, randomUUID } from "node:crypto";
import { localDate, weekOf } from "../domain/time.ts";

export interface Smoke {
  readonly url: string;
  /** What the edge's description has to end with. */
  readonly release: string;
  /** A member's or an operator's; absent: what needs one is not tried, and that is said. */
  readonly token?: string;
  /** `whsec_…` of standard-webhooks, as in PROVIDER_SECRETS; absent: likewise. */
  readonly signing?: string;
}

export interface SmokePorts {
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

export type Verdict = "ok" | "wrong" | "not tried";
export interface Tried {
  readonly what: string;
  readonly verdict: Verdict;
  readonly said: string;
}

/** A version is everywhere within seconds; it is asked for so long. */
const triesMax = 12;
const betweenMs = 5_000;
const answerMsMax = 10_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(
  { fetch: get }: SmokePorts,
  url: string,
  init: RequestInit = {},
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(answerMsMax);
    const response = await get(url, { ...init, signal, redirect: "manual" });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: (error as Error).name };
  }
}

const parsed = ({ text }: Answer): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

interface Check {
  readonly what: string;
  readonly ask: (ports: SmokePorts) => Promise<Answer>;
  readonly isRight: (answer: Answer) => boolean;
}

const versionIn = (answer: Answer): string =>
  (parsed(answer) as { info?: { version?: string } } | null)?.info?.version ?? "";
const typeIn = (answer: Answer): string => (parsed(answer) as { type?: string } | null)?.type ?? "";
const itemsIn = (answer: Answer): readonly unknown[] | null => {
  const items = (parsed(answer) as { items?: unknown } | null)?.items;
  return Array.isArray(items) ? items : null;
};

/**
 * A delivery of standard-webhooks, signed as its specification says, of a type that no edition knows:
 * it is counted as received and does nothing.
 */
function delivery(nowMs: number, secret: string): RequestInit {
  const id = `msg_${randomUUID()}`;
  const at = String(Math.floor(nowMs / 1000));
  const body = JSON.stringify({
    type: "deployment.tried",
    timestamp: new Date(nowMs).toISOString(),
    data: {},
  });
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": `v1,${signature}`,
    },
  };
}

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

function checksOf({ url, release, token, signing }: Smoke): (Check | string)[] {
  const door = `${url}/webhooks/standard-webhooks`;
  return [
    {
      what: "this release answers",
      ask: (ports) => ask(ports, `${url}/openapi.json?release=${release}`),
      isRight: (a) => a.status === 200 && versionIn(a).endsWith(`+${release}`),
    },
    {
      what: "the edge reaches its warehouse",
      ask: (ports) => ask(ports, `${url}/healthz`),
      isRight: (a) => a.status === 200,
    },
    {
      what: "the vault and its log answer",
      ask: (ports) => ask(ports, `${url}/v1/logs`),
      isRight: (a) => a.status === 200 && (itemsIn(a)?.length ?? 0) > 0,
    },
    {
      what: "a leaderboard is read",
      ask: (ports) => {
        const period = weekOf(localDate(ports.nowMs(), 0));
        return ask(ports, `${url}/v1/leaderboards/distance?period=${period}&limit=1`);
      },
      isRight: (a) => a.status === 200 && itemsIn(a) !== null,
    },
    {
      what: "the pages are served",
      ask: (ports) => ask(ports, `${url}/`),
      isRight: (a) => a.status === 200 && /<!doctype html>/i.test(a.text),
    },
    {
      what: "without a token nobody is let in",
      ask: (ports) => ask(ports, `${url}/v1/me`),
      isRight: (a) => a.status === 401,
    },
    {
      what: "a forged token lets nobody in",
      ask: (ports) => ask(ports, `${url}/v1/me`, bearer("e30.e30.e30")),
      isRight: (a) => a.status === 401,
    },
    {
      what: "a forged delivery is refused",
      ask: (ports) => ask(ports, door, delivery(ports.nowMs(), "whsec_Zm9yZ2VkZm9yZ2VkZm9yZ2Vk")),
      isRight: (a) => a.status === 401 || a.status === 404,
    },
    token === undefined
      ? "a signed token is taken"
      : {
          what: "a signed token is taken",
          ask: (ports) => ask(ports, `${url}/v1/me`, bearer(token)),
          // Signed in, and perhaps no member: at a first deploy nobody is one.
          isRight: (a) => a.status === 200 || typeIn(a) === "urn:singlet:problem:not-a-member",
        },
    signing === undefined
      ? "a signed delivery is taken"
      : {
          what: "a signed delivery is taken",
          ask: (ports) => ask(ports, door, delivery(ports.nowMs(), signing)),
          isRight: (a) => a.status >= 200 && a.status < 300,
        },
  ];
}

/** Each check is tried until it is right, all together no longer than a minute or so. */
export async function smoke(asked: Smoke, ports: SmokePorts): Promise<Tried[]> {
  const tried: Tried[] = [];
  let left = triesMax;
  for (const check of checksOf(asked)) {
    if (typeof check === "string") {
      tried.push({ what: check, verdict: "not tried", said: "no secret was given for it" });
      continue;
    }
    let answer = await check.ask(ports);
    for (; !check.isRight(answer) && left > 0; left--) {
      await ports.wait(betweenMs);
      answer = await check.ask(ports);
    }
    const verdict = check.isRight(answer) ? "ok" : "wrong";
    tried.push({
      what: check.what,
      verdict,
      said: answer.status === 0 ? answer.text : `${answer.status}`,
    });
  }
  return tried;
}

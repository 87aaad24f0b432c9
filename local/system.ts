/**
 * Starts everything that a member's day needs: the issuer of tokens, the provider, the workers.
 * Stopped in the reverse order, and only what was started here.
 */
import { join } from "node:path";
import {
  type FakeProvider,
  type FakeProviderOptions,
  startFakeProvider,
} from "../test/fakes/provider.ts";
import { startIssuer } from "./issuer.ts";
import { type Runtime, type RuntimeOptions, startRuntime, type WorkerName } from "./runtime.ts";
import { keepSecrets, type LocalSecrets, loadSecrets, varsOf } from "./settings.ts";

/** As in each worker's wrangler.toml. */
const minutely = "* * * * *";
const nightly = "23 2 * * *";
const fiveMinutely = "*/5 * * * *";

export interface System {
  readonly url: string;
  readonly runtime: Runtime;
  readonly issuer: Awaited<ReturnType<typeof startIssuer>>;
  readonly provider: FakeProvider;
  readonly secrets: LocalSecrets;
  /** Stops the workers alone and starts them again over the same folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface SystemOptions {
  readonly state: string;
  readonly port?: number;
  readonly mains?: RuntimeOptions["mains"];
  readonly pages?: RuntimeOptions["pages"];
  readonly limits?: RuntimeOptions["limits"];
  readonly isMigrated?: boolean;
  readonly isInspected?: boolean;
  /** Besides, and over, what the local settings say. */
  readonly vars?: Partial<RuntimeOptions["vars"]>;
  readonly provider?: Pick<FakeProviderOptions, "latencyMs" | "requestsPerMinute">;
  readonly onLog?: (line: string) => void;
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const {
    state,
    port = 0,
    mains,
    pages = false,
    limits = {},
    isInspected = false,
    onLog,
  } = options;
  const secrets = await loadSecrets(state);
  const issuer = await startIssuer(
    secrets.issuerKey === undefined ? {} : { privateJwk: secrets.issuerKey },
  );
  const provider = await startFakeProvider({
    ...options.provider,
    ...(secrets.providerKey === undefined ? {} : { seed: secrets.providerKey }),
  });
  secrets.issuerKey = issuer.privateJwk;
  secrets.providerKey = provider.signingKey;
  await keepSecrets(state, secrets);
  const start = (on: number, isMigrated: boolean) =>
    startRuntime({
      folder: join(state, "storage"),
      ...{ pages, limits, isMigrated, isInspected },
      port: on,
      vars: withVars(varsOf(secrets, issuer.jwksUrl, provider), options.vars ?? {}),
      ...(mains === undefined ? {} : { mains }),
      ...(onLog === undefined ? {} : { onLog }),
    });
  let runtime = await start(port, options.isMigrated ?? false);
  return {
    get url() {
      return runtime.url;
    },
    get runtime() {
      return runtime;
    },
    issuer,
    provider,
    secrets,
    async restart() {
      await runtime.close();
      runtime = await start(Number(new URL(runtime.url).port), true);
    },
    async close() {
      await runtime.close();
      await provider.close();
      await issuer.close();
    },
  };
}

const withVars = (own: RuntimeOptions["vars"], more: Partial<RuntimeOptions["vars"]>) => ({
  edge: { ...own.edge, ...more.edge },
  vault: { ...own.vault, ...more.vault },
  archive: { ...own.archive, ...more.archive },
});

/** No cron fires by itself on this machine. Throws when the worker's turn failed. */
async function runCron(
  { runtime }: Pick<System, "runtime">,
  worker: WorkerName,
  cron: string,
): Promise<void> {
  const target = await runtime.mf.getWorker(`singlet-${worker}`);
  const { outcome } = await target.scheduled({ cron });
  if (outcome !== "ok") throw new Error(`the ${worker}'s turn by the clock: ${outcome}`);
}

/** The archive each minute: as the logs' witness, and it wakes runs that nobody is at. */
export const runWitness = (system: Pick<System, "runtime">): Promise<void> =>
  runCron(system, "archive", minutely);

/** The edge every five minutes: it wakes what fell silent, sees to subscriptions, raises alerts. */
export const runSweep = (system: Pick<System, "runtime">): Promise<void> =>
  runCron(system, "edge", fiveMinutely);

/** The archive each night: everything that waits is settled. One run a UTC date. */
export const beginNightly = (system: Pick<System, "runtime">): Promise<void> =>
  runCron(system, "archive", nightly);

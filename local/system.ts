/**
 * Starts everything that a member's day needs: the issuer of tokens, the provider, the workers.
 * Stopped in the reverse order, and only what was started here.
 */
import { join } from "node:path";
import { type FakeProvider, startFakeProvider } from "../test/fakes/provider.ts";
import { startIssuer } from "./issuer.ts";
import { type Runtime, type RuntimeOptions, startRuntime } from "./runtime.ts";
import { keepSecrets, type LocalSecrets, loadSecrets, varsOf } from "./settings.ts";

const witnessCron = "* * * * *";

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
  readonly onLog?: (line: string) => void;
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const { state, port = 0, mains, onLog } = options;
  const secrets = await loadSecrets(state);
  const issuer = await startIssuer(
    secrets.issuerKey === undefined ? {} : { privateJwk: secrets.issuerKey },
  );
  const provider = await startFakeProvider(
    secrets.providerKey === undefined ? {} : { seed: secrets.providerKey },
  );
  secrets.issuerKey = issuer.privateJwk;
  secrets.providerKey = provider.signingKey;
  await keepSecrets(state, secrets);
  const start = (on: number) =>
    startRuntime({
      folder: join(state, "storage"),
      port: on,
      vars: varsOf(secrets, issuer.jwksUrl, provider),
      ...(mains === undefined ? {} : { mains }),
      ...(onLog === undefined ? {} : { onLog }),
    });
  let runtime = await start(port);
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
      runtime = await start(Number(new URL(runtime.url).port));
    },
    async close() {
      await runtime.close();
      await provider.close();
      await issuer.close();
    },
  };
}

/**
 * The witness's turn: no cron fires by itself on this machine. Throws when the witness could not
 * judge what the logs published.
 */
export async function runWitness({ runtime }: Pick<System, "runtime">): Promise<void> {
  const archive = await runtime.mf.getWorker("singlet-archive");
  const { outcome } = await archive.scheduled({ cron: witnessCron });
  if (outcome !== "ok") throw new Error(`the witness: ${outcome}`);
}

/** The vault, except that its entrypoints fail when told to (faults.ts). */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type {
  KeptRequest,
  ParkedItem,
  ProviderRequest,
  ReadRequest,
  SealedRow,
} from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { VaultEnv } from "../../workers/vault/env.ts";
import vault, {
  Connect as RealConnect,
  Open as RealOpen,
  Seal as RealSeal,
} from "../../workers/vault/index.ts";
import type { VaultFaults, When } from "./faults.ts";

export { AuditLog, Cards, Log, Reveal, Work } from "../../workers/vault/index.ts";

let faults: VaultFaults = {};
let failed = 0;

async function flaky<T>(when: When | undefined, call: () => Promise<T>): Promise<T> {
  const result = when === "before" ? undefined : await call();
  if (when === undefined) return result as T;
  failed++;
  throw new Error("failing on purpose");
}

export class Seal extends RealSeal {
  override seal(member: MemberId, connection: ConnectionId, rows: readonly SealedRow[]) {
    return flaky(faults.seal, () => super.seal(member, connection, rows));
  }

  override retract(member: MemberId, rows: readonly Retraction[]) {
    return flaky(faults.retract, () => super.retract(member, rows));
  }

  override park(items: readonly ParkedItem[]) {
    return flaky(faults.seal, () => super.park(items));
  }
}

export class Open extends RealOpen {
  override readings(token: string, request: ReadRequest) {
    return flaky(faults.open, () => super.readings(token, request));
  }
}

export class Connect extends RealConnect {
  override request(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    request: ProviderRequest | KeptRequest,
  ) {
    return flaky(faults.connect, () => super.request(member, connection, provider, request));
  }
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/__faults") return vault.fetch();
    if (request.method === "POST") [faults, failed] = [await request.json(), 0];
    return Response.json({ failed });
  },
  scheduled: vault.scheduled,
} satisfies ExportedHandler<VaultEnv>;

/**
 * A handshake of AudioScrobbler 1.2 and the session that it opens. The digest in it proves that the
 * client knows the key that its user name is; the session is stateless, a keyed digest over the
 * connection, its key and when it is over, so that none outlives the key that it was opened with.
 */
import type { ConnectionId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { audioscrobbler } from "../../providers/audioscrobbler.ts";
import { connectionByKey } from "./member-keys.ts";
import {
  type ConnectionColumns,
  type ConnectionRow,
  connectionColumns,
  connectionOf,
} from "./members.ts";
import type { Ports } from "./ports.ts";

/** A client's clock may differ from ours by so much, either way. */
export const clockMsMax = 600_000;
/** A client that keeps its session longer is told BADSESSION, and shakes hands again. */
export const sessionMs = 86_400_000;

export type Handshake = { readonly session: string } | "BADAUTH" | "BADTIME";

export async function shakeHands(
  ports: Ports,
  said: { readonly user: string; readonly timestamp: string; readonly proof: string },
  nowMs: Instant,
): Promise<Handshake> {
  const { user, timestamp, proof } = said;
  const connection = await connectionByKey(ports, audioscrobbler, user, null);
  const right = await md5(`${await md5(user)}${timestamp}`);
  if (connection === null || proof.toLowerCase() !== right) return "BADAUTH";
  const atMs = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : Number.NaN;
  if (!(Math.abs(atMs - nowMs) <= clockMsMax)) return "BADTIME";
  const keyed = await keyedConnection(ports, connection.id);
  if (keyed === null) return "BADAUTH";
  const overMs = nowMs + sessionMs;
  const mac = await macOf(ports, connection.id, keyed.keyHash, overMs);
  return { session: [connection.id, overMs.toString(36), mac].join(".") };
}

/** Whose a session is; null: nobody's, or it is over. */
export async function sessionOf(
  ports: Ports,
  session: string,
  nowMs: Instant,
): Promise<ConnectionRow | null> {
  const [, id = "", over = "", mac = ""] = form.exec(session) ?? [];
  const overMs = Number.parseInt(over, 36);
  if (mac === "" || !(overMs > nowMs)) return null;
  const keyed = await keyedConnection(ports, id as ConnectionId);
  const right = await macOf(ports, id, keyed?.keyHash ?? "", overMs);
  return keyed !== null && isSame(mac, right) ? keyed.connection : null;
}
const form = /^([\w-]{1,64})\.([0-9a-z]{1,11})\.([\w-]{43})$/;

const macOf = (ports: Ports, id: string, keyHash: string, overMs: Instant): Promise<string> =>
  ports.digest(["scrobble-session", 1, id, keyHash, overMs]);

/** In a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  let differences = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) differences |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return differences === 0;
}

interface Keyed {
  readonly connection: ConnectionRow;
  readonly keyHash: string;
}

async function keyedConnection(ports: Ports, id: ConnectionId): Promise<Keyed | null> {
  const row = await ports.sql((db) =>
    db
      .prepare(
        `SELECT ${connectionColumns}, key_hash FROM connection
         WHERE id = ? AND provider = ? AND key_hash IS NOT NULL AND ended_at IS NULL`,
      )
      .bind(id, audioscrobbler.name)
      .first<ConnectionColumns & { key_hash: string }>(),
  );
  return row === null ? null : { connection: connectionOf(row), keyHash: row.key_hash };
}

/** In hex, as the protocol has it. */
async function md5(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("MD5", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

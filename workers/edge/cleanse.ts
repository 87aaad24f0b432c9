/**
 * Before anything of a delivery is written: card numbers become tokens where they may stand, and
 * where none may stand all of it is refused. What nobody linked is dropped unread.
 */
import { personId } from "../../domain/identity.ts";
import { ok, type Result } from "../../domain/result.ts";
import { streams } from "../../domain/streams.ts";
import { sanitise } from "../../kernel/sanitise.ts";
import type { Item, Provider } from "../../providers/provider.ts";
import type { ConnectionRow } from "./members.ts";
import type { Ports } from "./ports.ts";

/** Whether it feeds what may come with card numbers. */
export const mayHoldCards = ({ stream }: Pick<Provider, "stream">): boolean =>
  streams[stream].raw === "sanitised";

/** The same items, without a card number. Throws `Unavailable`. */
export async function cleanse(
  ports: Pick<Ports, "cards" | "digest">,
  provider: Provider,
  items: readonly Item[],
  connections: ReadonlyMap<string, ConnectionRow>,
): Promise<Result<readonly Item[], "card-number" | "too-deep">> {
  if (!mayHoldCards(provider)) return ok(items);
  const clean: Item[] = [];
  for (const item of items) {
    const connection = connections.get(item.account);
    if (connection === undefined) continue;
    const nameOf = (person: string) => personId(ports.digest, connection, person);
    const { member } = connection;
    const body = await sanitise(ports.cards, nameOf, member, provider.cards, item.body);
    if (!body.ok) return body;
    clean.push({ ...item, body: body.value });
  }
  return ok(clean);
}

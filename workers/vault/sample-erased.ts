/**
 * Devices that only erased connections told of, let go of: that there is such a watch, and since when
 * it measured, is what came by them. What else is sealed of them goes with their rows.
 */
import type { MemberId } from "../../domain/identity.ts";
import { ownConnection, utf8 } from "./cell.ts";
import { Unopenable } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { devicesColumn } from "./groups.ts";
import { devicesText, readDevices, withoutThose } from "./sample-devices.ts";
import { devicesRow } from "./sample-rows.ts";
import { cellName, type SealedTurn, updateSealed } from "./sealed-update.ts";

/** Once they stand as ended. Said again, it changes nothing; what does not open stays for the reseal. */
export async function forgetDevices(vault: Vault, member: MemberId, nowMs: number): Promise<void> {
  try {
    await updateSealed(vault, member, ownConnection, nowMs, (turn) => forget(vault, member, turn));
  } catch (error) {
    if (!(error instanceof Unopenable)) throw error;
  }
}

async function forget({ phi }: Vault, member: MemberId, turn: SealedTurn) {
  const seen = await turn.look({
    ...{ prefixes: [], bodies: [], rows: [devicesRow], groups: [devicesColumn] },
    alongside: [
      phi.prepare("SELECT connection AS id FROM ended_connection WHERE member = ?").bind(member),
    ],
  });
  if (seen === null) return "forgotten";
  const ended = (seen.alongside[0]?.results ?? []) as { id: string }[];
  const [cell] = seen.cells;
  const bytes = (await turn.open(seen.cells)).get(cellName(devicesRow, devicesColumn));
  const before = bytes === undefined ? null : readDevices(new TextDecoder().decode(bytes));
  const after = before === null ? null : withoutThose(before, new Set(ended.map(({ id }) => id)));
  if (cell === undefined || after === null) return { writes: [], seen: [], value: null };
  const text = utf8(devicesText(after));
  const written = await turn.write(devicesRow, devicesColumn, ownConnection, cell.version, text);
  return { writes: [written], seen: [], value: null };
}

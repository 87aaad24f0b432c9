/** Deliveries with something wrong in them, and proved all the same. */
import type { System } from "../../local/system.ts";
import { retold, type Wildness } from "./bodies.ts";
import { type Shape, written } from "./shapes.ts";
import { mutated, mutatedBytes } from "./values.ts";

/** As it is, with places changed, with bytes changed, or something else altogether. */
export function retoldShape(
  wildness: Wildness,
  shape: Shape,
  secrets: System["secrets"],
): string | Uint8Array {
  const { chance, marker, naughty } = wildness;
  const { provider, said } = shape;
  const isForm = typeof said !== "string" && ["withings", "wahoo"].includes(provider);
  if (!isForm) return retold(wildness, said);
  const changed = chance.in100(60) ? mutated(chance, said, marker, naughty) : said;
  const isObject = typeof changed === "object" && changed !== null;
  const text = written({ provider, said: isObject ? changed : said }, secrets);
  return chance.in100(15) ? mutatedBytes(chance, new TextEncoder().encode(text)) : text;
}

/**
 * XML as values: each element is its attributes (`@name`), its text (`#text`) and, by name, the lists of
 * the elements in it. All of a transaction is there, whoever reads it, so that what nobody declared is
 * seen too. Names come without their prefix; no entity is expanded beyond XML's five, and nothing is
 * fetched. A document that is not whole and well-formed says nothing: half a day of sales is none.
 */
import { walkXml } from "../files/xml.ts";

export interface Node {
  readonly [name: string]: string | readonly Node[];
}

/** Elements of one document, all together. */
const elementsMax = 1_000_000;

/** The elements of one name below the root, wherever its own name allows; null: not readable. */
export function elementsIn(
  xml: string,
  { root, each, max }: { readonly root: string; readonly each: string; readonly max: number },
): readonly Node[] | null {
  const found: Node[] = [];
  const open: Record<string, string | Node[]>[] = [];
  let elements = 0;
  let isRoot = false;
  const end = walkXml(new TextEncoder().encode(xml), {
    open(name, attributes, parents) {
      if (parents.length === 0) isRoot = name === root || name === each;
      if (++elements > elementsMax || !isRoot || found.length > max) return false;
      if (open.length > 0 || name === each) open.push(nodeOf(attributes));
      return true;
    },
    close(name, text) {
      const node = open.pop();
      if (node === undefined) return;
      if (text.trim() !== "") node["#text"] = text.trim();
      const around = open.at(-1);
      if (around === undefined) found.push(node);
      else listIn(around, name).push(node);
    },
  });
  return end === "complete" && found.length <= max ? found : null;
}

/** Without a prototype: a name may be any, `__proto__` too. */
function nodeOf(attributes: Readonly<Record<string, string>>) {
  const node: Record<string, string | Node[]> = Object.create(null);
  for (const [name, value] of Object.entries(attributes))
    node[`@${name.slice(name.indexOf(":") + 1)}`] = value;
  return node;
}

function listIn(node: Record<string, string | Node[]>, name: string): Node[] {
  const held = node[name];
  if (Array.isArray(held)) return held;
  const list: Node[] = [];
  node[name] = list;
  return list;
}

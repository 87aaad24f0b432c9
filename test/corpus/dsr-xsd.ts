/**
 * A DDEX profile as its XML schema says it: which record types in which order, and of each its cells
 * in their order, how often, and of which form. The schema's own allowed values stand in another
 * file, which is not read: of such a cell any text is taken.
 */
import { SaxesParser } from "saxes";
import type { Cell, Profile } from "./dsr-judge.ts";

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

function parse(text: string): Element {
  const root: Element = { tag: "", attributes: {}, children: [] };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { tag: name.replace(/^xs:/, ""), attributes, children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("closetag", () => void open.pop());
  parser.write(text).close();
  return root;
}

const under = (element: Element | undefined, ...path: readonly string[]): Element | undefined =>
  path.reduce((at, tag) => at?.children.find((child) => child.tag === tag), element);

const forms: Readonly<Record<string, Cell["type"]>> = {
  ...{ "xs:integer": "integer", "xs:decimal": "decimal", "xs:boolean": "boolean" },
  ...{ "xs:dateTime": "dateTime", "xs:duration": "duration", "dsrf-ba:ddex_IsoDate": "date" },
};
const timesMax = (element: Element): number => {
  const { maxOccurs = "1" } = element.attributes;
  return maxOccurs === "unbounded" ? Number.POSITIVE_INFINITY : Number(maxOccurs);
};

function cellOf(element: Element): Cell {
  const { name = "", type = "", minOccurs = "1" } = element.attributes;
  const pattern = under(element, "simpleType", "restriction", "pattern")?.attributes.value;
  return {
    ...{ name, min: Number(minOccurs), max: timesMax(element), type: forms[type] ?? "text" },
    // "dsrf/" is what a version begins with, as its definition says.
    ...(pattern === undefined
      ? {}
      : { pattern: new RegExp(`^(?:${pattern})${pattern.endsWith("/") ? "" : "$"}`) }),
  };
}

function times(element: Element, what: string): string {
  const { minOccurs = "1" } = element.attributes;
  const max = timesMax(element);
  return `(?:${what}){${minOccurs},${Number.isFinite(max) ? max : ""}}`;
}

/** Of the message that has this name; the types of its records by the schema's names for them. */
export function readProfile(xsd: string, message: string): Profile {
  const schema = under(parse(xsd), "schema");
  const named = new Map(schema?.children.map((child) => [child.attributes.name ?? "", child]));
  const records = new Map<string, readonly Cell[]>();

  function order(element: Element): string {
    if (element.tag === "choice") return times(element, element.children.map(order).join("|"));
    if (element.tag === "sequence") return times(element, element.children.map(order).join(""));
    if (element.tag !== "element") return "";
    const of = named.get((element.attributes.type ?? "").replace(/^dsrf-ba:/, ""));
    const content = of?.children.find(({ tag }) => tag === "sequence" || tag === "choice");
    if (content === undefined) throw new Error(`the schema has no ${element.attributes.type}`);
    const [first] = content.children;
    if (first?.attributes.name !== "RecordType") return times(element, order(content));
    const cells = content.children.map(cellOf);
    const type = under(first, "simpleType", "restriction", "pattern")?.attributes.value ?? "";
    records.set(type, cells);
    return times(element, `<${type.replaceAll(".", "\\.")}>`);
  }

  const root = under(named.get(message), "complexType", "sequence");
  if (root === undefined) throw new Error(`the schema has no ${message}`);
  return { order: new RegExp(`^${order(root)}$`), records };
}

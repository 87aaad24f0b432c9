/**
 * The API's description as TypeScript that the pages are checked against: one interface of all
 * schemas with a name, and one of all operations, keyed as people say them ("GET /v1/me"). It reads
 * what /openapi.json says and nothing else, so a page can know no field that the API does not give.
 */
import type { Document } from "../workers/edge/openapi.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly description?: string;
}
interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema?: Schema;
}
interface Content {
  readonly [type: string]: { readonly schema?: Schema };
}
interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<Record<string, { readonly content?: Content }>>;
}

const head = `/** Made of the API's own description by local/api-types.ts; \`npm test -- test/tidy/api-types.test.ts -u\` makes it anew. */
`;

export function apiTypes(document: Document): string {
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>);
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) =>
      operationText(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  const named = schemas.map(([name, schema]) => `export type ${name} = ${typeText(schema)};\n`);
  return `${head}\n${named.join("\n")}\nexport interface Api {\n${operations.join("\n")}\n}\n`;
}

function operationText(name: string, operation: Operation): string {
  const of = (place: Parameter["in"]) =>
    objectText(
      (operation.parameters ?? [])
        .filter((each) => each.in === place)
        .map(({ name: key, required, schema }) => [key, schema ?? {}, required === true]),
      "    ",
    );
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  const json = bodies.find(([type]) => type === "application/json");
  const body = json ? typeText(json[1].schema ?? {}, "    ") : bodies.length > 0 ? "Blob" : "never";
  return `  /** ${operation.summary ?? ""} */
  "${name}": {
    params: ${of("path")};
    query: ${of("query")};
    body: ${body};
    answer: ${answerText(operation)};
  };`;
}

/** Of every success: what its JSON is, or text. */
function answerText({ responses = {} }: Operation): string {
  const texts = Object.entries(responses)
    .filter(([status]) => status.startsWith("2"))
    .flatMap(([, { content = {} }]) =>
      Object.entries(content).map(([type, { schema }]) =>
        type === "application/json" ? typeText(schema ?? {}, "    ") : "string",
      ),
    );
  return texts.length === 0 ? "unknown" : [...new Set(texts)].join(" | ");
}

function typeText(schema: Schema, indent = ""): string {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? "unknown";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return either.map((one) => typeText(one, indent)).join(" | ");
  if (schema.allOf !== undefined)
    return schema.allOf.map((one) => `(${typeText(one, indent)})`).join(" & ");
  const types = [schema.type ?? "unknown"].flat();
  return types.map((type) => plainText(type, schema, indent)).join(" | ");
}

function plainText(type: string, schema: Schema, indent: string): string {
  if (type === "integer") return "number";
  if (type === "array") return arrayText(schema, indent);
  if (type !== "object") return type;
  const required = new Set(schema.required ?? []);
  const own = Object.entries(schema.properties ?? {}).map(
    ([key, of]) => [key, of, required.has(key)] as const,
  );
  const more = schema.additionalProperties;
  if (own.length > 0 || typeof more !== "object") return objectText(own, indent);
  const keys = schema.propertyNames === undefined ? "string" : typeText(schema.propertyNames);
  return `{ [K in ${keys}]?: ${typeText(more, indent)} }`;
}

const arrayText = ({ items = {}, prefixItems }: Schema, indent: string): string =>
  prefixItems === undefined
    ? `(${typeText(items, indent)})[]`
    : `[${prefixItems.map((one) => typeText(one, indent)).join(", ")}]`;

function objectText(
  fields: readonly (readonly [key: string, of: Schema, isRequired: boolean])[],
  indent: string,
): string {
  if (fields.length === 0) return "Record<never, never>";
  const deeper = `${indent}  `;
  const lines = fields.map(([key, of, isRequired]) => {
    const named = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    const said = of.description === undefined ? "" : `${deeper}/** ${of.description} */\n`;
    return `${said}${deeper}${named}${isRequired ? "" : "?"}: ${typeText(of, deeper)};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

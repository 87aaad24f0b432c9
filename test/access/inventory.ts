/** The app's own routes by name, as the policy calls them, and in which order they are asked. */
import { type Listed, routes } from "../conformance/support.ts";

const nameOf = ({ method, path }: Listed): string => `${method.toUpperCase()} ${path}`;
const named = new Map(routes.map((route) => [nameOf(route), route]));

export const names: readonly string[] = [...named.keys()];
export const reads: readonly string[] = names.filter((name) => name.startsWith("GET "));
export const placeOf = (name: string): number => names.indexOf(name);

/** What ends others' things comes after all that needs them, the last of these last. */
const endings: readonly RegExp[] = [
  /^PUT \/v1\/teams/,
  /^DELETE \/v1\/exports/,
  /^DELETE /,
  // Until a restore is asked on to its end, nothing of its shard is served.
  /^POST \/v1\/ops\/shards/,
];
const lateness = (name: string): number => endings.findIndex((ending) => ending.test(name));
export const changes: readonly string[] = names
  .filter((name) => !reads.includes(name))
  .sort((a, b) => lateness(a) - lateness(b));

export const isGuarded = (name: string): boolean => named.get(name)?.access !== "public";
export const answersOf = (name: string): readonly number[] =>
  Object.keys(named.get(name)?.answers ?? {}).map(Number);
export const bodyOf = (name: string): Listed["body"] => named.get(name)?.body;

/** What an answer of this status is described as; undefined: it is no JSON. */
export function schemaOf(name: string, status: number): unknown {
  const answer = named.get(name)?.answers[status];
  return (answer as { readonly schema?: unknown } | undefined)?.schema;
}

/** Once, before any test: the pages as the workers' configuration wants them served. */
import { buildPages } from "../../local/pages.ts";

export default async function setup(): Promise<void> {
  await buildPages();
}

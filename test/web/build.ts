/** Once, before any test: the pages as the workers' configuration wants them served, and databases. */
import { buildPages } from "../../local/pages.ts";
import { makeMigrated } from "../system/migrated.ts";

export default async function setup(): Promise<void> {
  await Promise.all([buildPages(), makeMigrated()]);
}

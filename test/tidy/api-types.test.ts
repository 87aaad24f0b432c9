/** What the pages are checked against is what the API says today. */
import { expect, it } from "vitest";
import { apiTypes } from "../../local/api-types.ts";
import { openapi } from "../../workers/edge/openapi.ts";
import type { Route } from "../../workers/edge/route.ts";

/** By its address: its own types are the platform's, which tests are not checked against. */
const app = new URL("../../workers/edge/app.ts", import.meta.url).href;

it("types the pages by the API's own description; -u writes them anew", async () => {
  const { routes } = (await import(app)) as { routes: readonly Route[] };
  await expect(apiTypes(openapi(routes))).toMatchFileSnapshot("../../web/api/schema.d.ts");
});

/** Which providers there are, and what each can do, from its own object. */
import * as z from "zod";
import { providers } from "../../../providers/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import { providerShape, shownProvider } from "../provider-shape.ts";
import { json, type Route, route } from "../route.ts";

export const providerRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/providers",
    tag: "providers",
    access: "public",
    audit: { none: "facts about providers, nobody's data" },
    summary: "Which providers are known, what each can do, and what holds for its data",
    answers: {
      200: {
        description: "Facts by provider.",
        schema: z.object({ items: z.array(providerShape), next: z.null() }),
      },
    },
    problems: [],
    handle: async () =>
      json({ items: Object.values<Provider>(providers).map(shownProvider), next: null }),
  }),
];

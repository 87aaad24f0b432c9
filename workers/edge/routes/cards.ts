/**
 * What a merchant's cards and customers come to: for finance, the number behind a token, for a reason
 * that stands in the log; and for the merchant, forgetting a customer.
 */
import * as z from "zod";
import { isRefusal } from "../../../domain/ports.ts";
import { textMax } from "../../../domain/sales/schema.ts";
import { providerNamed } from "../../../providers/index.ts";
import { entered } from "../audit.ts";
import { mayHoldCards } from "../cleanse.ts";
import { forgetCustomer } from "../customers.ts";
import { everyConnectionOf } from "../members.ts";
import { mayRead } from "../readers.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { merchantId } from "./books.ts";

/** As many as the vault takes. */
const reasonCharsMax = 60;

const ofCard = z.object({ merchant: merchantId, card: z.string().min(1).max(64) });
const ofCustomer = z.object({
  merchant: merchantId,
  customer: z.string().min(1).max(textMax).describe("As the shop or the till names them."),
});
const request = z
  .object({
    reason: z
      .string()
      .trim()
      .min(1)
      .max(reasonCharsMax)
      .describe("Stands in the log; the merchant reads it."),
  })
  .strict();

export const cardRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/merchants/:merchant/cards/:card/reveal",
    tag: "books",
    access: { role: "finance" },
    audit: { deed: "reveal-card", by: "vault" },
    summary: "The number behind a card's token, for a reason that stands in the log",
    params: ofCard,
    body: request,
    answers: {
      200: { description: "Never stored.", schema: z.object({ number: z.string() }) },
    },
    problems: [
      ...(["not-json", "invalid-request", "unauthenticated", "forbidden"] as const),
      ...(["not-found", "too-many", "unavailable"] as const),
    ],
    handle: reveal,
  }),
  route({
    method: "delete",
    path: "/v1/merchants/:merchant/customers/:customer",
    tag: "books",
    access: "member",
    audit: { deed: "forget-customer", by: "vault" },
    summary:
      "Forget a customer of the caller's own: their cards' tokens end, what they bought stays",
    params: ofCustomer,
    answers: {
      200: {
        description: "Forgotten at every shop and till of the merchant's.",
        schema: z.object({ tokens: z.number().int().describe("Cards that were theirs.") }),
      },
    },
    problems: [
      ...(["invalid-request", "unauthenticated", "not-a-member"] as const),
      ...(["not-found", "unavailable"] as const),
    ],
    handle: forget,
  }),
];

/** Of a merchant whose books they do not read they are told nothing; that they tried is in the log. */
async function reveal(
  call: Call<z.output<typeof ofCard>, undefined, z.output<typeof request>>,
): Promise<Response> {
  const { ports, member, token, params, body, requestId, fail } = call;
  const { merchant, card } = params;
  if (!(await mayRead(ports, member, "finance", merchant))) {
    const asked = { deed: "reveal-card", member: merchant, columns: [], purpose: "" } as const;
    const entering = { log: ports.log, token, requestId, asked, ground: "finance", fail };
    return entered(entering, async () => fail("not-found"));
  }
  const revealed = await ports.revealing.reveal(token, merchant, card, body.reason);
  return isRefusal(revealed) ? call.fail(refusalOf(revealed)) : json(revealed);
}

/** Ended connections too: what came by them is still theirs. */
async function forget(
  call: Call<z.output<typeof ofCustomer>, undefined, undefined>,
): Promise<Response> {
  const { ports, member, params, nowMs } = call;
  if (params.merchant !== member) return call.fail("not-found");
  const connections = (await everyConnectionOf(ports, member)).filter(({ provider }) => {
    const known = providerNamed(provider);
    return known !== undefined && mayHoldCards(known);
  });
  if (connections.length === 0) return call.fail("not-found");
  let tokens = 0;
  for (const connection of connections)
    tokens += (await forgetCustomer(ports, connection, params.customer, nowMs)).tokens;
  return json({ tokens });
}

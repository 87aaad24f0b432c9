/**
 * What a member's samples were measured by, and which of it is believed first where two measured at
 * once. Their own order stands above the one by kinds, from the local day that they say on. It may
 * change what days came to: the newest are made anew at once, older ones when they are next looked at.
 */
import * as z from "zod";
import { type Devices, deviceOrdersMax, devicesMax, isRefusal } from "../../../domain/ports.ts";
import { deviceKinds } from "../../../domain/samples/sample.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment, isLocalDate } from "../../../domain/time.ts";
import { announcedDaysMax, announceFrom } from "../../../durable-objects/samples.ts";
import { dayAt, settingsOf } from "../aggregates-read.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const deviceIdCharsMax = 64;
const day = z.string().refine(isLocalDate, "a day");

const change = z
  .object({
    order: z
      .array(z.string().min(1).max(deviceIdCharsMax))
      .max(devicesMax)
      .refine((ids) => new Set(ids).size === ids.length, "each once")
      .describe("The first is believed first. Those it lacks follow by kind; none: all by kind."),
    from: day
      .nullable()
      .optional()
      .describe("The local day from which it holds; null: since ever; absent: today."),
  })
  .strict();

const shape = z
  .object({
    devices: z
      .array(
        z.object({
          id: z.string(),
          kind: z.enum(deviceKinds),
          model: z.string().nullable(),
          app: z.string().nullable(),
          stated: z
            .string()
            .nullable()
            .describe("What its source calls it; null: it has not been heard from lately."),
          first: z.string().describe("When the first of what it measured was."),
        }),
      )
      .max(devicesMax),
    orders: z
      .array(z.object({ from: z.string().nullable(), devices: z.array(z.string()) }))
      .max(deviceOrdersMax)
      .describe("By the local day from which they hold, the earliest first; null: since ever."),
  })
  .meta({ id: "Devices" });

const changed = shape
  .extend({
    resolved: z
      .number()
      .int()
      .describe(`Local days that were made anew at once, the newest, at most ${announcedDaysMax}.`),
    pending: z.number().int().describe("Older ones: made anew when they are next looked at."),
  })
  .meta({ id: "DevicesChanged" });

const path = "/v1/devices";

export const deviceRoutes: readonly Route[] = [
  route({
    method: "get",
    path,
    tag: "samples",
    access: "member",
    audit: { deed: "see-devices", by: "vault" },
    summary: "What my samples were measured by, and in which order it is believed",
    answers: { 200: { description: "Devices and orders.", schema: shape } },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: show,
  }),
  route({
    method: "put",
    path,
    tag: "samples",
    access: "member",
    audit: { deed: "set-device-order", by: "vault" },
    summary: "Say which device is believed first, from a local day on",
    body: change,
    answers: { 200: { description: "As it is now, and what was made anew.", schema: changed } },
    problems: ["not-json", "invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: put,
  }),
];

const shown = ({ devices, orders }: Devices) => ({
  devices: devices.map(({ firstMs, ...device }) => ({ ...device, first: formatMoment(firstMs) })),
  orders: orders.map((order) => ({ ...order })),
});

async function show(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const answer = await call.ports.open.devices(call.token);
  return isRefusal(answer) ? call.fail(refusalOf(answer)) : json(shown(answer));
}

/**
 *   1. the vault keeps the order      from here every look goes by it
 *   2. days are announced anew        a crash: open totals of some are as they were, until the same
 *                                     is said again, or the day is settled
 */
async function put(call: Call<undefined, undefined, z.output<typeof change>>): Promise<Response> {
  const { ports, member, token, body } = call;
  const settings = await settingsOf(call, member);
  const from = body.from === undefined ? dayAt(settings, call.nowMs) : body.from;
  const answer = await ports.open.setDeviceOrder(token, { from, devices: body.order });
  if (isRefusal(answer)) return call.fail(refusalOf(answer));
  const ledger = ports.ledger(streams.samples, member);
  const announced = await announceFrom(
    { ...ports, ledger },
    member,
    from,
    settings.zones,
    call.nowMs,
  );
  return json({ ...shown(answer), ...announced });
}

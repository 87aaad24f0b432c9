/** For operators: epochs, root keys and shards as they are, and the commands that change them. */
import * as z from "zod";
import { isRefusal, type KeysStatus } from "../../../domain/ports.ts";
import { formatMoment } from "../../../domain/time.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const shardNumberMax = 999;
const count = z.number().int().min(0);

const status = z
  .object({
    epoch: count,
    epochMadeAt: z.string().nullable(),
    epochs: z.array(count),
    underOldRoot: count,
    shards: z.array(
      z.object({
        shard: count,
        open: z.boolean(),
        members: count,
        bytes: count,
        restored: z.boolean(),
        missing: z.boolean(),
        left: count,
      }),
    ),
  })
  .meta({ id: "KeysStatus" });

const rotation = z
  .object({
    what: z.enum(["epoch", "root"]),
    epoch: count,
    rewrapped: count,
    left: count,
    done: z.boolean(),
  })
  .meta({ id: "RotationStatus" });

const restored = z
  .object({
    shard: count,
    steps: z.array(z.object({ step: z.string(), at: z.string(), count })),
    done: z.boolean(),
  })
  .meta({ id: "RestoreStatus" });

const params = z.object({ number: z.coerce.number().int().min(0).max(shardNumberMax) });
const what = z.object({ what: z.enum(["epoch", "root"]) });
const opening = z.object({ open: z.boolean() });
const access = { role: "operator" } as const;

export const keyRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/ops/keys",
    tag: "operations",
    access,
    audit: { deed: "keys-status", by: "vault" },
    summary: "Epochs, root keys and shards as they are",
    answers: { 200: { description: "No key is in it.", schema: status } },
    problems: ["unauthenticated", "forbidden", "unavailable"],
    handle: show,
  }),
  route({
    method: "post",
    path: "/v1/ops/keys/rotations",
    tag: "operations",
    access,
    audit: { deed: "rotate-epoch", by: "vault", also: ["rotate-root"] },
    summary: "One step of a rotation; asked until it is done",
    body: what,
    answers: {
      200: {
        description: "`left` keys still to do. A step after `done` begins the next rotation.",
        schema: rotation,
      },
    },
    problems: ["invalid-request", "not-json", "unauthenticated", "forbidden", "unavailable"],
    handle: rotate,
  }),
  route({
    method: "post",
    path: "/v1/ops/shards/:number",
    tag: "operations",
    access,
    audit: { deed: "open-shard", by: "vault", also: ["close-shard"] },
    summary: "Open a shard for new members, or close it",
    params,
    body: opening,
    answers: { 200: { description: "Members stay where they are.", schema: status } },
    problems: [
      "invalid-request",
      "not-json",
      "unauthenticated",
      "forbidden",
      "not-found",
      "last-open-shard",
      "unavailable",
    ],
    handle: openShard,
  }),
  route({
    method: "post",
    path: "/v1/ops/shards/:number/restore",
    tag: "operations",
    access,
    audit: { deed: "restore-shard", by: "vault" },
    summary: "One step of making a restored shard whole; asked until it is done",
    params,
    answers: { 200: { description: "What this step did.", schema: restored } },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: restore,
  }),
];

const shown = ({ epochMadeAtMs, ...keys }: KeysStatus) => ({
  ...keys,
  epochMadeAt: keys.epoch === 0 ? null : formatMoment(epochMadeAtMs),
});

async function show(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const keys = await call.ports.work.keys(call.token);
  return isRefusal(keys) ? call.fail(refusalOf(keys)) : json(shown(keys));
}

async function rotate(call: Call<undefined, undefined, z.output<typeof what>>): Promise<Response> {
  const step = await call.ports.work.rotate(call.token, call.body.what);
  return isRefusal(step) ? call.fail(refusalOf(step)) : json(step);
}

async function openShard(
  call: Call<z.output<typeof params>, undefined, z.output<typeof opening>>,
): Promise<Response> {
  const keys = await call.ports.work.openShard(call.token, call.params.number, call.body.open);
  return isRefusal(keys) ? call.fail(refusalOf(keys)) : json(shown(keys));
}

async function restore(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const step = await call.ports.work.restore(call.token, call.params.number);
  if (isRefusal(step)) return call.fail(refusalOf(step));
  const steps = step.steps.map(({ atMs, ...rest }) => ({ ...rest, at: formatMoment(atMs) }));
  return json({ shard: step.shard, steps, done: step.done });
}

/** Recipes of senders that are no provider here, for their published vectors and for practice. */
import type { HmacRecipe } from "../../providers/recipe.ts";

/** docs.github.com, "Validating webhook deliveries". */
export const github: HmacRecipe = {
  kind: "hmac",
  hash: "SHA-256",
  key: "text",
  signed: ["body"],
  headers: [{ signature: "x-hub-signature-256" }],
  form: "hex",
  prefix: "sha256=",
};

/** docs.stripe.com, "Verify webhook signatures manually". */
export const stripe: HmacRecipe = {
  kind: "hmac",
  hash: "SHA-256",
  key: "text",
  signed: ["time", ".", "body"],
  headers: [{ signature: "stripe-signature" }],
  form: "stamped",
  time: "seconds",
};

/** As seen at some receivers, contested: Strava itself documents no signature. */
export const strava: HmacRecipe = { ...stripe, headers: [{ signature: "x-strava-signature" }] };

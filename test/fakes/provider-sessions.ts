/**
 * The pages on which members link at providers whose accounts name their member by a word: Terra's in
 * one step, Junction's in two, each asked for in the app's name. The addresses are of the providers'
 * own form and lead nowhere: whoever drives this says the word back in a delivery.
 */
import { randomUUID } from "node:crypto";
import { type Answer, type Asked, answer, jsonOf } from "./provider-answer.ts";

export const sessionPaths = {
  terra: "/v2/auth/generateWidgetSession",
  junctionUser: "/v2/user",
  junctionPage: "/v2/link/token",
} as const;
const ours: readonly string[] = Object.values(sessionPaths);

export const isSessionPath = (path: string): boolean => ours.includes(path);

export class Sessions {
  /** Every word that a page was asked for, the newest last. */
  readonly references: { readonly provider: "terra" | "junction"; readonly reference: string }[] =
    [];
  /** Junction's users by the word that they were made under. */
  readonly #users = new Map<string, string>();

  serve(asked: Asked): Answer {
    const body = jsonOf(asked);
    if (asked.method !== "POST" || body === null) return answer(405, { error: "not allowed" });
    if (asked.url.pathname === sessionPaths.terra) return this.#terra(asked, body);
    if (asked.header("x-vital-api-key") === "") return answer(401, { detail: "no key" });
    return asked.url.pathname === sessionPaths.junctionUser ? this.#user(body) : this.#page(body);
  }

  #terra(asked: Asked, { reference_id }: Record<string, unknown>): Answer {
    if (asked.header("dev-id") === "" || asked.header("x-api-key") === "")
      return answer(401, { status: "error", message: "no credentials" });
    if (typeof reference_id !== "string") return answer(400, { status: "error" });
    this.references.push({ provider: "terra", reference: reference_id });
    const session_id = randomUUID();
    const url = `https://widget.tryterra.co/session/${session_id}`;
    return answer(201, { status: "success", session_id, url, expires_in: 900 });
  }

  #user({ client_user_id }: Record<string, unknown>): Answer {
    if (typeof client_user_id !== "string") return answer(422, { detail: "no client_user_id" });
    const known = this.#users.get(client_user_id);
    if (known !== undefined)
      return answer(400, { detail: { error_type: "INVALID_REQUEST", user_id: known } });
    const user_id = randomUUID();
    this.#users.set(client_user_id, user_id);
    return answer(200, { user_id, client_user_id });
  }

  #page({ user_id }: Record<string, unknown>): Answer {
    const [reference] = [...this.#users].find(([, id]) => id === user_id) ?? [];
    if (reference === undefined) return answer(404, { detail: "no such user" });
    this.references.push({ provider: "junction", reference });
    const link_token = randomUUID();
    return answer(200, {
      link_token,
      link_web_url: `https://link.tryvital.io/?token=${link_token}`,
    });
  }
}

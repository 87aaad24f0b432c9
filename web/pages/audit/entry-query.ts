/** What entries are looked for: as it was typed, what is wrong with it, and as the API wants it. Pure. */
import type { Api } from "../../api/schema.d.ts";

export type EntryQuery = Api["GET /v1/audit/entries"]["query"];
type Action = NonNullable<EntryQuery["action"]>;

export interface Typed {
  readonly member: string;
  readonly actor: string;
  readonly action: Action | "any";
  /** Local days here, both included. */
  readonly from: string;
  readonly to: string;
}
export const nothingTyped: Typed = { member: "", actor: "", action: "any", from: "", to: "" };

export const actionChoices: readonly { readonly id: Typed["action"]; readonly name: string }[] = [
  { id: "any", name: "Every sort" },
  { id: "view", name: "Views" },
  { id: "edit", name: "Edits" },
  { id: "delete", name: "Deletions" },
  { id: "admin", name: "Administration" },
];

const memberForm = /^m_[0-9a-f]{32}$/;
const actorForm = /^[\w-]{1,64}$/;

export type Wrong = Partial<Record<"member" | "actor" | "to", string>>;

export function wrongIn({ member, actor, from, to }: Typed): Wrong {
  return {
    ...(member.trim() === "" || memberForm.test(member.trim())
      ? {}
      : { member: "That is no member's id." }),
    ...(actor.trim() === "" || actorForm.test(actor.trim())
      ? {}
      : { actor: "That is no actor's id." }),
    ...(from !== "" && to !== "" && to < from ? { to: "It lies before the first day." } : {}),
  };
}

export function queryOf({ member, actor, action, from, to }: Typed): EntryQuery {
  return {
    ...(member.trim() === "" ? {} : { member: member.trim() }),
    ...(actor.trim() === "" ? {} : { actor: actor.trim() }),
    ...(action === "any" ? {} : { action }),
    ...(from === "" ? {} : { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to === "" ? {} : { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  };
}

/**
 * Who may do what, declared apart from the code: one line a route, and what each line means for
 * each kind of caller. The running system is asked against it (`access.test.ts`), docs/access.md is made
 * of it, and a route without a line fails.
 */

/** Who calls. `holder` has a provider's key, a code, a link or a receipt, and nothing else. */
export const callers = [
  "nobody",
  "unproven",
  "stranger",
  "owner",
  "another",
  "coach",
  "allowed coach",
  "operator",
  "auditor",
  "artist",
  "reading artist",
  "label",
  "reading label",
  "merchandiser",
  "reading merchandiser",
  "finance",
  "reading finance",
  "scientist",
  "reading scientist",
  "holder",
] as const;
export type CallerKind = (typeof callers)[number];

export type Verdict = "allowed" | "unauthenticated" | "not-a-member" | "forbidden" | "hidden";
type ReaderRole = "artist" | "label" | "merchandiser" | "finance" | "scientist";
type StaffRole = "operator" | "auditor";

export type Rule =
  /** Whoever asks, with a token or without; what it shows is nobody's alone. */
  | { readonly may: "everybody" }
  /** Whoever proves who they are, member or not; what it shows and does is about them. */
  | { readonly may: "signed in" }
  /** Every member, about themselves: there is no id in it by which another could be meant. */
  | { readonly may: "oneself" }
  /** The member whose thing the id names; another's is not there, as one that nobody has. */
  | { readonly may: "owner"; readonly or?: StaffRole; readonly without?: "hidden" }
  /** Every member who has its code; a wrong one finds nothing, for whomever. */
  | { readonly may: "invited" }
  /** The member, and whom they let; all others are told that they may not, member or not. */
  | { readonly may: "consented" }
  /** Who has the role, of anybody's. */
  | { readonly may: "role"; readonly role: StaffRole }
  /** Who has one of the roles and was given this artist or merchant to read. */
  | {
      readonly may: "reader";
      readonly roles: readonly ReaderRole[];
      /** Who may not, and is a member, is told by the role alone, and then shown nothing. */
      readonly ofMembers?: true;
      readonly without?: "nothing";
    }
  /** Who has what it takes: a key, a code, a link or a receipt; a token is none of these. */
  | { readonly may: "holder"; readonly else: "unauthenticated" | "hidden" };

const everybody: Rule = { may: "everybody" };
const signedIn: Rule = { may: "signed in" };
const oneself: Rule = { may: "oneself" };
const own: Rule = { may: "owner" };
const invited: Rule = { may: "invited" };
const consented: Rule = { may: "consented" };
const operator: Rule = { may: "role", role: "operator" };
const auditor: Rule = { may: "role", role: "auditor" };
const reads = (...roles: readonly ReaderRole[]): Rule => ({ may: "reader", roles });
const rightsHolder = { may: "reader", roles: ["artist", "label"], ofMembers: true } as const;
const key: Rule = { may: "holder", else: "unauthenticated" };
const told: Rule = { may: "holder", else: "hidden" };
/** No token is needed, as some are everybody's; a private one is for who is in it. */
const inside = { may: "owner", or: "operator", without: "hidden" } as const;

export const policy: Readonly<Record<string, Rule>> = {
  "GET /webhooks/:provider": told,
  "GET /webhooks/:provider/:key": told,
  "POST /webhooks/:provider": key,
  "POST /webhooks/:provider/:key": key,
  "POST /1/submit-listens": key,
  "GET /1/validate-token": key,
  "GET /scrobble": key,
  "GET /scrobble/": key,
  "POST /scrobble/submissions": key,
  "POST /scrobble/now-playing": key,
  "GET /oauth/:provider/callback": told,

  "GET /v1/sign-in": everybody,
  "POST /v1/sign-in": key,
  "GET /v1/me": oneself,
  "PUT /v1/me": signedIn,
  "DELETE /v1/me": oneself,
  "POST /v1/sync": oneself,
  "POST /v1/files": oneself,
  "POST /v1/imports/spotify": oneself,

  "GET /v1/providers": everybody,
  "GET /v1/connections": oneself,
  "POST /v1/connections/:connection": oneself,
  "DELETE /v1/connections/:connection": own,
  "POST /v1/connections/:connection/sync": own,
  "POST /v1/connections/:connection/lift": own,
  "GET /v1/sync-status": oneself,

  "GET /v1/leaderboards": everybody,
  "GET /v1/leaderboards/:board": everybody,
  "GET /v1/leaderboards/:board/live": everybody,
  "GET /v1/leaderboards/:board/me": oneself,
  "GET /v1/leaderboards/:board/friends": oneself,
  "GET /v1/leaderboards/:board/teams/:team": own,
  "GET /v1/challenges": everybody,
  "POST /v1/challenges": operator,
  "GET /v1/challenges/:id": inside,
  "PATCH /v1/challenges/:id": operator,
  "DELETE /v1/challenges/:id": operator,
  "PUT /v1/challenges/:id/me": own,
  "DELETE /v1/challenges/:id/me": oneself,
  "GET /v1/challenges/:id/standings": inside,
  "GET /v1/challenges/:id/standings/me": own,
  "GET /v1/teams/standings": everybody,
  "GET /v1/teams": oneself,
  "POST /v1/teams": oneself,
  "GET /v1/teams/:id": own,
  "PUT /v1/teams/:id/code": own,
  "POST /v1/teams/:id/members": invited,
  "DELETE /v1/teams/:id/members/me": oneself,
  "GET /v1/friends": oneself,
  "PUT /v1/friends/:friend": oneself,
  "DELETE /v1/friends/:friend": oneself,

  "GET /v1/workouts": oneself,
  "DELETE /v1/workouts": oneself,
  "GET /v1/workouts/:id": own,
  "DELETE /v1/workouts/:id": own,
  "POST /v1/workouts/join": own,
  "POST /v1/workouts/:id/split": own,
  "GET /v1/decisions": oneself,
  "DELETE /v1/decisions/:id": own,
  "GET /v1/listens": oneself,
  "DELETE /v1/listens": oneself,
  "GET /v1/listens/:id": own,
  "DELETE /v1/listens/:id": own,

  "GET /v1/summary": consented,
  "GET /v1/aggregates": consented,
  "GET /v1/members/:id/readings/:column": consented,
  "GET /v1/members/:id/workouts": consented,
  "GET /v1/roster": signedIn,
  "GET /v1/devices": oneself,
  "PUT /v1/devices": oneself,
  "GET /v1/goals": oneself,
  "PUT /v1/goals": oneself,
  "DELETE /v1/samples": oneself,
  "GET /v1/insights": oneself,
  "POST /v1/insights/:id/ack": own,
  "GET /v1/consents": oneself,
  "POST /v1/consents": oneself,
  "DELETE /v1/consents/:id": own,
  "GET /v1/privacy-zones": oneself,
  "PUT /v1/privacy-zones": oneself,
  "GET /v1/shares": oneself,
  "POST /v1/shares": oneself,
  "POST /v1/shares/open": told,
  "DELETE /v1/shares/:id": own,
  "GET /shared": everybody,
  "POST /v1/exports": oneself,
  "GET /v1/exports": oneself,
  "GET /v1/exports/:id": own,
  "GET /v1/exports/:id/files/:name": own,
  "DELETE /v1/exports/:id": own,
  "GET /v1/receipts/:id": told,

  "GET /v1/reads": oneself,
  "GET /v1/artists/:artist/live": rightsHolder,
  "GET /v1/artists/:artist/live/stream": rightsHolder,
  "GET /v1/royalties": { ...rightsHolder, without: "nothing" },
  "GET /v1/royalties/:period": { ...rightsHolder, without: "nothing" },
  "GET /v1/royalties/:period/dsr": rightsHolder,
  "GET /v1/merchants/:merchant/live": reads("merchandiser"),
  "GET /v1/merchants/:merchant/live/stream": reads("merchandiser"),
  "PUT /v1/merchants/:merchant/stores/:store/stock/:sku": reads("merchandiser"),
  "GET /v1/merchants/:merchant/stores/:store/stock/:sku": reads("merchandiser"),
  "GET /v1/merchants/:merchant/low-stock": reads("merchandiser"),
  "GET /v1/merchants/:merchant/days": reads("finance"),
  "GET /v1/merchants/:merchant/days/:day": reads("finance"),
  "GET /v1/merchants/:merchant/articles/:sku": reads("finance"),
  "GET /v1/merchants/:merchant/reconciliation": reads("finance"),
  "PUT /v1/merchants/:merchant/settlements/:file": reads("finance"),
  "GET /v1/merchants/:merchant/settlements": reads("finance"),
  "POST /v1/merchants/:merchant/cards/:card/reveal": reads("finance"),
  "DELETE /v1/merchants/:merchant/customers/:customer": own,
  "POST /v1/merchants/:merchant/snapshots": reads("scientist"),
  "GET /v1/merchants/:merchant/snapshots": reads("scientist"),
  "GET /v1/merchants/:merchant/snapshots/:name": reads("scientist"),
  "GET /v1/merchants/:merchant/snapshots/:name/:day": reads("scientist"),

  "GET /v1/access-log": oneself,
  "GET /v1/access-log/:log/:index/proof": { may: "owner", or: "auditor" },
  "GET /v1/audit/entries": auditor,
  "GET /v1/audit/logs/:log/entries/:n": auditor,
  "GET /v1/logs": everybody,
  "GET /log/:log/checkpoint": everybody,
  "GET /log/:log/tile/:path{.+}": everybody,
  "GET /log/:log/witnessed/:path{.+}": everybody,

  "POST /v1/ops/break-glass": operator,
  "GET /v1/ops/parked": operator,
  "POST /v1/ops/parked/:id/replay": operator,
  "POST /v1/ops/runs": operator,
  "GET /v1/ops/runs": operator,
  "GET /v1/ops/runs/:id": operator,
  "GET /v1/ops/totals": operator,
  "GET /v1/ops/drift": operator,
  "GET /v1/ops/partitions": operator,
  "GET /v1/ops/balance": operator,
  "GET /v1/ops/providers": operator,
  "GET /v1/ops/alerts": operator,
  "GET /v1/ops/bill": operator,
  "GET /v1/ops/readers": operator,
  "PUT /v1/ops/readers": operator,
  "DELETE /v1/ops/readers": operator,
  "PUT /v1/ops/royalties/:period/pool": operator,
  "POST /v1/ops/royalties": operator,
  "GET /v1/ops/dead-letters": operator,
  "GET /v1/ops/dead-letters/:id": operator,
  "POST /v1/ops/dead-letters/:id/replay": operator,
  "POST /v1/ops/rereads": operator,
  "GET /v1/ops/keys": operator,
  "POST /v1/ops/keys/rotations": operator,
  "POST /v1/ops/shards/:number": operator,
  "POST /v1/ops/shards/:number/restore": operator,
  "POST /v1/ops/erasures": operator,
  "GET /v1/ops/holds/:member": operator,
  "POST /v1/ops/holds/:member/:workout/clear": operator,
  "DELETE /v1/ops/holds/:member/:decision": operator,

  "GET /healthz": everybody,
  "GET /openapi.json": everybody,
  "GET /docs": everybody,
};

/** What is asked of: a thing of the owner's, one of nobody's, or of another kind altogether. */
export const meanings = ["own", "absent", "other kind"] as const;
export type Meant = (typeof meanings)[number];

/** Public by its nature, so that a token is looked at only to see more. */
const readsBadTokens: readonly string[] = ["GET /v1/challenges", "GET /v1/challenges/:id"];

const isReading = (caller: CallerKind, roles: readonly string[]): boolean =>
  roles.some((role) => caller === `reading ${role}`);

/** What this caller is told at a route when the owner's own is meant. */
export function verdict(name: string, caller: CallerKind): Verdict {
  const rule = policy[name];
  if (rule === undefined) throw new Error(`${name} has no line in the policy`);
  const isProven = caller !== "nobody" && caller !== "unproven" && caller !== "holder";
  if (caller === "unproven" && readsBadTokens.includes(name)) return "unauthenticated";
  if (rule.may === "everybody") return "allowed";
  if (rule.may === "holder") return caller === "holder" ? "allowed" : rule.else;
  if (!isProven)
    return "without" in rule && rule.without === "hidden" ? "hidden" : "unauthenticated";
  switch (rule.may) {
    case "signed in":
      return "allowed";
    case "oneself":
      return caller === "stranger" ? "not-a-member" : "allowed";
    case "owner":
      if (caller === "owner" || caller === rule.or) return "allowed";
      return caller === "stranger" && rule.or === undefined ? "not-a-member" : "hidden";
    case "invited":
      if (caller === "owner") return "allowed";
      return caller === "stranger" ? "not-a-member" : "hidden";
    case "consented":
      return caller === "owner" || caller === "allowed coach" ? "allowed" : "forbidden";
    case "role":
      return caller === rule.role ? "allowed" : "forbidden";
    case "reader":
      if (isReading(caller, rule.roles)) return "allowed";
      if (caller === "stranger" && rule.ofMembers === true) return "not-a-member";
      if (!rule.roles.some((role) => role === caller)) return "forbidden";
      return rule.without === "nothing" ? "allowed" : "hidden";
  }
}

/** Asked at every route. */
const always: readonly CallerKind[] = ["nobody", "stranger", "owner", "another", "operator"];
const others = callers.filter((caller) => ![...always, "unproven", "holder"].includes(caller));

/** For whom it depends on more than a token and membership. */
export function isDeciding(name: string, caller: CallerKind): boolean {
  const rule = policy[name];
  if (rule?.may === "reader") return rule.roles.some((role) => caller.endsWith(role));
  if (rule?.may === "consented") return caller.endsWith("coach");
  if (rule?.may === "holder") return caller === "holder";
  const staff = rule?.may === "role" ? rule.role : rule?.may === "owner" ? rule.or : undefined;
  return caller === staff;
}

/** Who is asked at a route, the `nth`; of those for whom nothing differs there one in turn. */
export const askedFor = (name: string, nth: number): readonly CallerKind[] =>
  callers.filter(
    (caller) =>
      always.includes(caller) || isDeciding(name, caller) || caller === others[nth % others.length],
  );

/**
 * The pages' one Trusted Types policy: the document's policy lets no text become the address of a
 * script but through here, and here only files of this build pass. Made once; a name is good once.
 */
interface Policy {
  createScriptURL(url: string): string;
}
interface Policies {
  createPolicy(name: string, rules: Policy): Policy;
}

const ownScript = /^\/(service-worker|assets\/[\w.-]+)\.js$/;

const rules: Policy = {
  createScriptURL: (url) => {
    if (!ownScript.test(url)) throw new TypeError("no other script");
    return url;
  },
};

let policy: Policy | undefined;

/** A script of ours, by its path from the root. */
export function trustedScript(path: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  policy ??= trustedTypes?.createPolicy("singlet", rules) ?? rules;
  return policy.createScriptURL(path);
}

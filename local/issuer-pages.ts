/** What the local issuer shows at a browser: who there is to be, and why nobody can be. */
import { memberNames, readerRoles, staffRoles } from "./people.ts";
import { hidden, html, type Markup, pageOf } from "./plain-page.ts";

/** Somebody's roles, as their tokens say them: whoever is no staff is a member. */
export const rolesOf = (subject: string): readonly string[] => {
  const role = [...staffRoles, ...readerRoles].find((name) => name === subject);
  return [role ?? "member"];
};

/** Letters, digits and what joins them; no more than anybody types. */
const subjectForm = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;

/** The same person however their name is typed; null: it is no name. */
export function subjectOf(typed: string): string | null {
  const subject = typed.normalize("NFC").trim().replaceAll(/\s+/g, " ").toLowerCase();
  return subjectForm.test(subject) ? subject : null;
}

const shown = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const button = (subject: string): Markup => {
  const [role = ""] = rolesOf(subject);
  return html`<button name="subject" value="${subject}">${shown(subject)} <span>${
    role === subject ? "staff" : role
  }</span></button>`;
};

const wrong = html`<p class="wrong" id="wrong" role="alert">Letters, digits, blanks and . _ @ - make a
name, 64 at most.</p>`;

/** `asked`: what the browser was sent with; it comes back with whoever is chosen. */
export function whoPage(asked: URLSearchParams, isWrong: boolean): string {
  const people = [...memberNames, ...staffRoles, ...readerRoles].map(button);
  const carried = [...asked].filter(([name]) => name !== "subject");
  return pageOf(
    "Who are you?",
    html`<p>Sign in to Singlet on this machine. Nobody is checked: choose whom to be.</p>
<form method="post">${hidden(carried)}${people}</form>
<form method="post">${hidden(carried)}<h2>Somebody new</h2>${isWrong ? wrong : html``}
<label for="subject">Name</label><input id="subject" name="subject" required maxlength="64" autocomplete="off"${
      isWrong ? html` aria-invalid="true" aria-describedby="wrong"` : html``
    }>
<button class="act">Sign in as a new member</button></form>`,
  );
}

export const cannotPage = (why: string): string =>
  pageOf("Nobody can sign in here like this", html`<p>${why}</p>`);

export const signedOutPage = (): string =>
  pageOf("Signed out", html`<p>You can close this page.</p>`);

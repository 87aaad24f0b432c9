/**
 * Linking, by whichever way the provider knows: its own consent page, a word that it says back, a key
 * for an app of the member's, or nothing but the device. What is given out is shown here once and is
 * gone with the dialog.
 */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { makeOld } from "../../api/queries.ts";
import type { Provider } from "../../api/schema.d.ts";
import { Badge, Button, Dialog } from "../../design/controls.tsx";
import { Copy } from "../../design/copy.tsx";
import { Failed } from "../../design/failed.tsx";
import { moment } from "../../design/format.ts";
import { type Begun, beginLink } from "../../session/link.ts";

interface LinkButtonProps {
  readonly provider: Provider;
  readonly kind: "main" | "plain";
  readonly words: string;
}

export function LinkButton({ provider, kind, words }: LinkButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind={kind} aria-label={`${words}: ${provider.title}`} onPress={() => setOpen(true)}>
        {words}
      </Button>
      <Dialog title={titleFor(provider, words)} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Linking provider={provider} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

const titleFor = ({ title, linking }: Provider, words: string): string =>
  linking === "device" ? `How ${title} comes here` : `${words}: ${title}`;

function Linking({ provider, onClose }: { readonly provider: Provider; onClose: () => void }) {
  const client = useQueryClient();
  const begin = useMutation({
    mutationFn: () => beginLink(provider.name),
    onSuccess: (begun) =>
      begun.kind === "key" ? makeOld(client, ["GET /v1/connections"]) : undefined,
  });
  const isLeaving = begin.data?.kind === "leaving";
  const given = begin.data === undefined || begin.data.kind === "leaving" ? null : begin.data;
  const isDevice = provider.linking === "device";
  return (
    <>
      {given === null ? <Before provider={provider} /> : <Given begun={given} />}
      <Failed error={begin.error} />
      <div className="row">
        {isDevice || given !== null ? null : (
          <Button
            kind="main"
            isPending={begin.isPending || isLeaving}
            onPress={() => begin.mutate()}
          >
            {deeds[provider.linking](provider.title)}
          </Button>
        )}
        <Button kind="quiet" onPress={onClose}>
          {isDevice || given !== null ? "Close" : "Not now"}
        </Button>
      </div>
    </>
  );
}

const deeds: Readonly<Record<Provider["linking"], (title: string) => string>> = {
  oauth: (title) => `Go to ${title}`,
  reference: () => "Get the word",
  key: () => "Make a key",
  device: () => "",
};

/** What will happen, before it does. */
function Before({ provider }: { readonly provider: Provider }) {
  const { title, linking, scopes } = provider;
  if (linking === "device") return <OnDevice provider={provider} />;
  if (linking === "key")
    return (
      <p>
        You get a key for your app. It is shown once; whoever has it can add to this connection and
        see nothing. A key that you had before for {title} ends at once.
      </p>
    );
  if (linking === "reference")
    return (
      <p>
        You get a word. {title} says it back once you have let an account in there, and from then on
        that account is yours. Use it yourself and show it to nobody: whoever uses it gives their
        account to you.
      </p>
    );
  return (
    <>
      <p>
        You go to the page of {title}, say there what Singlet may read, and come back here. Nothing
        is linked before you have allowed it.
      </p>
      {scopes.length === 0 ? null : (
        <ul className="plain scopes">
          {scopes.map(({ scope, why, needed }) => (
            <li key={scope}>
              <Badge mood={needed ? "info" : "plain"}>{needed ? "Needed" : "As you like"}</Badge>{" "}
              {why}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const OnDevice = ({ provider: { name, title } }: { readonly provider: Provider }) =>
  name === "files" ? (
    <p>
      Put FIT, TCX or GPX files on <Link href="/workouts">your workouts</Link>. There is nothing to
      link.
    </p>
  ) : (
    <p>
      {title} sends from your device: sign in there as you did here, and it delivers by itself. What
      you exported before can be put on <Link href="/workouts">your workouts</Link>.
    </p>
  );

/** What was given out, once. */
function Given({ begun }: { readonly begun: Exclude<Begun, { readonly kind: "leaving" }> }) {
  if (begun.kind === "key")
    return (
      <>
        <p className="note warn">This is shown once. Take it along before you close this.</p>
        <Copy label="Address" value={begun.url} />
        <Copy label="Key" value={begun.key} />
        <p>{begun.how}</p>
      </>
    );
  return (
    <>
      <p className="note warn">
        This is shown once, and good until {moment(begun.expires)}, for one account.
      </p>
      <Copy label="The word" value={begun.reference} />
      <p>{begun.how}</p>
      {begun.authorise !== null && /^https?:/.test(begun.authorise) ? (
        <p>
          <a className="button main" href={begun.authorise} target="_blank" rel="noreferrer">
            Open its page
          </a>
        </p>
      ) : null}
    </>
  );
}

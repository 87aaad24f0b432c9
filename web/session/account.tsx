/** The corner of the frame: who is signed in, how the pages look, signing in and out. */
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button, Confirm } from "../design/controls.tsx";
import { chooseTheme, type Theme, useTheme } from "../design/theme.ts";
import { useWaits } from "../offline/waiting.ts";
import { leftWords } from "../offline/waiting-line.tsx";
import { useMe } from "./members-only.tsx";
import { signIn, signOut } from "./session.ts";
import { useSession } from "./use-session.ts";

const themes: readonly { readonly id: Theme; readonly name: string }[] = [
  { id: "auto", name: "As the device has it" },
  { id: "light", name: "Light" },
  { id: "dark", name: "Dark" },
];

export function Account() {
  const session = useSession();
  const waits = useWaits();
  const [hasFailed, setFailed] = useState(false);
  const left = waits.entries.length + waits.syncs.length + waits.refused.length;
  const [isLeaving, setLeaving] = useState(false);
  const enter = () =>
    signIn().catch(() => {
      setFailed(true);
    });
  return (
    <div className="row">
      {session.state === "out" ? (
        <>
          {hasFailed ? <small role="alert">Signing in is not possible just now.</small> : null}
          <Button kind="main" onPress={() => void enter()}>
            Sign in
          </Button>
        </>
      ) : null}
      <MenuTrigger>
        <AriaButton className="button plain">
          {session.state === "in" ? <Who subject={session.subject} /> : "Look"}
        </AriaButton>
        <Popover className="popover" placement="bottom end">
          <Choices
            isIn={session.state === "in"}
            onLeave={() => {
              if (left === 0) void signOut();
              else setLeaving(true);
            }}
          />
        </Popover>
      </MenuTrigger>
      <Confirm
        title="Sign out now?"
        deed="Sign out and lose it"
        isOpen={isLeaving}
        isPending={false}
        isDanger
        onClose={() => setLeaving(false)}
        onConfirm={() => {
          setLeaving(false);
          void signOut();
        }}
      >
        <p>
          {leftWords(waits)} Signing out leaves nothing in this browser, so it would be lost. This
          cannot be undone.
        </p>
      </Confirm>
    </div>
  );
}

function Who({ subject }: { readonly subject: string }) {
  const me = useMe();
  return <>{me.data?.displayName ?? subject}</>;
}

interface ChoicesProps {
  readonly isIn: boolean;
  readonly onLeave: () => void;
}

function Choices({ isIn, onLeave }: ChoicesProps) {
  const theme = useTheme();
  return (
    <Menu
      aria-label="Account and look"
      onAction={(key) => {
        if (key === "sign-out") onLeave();
        else chooseTheme(key as Theme);
      }}
    >
      {themes.map(({ id, name }) => (
        <MenuItem key={id} id={id} className="option" textValue={name}>
          {theme === id ? "✓ " : ""}
          {name}
        </MenuItem>
      ))}
      {isIn ? (
        <MenuItem id="sign-out" className="option" textValue="Sign out">
          Sign out
        </MenuItem>
      ) : null}
    </Menu>
  );
}

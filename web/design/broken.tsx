/**
 * What stands in a page's place when the page breaks: a fault of ours that would otherwise leave nothing
 * at all, not even the way to another page. Going elsewhere shows that other page.
 */
import { Component, type ReactNode, useEffect, useRef } from "react";
import { Button } from "./controls.tsx";

interface MayBreakProps {
  /** The address: what broke at one of them does not stand for the next. */
  readonly at: string;
  readonly children: ReactNode;
}

interface MayBreakState {
  readonly at: string;
  readonly isBroken: boolean;
}

/** React tells of what a page throws to a class alone. */
export class MayBreak extends Component<MayBreakProps, MayBreakState> {
  override state: MayBreakState = { at: this.props.at, isBroken: false };

  static getDerivedStateFromError(): Partial<MayBreakState> {
    return { isBroken: true };
  }

  static getDerivedStateFromProps(
    { at }: MayBreakProps,
    state: MayBreakState,
  ): MayBreakState | null {
    return at === state.at ? null : { at, isBroken: false };
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const self = useRef<HTMLDivElement>(null);
  // What had the focus is gone: whoever reads by ear or keyboard is taken to what stands there now.
  useEffect(() => self.current?.focus(), []);
  return (
    <div className="stack" role="alert" tabIndex={-1} ref={self}>
      <h1>This page broke</h1>
      <p>
        That is a fault in Singlet, not something you did. What was recorded is not touched by it;
        what was typed here and not yet sent is lost.
      </p>
      <div>
        <Button kind="main" onPress={() => location.reload()}>
          Load it anew
        </Button>
      </div>
    </div>
  );
}

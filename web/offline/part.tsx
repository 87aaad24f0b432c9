/**
 * A page as a part of its own, loaded when it is opened. Where it cannot be loaded the rest stands and
 * says so: there is no network, or a newer build has taken the place of the one that is running here.
 * The latter mends itself by loading the pages anew, once.
 */
import { type ComponentType, lazy } from "react";
import { Button } from "../design/controls.tsx";

const renewedName = "singlet-renewed";
/** Not again within so long: what fails as often is not mended by it. */
const renewEveryMs = 60_000;

/** True: the pages are being loaded anew. */
function renews(): boolean {
  const lastMs = Number(sessionStorage.getItem(renewedName) ?? 0);
  if (!navigator.onLine || Date.now() - lastMs < renewEveryMs) return false;
  sessionStorage.setItem(renewedName, String(Date.now()));
  location.reload();
  return true;
}

type Loaded = { readonly default: ComponentType };

export const part = (load: () => Promise<Loaded>) =>
  lazy(() =>
    load().catch(async () => {
      if (renews()) await new Promise(() => undefined);
      return { default: NotHere };
    }),
  );

const NotHere = () => (
  <div className="stack">
    <h1>This page could not be loaded</h1>
    <p role="alert">You may be offline, and it was not opened here before.</p>
    <div>
      <Button onPress={() => location.reload()}>Load it again</Button>
    </div>
  </div>
);

/** Has the browser keep the pages (service-worker.ts), and look for a newer build now and then. */
import { onSession, sessionNow } from "../session/session.ts";
import { trustedScript } from "./trusted.ts";

const lookEveryMs = 3_600_000;

export function registerWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  register().catch(() => {
    // Without it the pages work as long as there is a network.
  });
}

async function register(): Promise<void> {
  const worker = navigator.serviceWorker;
  const registration = await worker.register(trustedScript("/service-worker.js"));
  setInterval(() => void registration.update().catch(() => undefined), lookEveryMs);
  const keepAll = async () => {
    if (sessionNow().state === "in") (await worker.ready).active?.postMessage("keep-all");
  };
  onSession(() => void keepAll());
  worker.addEventListener("controllerchange", () => void keepAll());
  await keepAll();
  // A page that was on its way while the worker took over is not its own: parts of it would need a network.
  const { active } = await worker.ready;
  if (worker.controller === null) active?.postMessage("take-me");
}

/** Opens what this browser keeps, then shows the pages. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { notBefore, Problem } from "./api/problem.ts";
import { App } from "./app.tsx";
import { openTheme } from "./design/theme.ts";
import { keepSeen, openKept } from "./offline/kept-queries.ts";
import { lookAgain } from "./offline/look-again.ts";
import { registerWorker } from "./offline/register.ts";
import { openWaiting } from "./offline/waiting.ts";
import { onSession, openSession, sessionNow } from "./session/session.ts";
import "./design/tokens.css";
import "./design/base.css";
import "./design/parts.css";
import "./design/shell.css";
import "./design/wide-table.css";

/** An answer is good for so long without asking again. */
const freshMs = 5_000;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: freshMs,
      // Whether there is a network is found out by asking.
      networkMode: "always",
      refetchOnReconnect: true,
      retry: (tried, error) => error instanceof Problem && error.status >= 500 && tried < 1,
      retryDelay: (_, error) => notBefore(500, error),
    },
    mutations: { networkMode: "always" },
  },
});

openTheme();
await openSession();
await openKept(client);
keepSeen(client);
await openWaiting(client);
lookAgain(client);
onSession(() => {
  if (sessionNow().state === "out") client.clear();
});
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
registerWorker();

/** The files that this tab is sending, whichever page is open. They end with the session. */
import { useSyncExternalStore } from "react";
import { upload } from "../../api/upload.ts";
import { onSession, sessionNow } from "../../session/session.ts";
import { type Upload, UploadQueue } from "./upload-queue.ts";

export const uploads = new UploadQueue(upload);

export const useUploads = (): readonly Upload[] =>
  useSyncExternalStore(uploads.listen, uploads.now);

onSession(() => {
  if (sessionNow().state === "out") uploads.clear();
});

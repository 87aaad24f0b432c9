/** A receipt as it is now, asked for again as long as something of it is pending. */
import { useApi } from "../api/queries.ts";

export const useReceipt = (id: string, everyMs: number) =>
  useApi(
    "GET /v1/receipts/{id}",
    { params: { id } },
    { everyMs: (receipt) => ((receipt?.finished ?? null) === null ? everyMs : false) },
  );

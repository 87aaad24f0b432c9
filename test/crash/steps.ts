/**
 * The steps at which the system is killed: the platform's calls, and our own objects' methods, that
 * the numbered steps of the code stand between. `at` is what the dying workers (dying.ts) say of
 * themselves: "<where> <port>.<method> before|after".
 */
export interface Step {
  readonly name: string;
  readonly at: string;
  /** Only on its way if somebody asks for it, or if phones take back what they told. */
  readonly needs?: Errand | "take-back";
  /** Passed once or so in a life. */
  readonly isRare?: true;
}
/** A settling run, a member who leaves, keys that are wrapped anew. */
export const errands = ["settle", "leave", "rotate"] as const;
export type Errand = (typeof errands)[number];

export const steps: readonly Step[] = [
  { name: "read, before sealing", at: "Seal seal before" },
  { name: "sealed, before recording", at: "Ledger record before" },
  { name: "recorded, before answering", at: "Ledger record after" },
  { name: "numbered, before sealing", at: "Ledger number after" },
  { name: "parked, before recording", at: "Seal park after" },
  { name: "answered, before the answer is kept", at: "Ledger remember before" },
  { name: "answer kept, before it is given", at: "Ledger remember after" },
  { name: "committed, before publishing", at: "Ledger publish before" },
  { name: "before the queue takes it", at: "Ledger CHANGES.send before" },
  { name: "in the queue, before that is written down", at: "Ledger CHANGES.send after" },
  { name: "ledger is known, before its alarm is done", at: "Ledger WAREHOUSE.run after" },
  { name: "before the board has it", at: "Board put before" },
  { name: "on the board, before the ledger knows", at: "Board put after" },
  {
    name: "before a retraction reaches the vault",
    at: "Seal retract before",
    needs: "take-back",
  },
  { name: "unsealed, before the ledger knows", at: "Seal retract after", needs: "take-back" },
  { name: "landing: before the object", at: "changes ARCHIVE.put before" },
  { name: "landing: object, before its row", at: "changes ARCHIVE.put after" },
  { name: "landing: row, before the ledger is told", at: "changes WAREHOUSE.batch after" },
  { name: "landing: before the ledger takes it", at: "Ledger confirm before" },
  { name: "landing: told, before the message is done", at: "Ledger confirm after" },
  { name: "settling: before a version", at: "runs ARCHIVE.put before", needs: "settle" },
  { name: "settling: version, before its manifest", at: "runs ARCHIVE.put after", needs: "settle" },
  {
    name: "settling: before what it merged goes",
    at: "runs ARCHIVE.delete before",
    needs: "settle",
  },
  {
    name: "settling: merged is gone, rows are not",
    at: "runs ARCHIVE.delete after",
    needs: "settle",
  },
  { name: "settling: before totals", at: "runs WAREHOUSE.batch before", needs: "settle" },
  {
    name: "settling: totals, before the next part",
    at: "runs WAREHOUSE.batch after",
    needs: "settle",
  },
  { name: "settling: a run's place, kept", at: "runs WAREHOUSE.run after", needs: "settle" },
  { name: "a sample's chunk, before its row", at: "vault SEALED.put after", isRare: true },
  { name: "a new key, before what it seals", at: "vault KEYS.run before" },
  { name: "sealed rows, before anything else", at: "vault PHI.batch after" },
  { name: "log: before an entry", at: "AuditLog append before" },
  { name: "log: entry, before it is answered", at: "AuditLog append after" },
  { name: "log: before a tile", at: "AuditLog LOG_TILES.put before" },
  { name: "log: tile, before its checkpoint", at: "AuditLog LOG_TILES.put after" },
  { name: "leaving: before the vault's tombstone", at: "Open erase before", needs: "leave" },
  { name: "leaving: keys gone, ledgers there", at: "Open erase after", needs: "leave" },
  { name: "leaving: before a ledger lets go", at: "Ledger forget before", needs: "leave" },
  { name: "leaving: a ledger let go", at: "Ledger forget after", needs: "leave" },
  {
    name: "leaving: before the receipt",
    at: "edge WAREHOUSE.batch of a receipt before",
    needs: "leave",
  },
  {
    name: "leaving: receipt, before it is given",
    at: "edge WAREHOUSE.batch of a receipt after",
    needs: "leave",
  },
  {
    name: "leaving: in the vault, between databases",
    at: "vault KEYS.batch after",
    needs: "leave",
  },
  { name: "rotating: an epoch is made", at: "vault KEYRING.put after", needs: "rotate" },
  {
    name: "rotating: keys wrapped, epoch not gone",
    at: "vault KEYS.run after",
    needs: "rotate",
  },
  {
    name: "rotating: before the old epoch goes",
    at: "vault KEYRING.delete before",
    needs: "rotate",
  },
  { name: "rotating: the old epoch is gone", at: "vault KEYRING.delete after", needs: "rotate" },
];

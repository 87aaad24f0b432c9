/** The archive: does everything add up, what it was asked to do, how far boards are off, its partitions. */
import { BalanceCard } from "./balance.tsx";
import { DriftCard } from "./drift.tsx";
import { PartitionsCard } from "./partitions.tsx";
import { RunsCard } from "./runs.tsx";
import { Settle } from "./settle.tsx";

export function ArchivePart() {
  return (
    <>
      <BalanceCard />
      <Settle />
      <RunsCard />
      <DriftCard />
      <PartitionsCard />
    </>
  );
}

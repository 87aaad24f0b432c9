/**
 * The vault as the other parts of a world reach it: a process of its own over the wire, which loses
 * its memory when it dies, and a note of what it was told, for whoever judges.
 */
import type { MemberId } from "../../../domain/identity.ts";
import type { ErasureScope, SealPort } from "../../../domain/ports.ts";
import { chanceOf } from "../../oracle/chance.ts";
import type { VaultSide } from "./side.ts";
import type { Process, Wire } from "./wire.ts";

interface NotedRow {
  readonly row?: string;
  readonly id?: string;
  readonly revision: number;
}

export class VaultLink {
  side!: VaultSide;
  /** By row, the greatest revision that it was told to seal, and to let go of. */
  readonly told = new Map<string, { sealed?: number; retracted?: number }>();
  readonly #wire: Wire;
  #process: Process;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.#process = this.#anew();
  }

  #anew(): Process {
    const die = () => {
      this.#process = this.#anew();
      this.side.crash();
    };
    return { part: "vault", isAlive: true, isLoud: true, die };
  }

  #call<T>(port: string, work: (side: VaultSide) => Promise<T>): Promise<T> {
    return this.#wire.call(port, () => this.#wire.within(this.#process, () => work(this.side)));
  }

  erase(member: MemberId, scope: ErasureScope): Promise<void> {
    return this.#call("vault.erase", (side) => side.erase(member, scope));
  }

  evict(): void {
    this.#process.isAlive = false;
    this.#process.die();
  }

  /** One of its own acts; what it is called. One that fails is nobody's here. */
  act(nth: number, seed: number): string {
    const { acts } = this.side;
    const act = acts[nth % Math.max(1, acts.length)];
    if (act === undefined) return "nothing";
    void this.#wire.within(this.#process, () => act.run(chanceOf(seed))).catch(() => undefined);
    return act.name;
  }

  readonly seal: SealPort = {
    seal: async (...said) => {
      const outcome = await this.#ask("seal", said);
      if (outcome === "sealed") this.#note("sealed", said[2] as readonly NotedRow[]);
      return outcome;
    },
    retract: async (...said) => {
      await this.#ask("retract", said);
      this.#note("retracted", said[1]);
    },
    park: (...said) => this.#ask("park", said),
    isErasing: (...said) => this.#ask("isErasing", said),
  };

  #ask<M extends keyof SealPort>(
    method: M,
    said: Parameters<SealPort[M]>,
  ): ReturnType<SealPort[M]> {
    const call = ({ seal }: VaultSide) =>
      (seal[method] as (...list: unknown[]) => Promise<never>)(...structuredClone(said));
    return this.#call(`vault.${method}`, call) as ReturnType<SealPort[M]>;
  }

  #note(what: "sealed" | "retracted", rows: readonly NotedRow[]): void {
    for (const { id, row = id ?? "", revision } of rows) {
      const told = this.told.get(row) ?? {};
      told[what] = Math.max(told[what] ?? -1, revision);
      this.told.set(row, told);
    }
  }
}

/** Who leaves boards is off them, also where the request that said so was cut off. */
import { expect, it } from "vitest";
import { hour, memberId, tellChoices, world } from "./social-world.ts";

it("tells the ledgers of who left boards just now again, each by itself", async () => {
  const here = world();
  const members = [await here.enrol(1), await here.enrol(2), await here.enrol(3)];
  here.after(1);
  here.faults.ledger = true;
  for (const member of members) await expect(here.choose(member, false)).rejects.toThrow("down");
  here.faults.ledger = false;
  const isDown = { configure: () => Promise.reject(new Error("down")) };
  const ledger = (stream: never, member: string) =>
    member === memberId(2) ? isDown : here.ports.ledger(stream, member);
  await expect(tellChoices({ ...here.ports, ledger }, here.clock.nowMs)).rejects.toThrow("down");
  const onBoards = () => members.map((member) => here.settings.get(member)?.onBoards);
  expect(onBoards()).toEqual([false, true, false]);
  await tellChoices(here.ports, here.clock.nowMs);
  expect(onBoards()).toEqual([false, false, false]);
});

it("leaves it at that after a while", async () => {
  const here = world();
  const ada = await here.enrol(1);
  here.after(1);
  await here.choose(ada, false);
  const before = here.configured.length;
  await tellChoices(here.ports, here.clock.nowMs + hour);
  expect(here.configured.length).toBe(before);
});

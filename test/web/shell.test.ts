/** The frame of the pages: what a visitor is shown, signing in and out, and what is left afterwards. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultless, type Stage, signIn, stage, visit } from "./support.ts";

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

describe("the frame", () => {
  it("shows a visitor the leaderboard, and asks nobody else for anything", async () => {
    const visitor = await visit(on);
    await visitor.page.goto("/");
    await visitor.page.getByRole("heading", { level: 1 }).waitFor();
    expect(new URL(visitor.page.url()).pathname).toBe("/leaderboard");
    faultless(visitor);
  });

  it("signs a member in and out again", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada");
    await ada.page.getByRole("link", { name: "My day" }).waitFor();
    await ada.page.getByRole("button", { name: "Ada" }).click();
    await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
    await ada.page.getByRole("banner").getByRole("button", { name: "Sign in" }).waitFor();
    faultless(ada);
  });
});

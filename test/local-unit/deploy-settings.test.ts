/** What a deployment says for itself stands in files and in the dashboard: no secret of it may. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readSettings } from "../../local/deploy-plan.ts";
import { secretNames, secrets } from "../../local/deploy-secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (settings: object) => {
  const file = join(folder, "deploy.json");
  writeFileSync(file, JSON.stringify(settings));
  return readSettings(file);
};

it("takes no secret for a setting, of any worker, and does not repeat it", () => {
  const hidden = "c2VjcmV0";
  expect(secrets.every(({ name }) => secretNames.includes(name))).toBe(true);
  for (const name of secretNames)
    for (const worker of ["edge", "vault", "archive"]) {
      const take = () => read({ [worker]: { PUBLIC_URL: "https://a.test", [name]: hidden } });
      expect(take).toThrow(`${worker} holds a secret`);
      expect(take).not.toThrow(hidden);
    }
});

it("takes what is no secret", () => {
  const edge = { PUBLIC_URL: "https://a.test" };
  expect(read({ edge })).toEqual({ edge, vault: {}, archive: {} });
});

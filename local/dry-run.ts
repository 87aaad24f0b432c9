/** `wrangler deploy --dry-run` of the three workers: what would be deployed builds and binds. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPages } from "./pages.ts";

const configs = ["workers/vault/wrangler.toml", "wrangler.toml", "workers/archive/wrangler.toml"];

await buildPages();
for (const config of configs) {
  const outdir = mkdtempSync(join(tmpdir(), "singlet-dry-run-"));
  const run = spawnSync("wrangler", ["deploy", "--dry-run", "--outdir", outdir, "-c", config], {
    encoding: "utf8",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
  });
  rmSync(outdir, { recursive: true, force: true });
  const size = /Total Upload: .*/.exec(run.stdout)?.[0] ?? "";
  process.stdout.write(`${run.status === 0 ? "ok  " : "FAIL"} ${config}  ${size}\n`);
  if (run.status !== 0) {
    process.stderr.write(`${run.stdout}\n${run.stderr}\n`);
    process.exit(1);
  }
}

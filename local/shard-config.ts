/** A shard as the vault's wrangler.toml declares it: two databases, numbered without a gap. */

export const vaultConfig = "workers/vault/wrangler.toml";
const shardsMax = 1_000;
const idPattern = /database_id = "00000000-0000-0000-0000-(\d{12})"/g;

/** How many shards the configuration declares. */
export function shardsIn(config: string): number {
  let n = 0;
  while (n < shardsMax && config.includes(`binding = "PHI_${n}"`)) n++;
  return n;
}

/** The configuration with one shard more, its ids still to be filled in. */
export function withShard(config: string): string {
  const n = shardsIn(config);
  if (n === 0 || n === shardsMax) throw new Error(`${vaultConfig} cannot take another shard`);
  const last = config.indexOf(`binding = "KEYS_${n - 1}"`);
  if (last < 0) throw new Error(`${vaultConfig} has PHI_${n - 1} without KEYS_${n - 1}`);
  const next = config.indexOf("\n[", last);
  const at = next < 0 ? config.length : next;
  const placeholders = [...config.matchAll(idPattern)].map(([, id]) => Number(id));
  const free = Math.max(0, ...placeholders) + 1;
  const phi = database(`PHI_${n}`, `phi-${n}`, free, "phi");
  const keys = database(`KEYS_${n}`, `keys-${n}`, free + 1, "keys");
  return `${config.slice(0, at)}${phi}${keys}${config.slice(at)}`;
}

const database = (binding: string, name: string, id: number, folder: string): string => `
[[d1_databases]]
binding = "${binding}"
database_name = "${name}"
database_id = "00000000-0000-0000-0000-${String(id).padStart(12, "0")}"
migrations_dir = "../../migrations/${folder}"
`;

/** What is to be done once it is declared. */
export const nextCommands = (n: number): string => `
  wrangler d1 create phi-${n}
  wrangler d1 create keys-${n}        the two ids go into ${vaultConfig}
  wrangler d1 migrations apply phi-${n} --remote -c ${vaultConfig}
  wrangler d1 migrations apply keys-${n} --remote -c ${vaultConfig}
  wrangler deploy -c ${vaultConfig}
  npm run vault -- open-shard ${n}

A local system declares and migrates it when it is started again: only the last one is needed.
`;

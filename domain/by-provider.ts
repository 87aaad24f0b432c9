/** A setting of a deployment that is JSON by provider's name; undefined: nothing is said of this one. */
export function settingOf<T>(json: string, provider: string): T | undefined {
  const all = JSON.parse(json) as Readonly<Record<string, T>>;
  return Object.hasOwn(all, provider) ? all[provider] : undefined;
}

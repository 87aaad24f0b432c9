/** What totals go by, where it is more than one name; U+001F stands in none of them. */
export const totalKey = (parts: readonly string[]): string => parts.join("\u001f");
export const keyParts = (key: string): readonly string[] => key.split("\u001f");

/** The letter on the key; by its place where the layout has others (ㄷ is E). */
export function letterOf({ key, code }: { key: string; code: string }): string {
  if (/^[\x21-\x7e]$/.test(key)) return key.toLowerCase();
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? key;
}

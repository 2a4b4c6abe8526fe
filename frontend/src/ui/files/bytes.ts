const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** "1.4 MB", as the language writes it; thousands, as file managers count them. */
export function bytes(count: number, language: string): string {
  let value = count;
  let at = 0;
  // 999.5 kB would be written as 1,000 kB.
  while (value >= 999.5 && at < UNITS.length - 1) {
    value /= 1_000;
    at += 1;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[at] ?? "byte",
    unitDisplay: at === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && at > 1 ? 1 : 0,
  }).format(value);
}

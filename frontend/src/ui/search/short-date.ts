const DAY_MS = 86_400_000;

/** The time of today, the day of this year, the date of before: as short as it can be told apart. */
export function shortDate(at: number, now: number, language: string): string {
  const day = new Date(at);
  const today = new Date(now);
  const same = day.toDateString() === today.toDateString();
  const form: Intl.DateTimeFormatOptions = same
    ? { hour: "numeric", minute: "2-digit" }
    : day.getFullYear() === today.getFullYear() || now - at < 90 * DAY_MS
      ? { month: "short", day: "numeric" }
      : { year: "numeric", month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(language, form).format(at);
}

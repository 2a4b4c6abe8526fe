// What day it is where the reader is: a page may stay open over midnight, or go on a journey.

import { onAttention } from "../kit/attention";
import type { I18n } from "../i18n/i18n";

/** How late a page may be at midnight. */
const LOOK_MS = 10_000;

const here = () =>
  `${new Date().toDateString()} ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;

/** For the life of the page. */
export function followCalendar(i18n: I18n): void {
  let known = here();
  const look = () => {
    const now = here();
    if (now === known) return;
    known = now;
    i18n.today.value = Date.now();
  };
  setInterval(look, LOOK_MS);
  onAttention(look);
}

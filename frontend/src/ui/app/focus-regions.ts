// The parts of the page that F6 goes through, as in a desktop program.

/** In the order of the screen; within a region the first that is there takes the focus. */
const REGIONS: readonly { within: string; focus: readonly string[] }[] = [
  {
    within: ".rooms-side",
    focus: [".room-item[aria-current]", "[data-testid=room-item]", "input[type=search]"],
  },
  { within: ".timeline", focus: ["[role=log]"] },
  { within: ".composer", focus: ["textarea"] },
  { within: ".search-side", focus: ["input"] },
  { within: ".people-side", focus: ["ul"] },
];

/** Puts the focus into the next region on screen; whether there is one. */
export function cycleRegion(step: 1 | -1): boolean {
  const here = REGIONS.map(({ within }) => document.querySelector(within));
  const active = document.activeElement;
  const at = here.findIndex((region) => region?.contains(active) === true);
  const count = REGIONS.length;
  for (let n = 1; n <= count; n++) {
    const index = ((at < 0 && step < 0 ? 0 : at) + step * n + count * 2) % count;
    const wanted = REGIONS[index]?.focus ?? [];
    for (const selector of wanted) {
      const element = here[index]?.querySelector<HTMLElement>(selector);
      if (element === null || element === undefined) continue;
      element.focus();
      return true;
    }
  }
  return false;
}

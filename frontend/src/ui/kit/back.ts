// What stands over the page, and "back": it closes the uppermost and goes nowhere. For each there is an
// entry of the history to go back from. Who closes it by other means leaves that entry behind: the next
// one that opens takes it, and "back" passes over it.

interface Mark {
  /** How many stand over the page in this entry; none in the one they were opened from. */
  over: number;
  /** Which entry it is, counted from the first that is marked. */
  place: number;
}

const open: (() => void)[] = [];
/** The entry that the browser is at. */
let at: Mark = { over: 0, place: 0 };

function marked(): Mark | null {
  const { over, place } = (history.state ?? {}) as Partial<Mark>;
  return typeof over === "number" && typeof place === "number" ? { over, place } : null;
}

/** Where the browser is, which is marked from now on: an unknown entry is the next or the first one. */
function here(next: number): Mark {
  const known = marked() ?? { over: 0, place: at.place + next };
  history.replaceState(known, "");
  return known;
}

/** Something stands over everything else from now on, until the returned function is called. */
export function overPage(close: () => void): () => void {
  open.push(close);
  at = here(0);
  while (at.over < open.length) {
    at = { over: at.over + 1, place: at.place + 1 };
    history.pushState(at, "");
  }
  return () => {
    const index = open.indexOf(close);
    if (index >= 0) open.splice(index, 1);
  };
}

/** Listens for the life of the page. */
export function followBack(): void {
  at = here(0);
  addEventListener("popstate", () => {
    const before = at;
    at = here(1);
    if (at.place >= before.place) return;
    if (open.length > at.over) for (const close of open.slice(at.over).reverse()) close();
    else if (before.over > at.over) history.back();
  });
}

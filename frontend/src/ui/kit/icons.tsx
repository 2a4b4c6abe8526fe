// Our own small set, drawn on a 20 by 20 grid with 1.6 strokes: what the page shows first. The others
// are in `more-icons.tsx`.

export const PATHS = {
  close: "M5.5 5.5l9 9m0-9l-9 9",
  plus: "M10 4.5v11M4.5 10h11",
  search: "M9 4.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm3.3 7.8l3.7 3.7",
  menu: "M4 6h12M4 10h12M4 14h8",
  send: "M10 15.5v-11M5.5 9L10 4.5 14.5 9",
  people:
    "M7.5 9.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM2.8 15.8c.5-2.4 2.3-3.8 4.7-3.8s4.2 1.4 4.7 3.8M12.8 4.3a2.6 2.6 0 0 1 0 5M14.4 12.4c1.5.5 2.5 1.7 2.9 3.4",
  settings:
    "M3.5 6.2h6M13.5 6.2h3M3.5 13.8h3M10.5 13.8h6M11.5 4.2a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM8.5 11.8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  leave:
    "M8.5 4H5.2c-.7 0-1.2.5-1.2 1.2v9.6c0 .7.5 1.2 1.2 1.2h3.3M12.5 6.5L16 10l-3.5 3.5M16 10H8",
  link: "M8.6 11.4a2.8 2.8 0 0 0 4 0l2.5-2.5a2.8 2.8 0 0 0-4-4L10 6M11.4 8.6a2.8 2.8 0 0 0-4 0l-2.5 2.5a2.8 2.8 0 0 0 4 4L10 14",
  clock: "M10 3.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 0 0 0-12.4zM10 6.8V10l2.2 1.6",
  pencil: "M4.5 15.5l.8-3.2 7.6-7.6a1.7 1.7 0 0 1 2.4 2.4l-7.6 7.6z",
  reply: "M8 5.5L4 9.5l4 4M4 9.5h7.5c2.5 0 4.5 2 4.5 5",
  pin: "M7.2 3.8h5.6M8 3.8l-.4 5-2.1 2.4h9l-2.1-2.4-.4-5M10 11.2v5",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return <Drawing path={PATHS[name]} />;
}

/** An icon that comes with the part of the page that has it. */
export function Drawing({ path }: { path: string }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** The boards of a wooden floor. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="logo-floor" width="32" height="32" rx="8" />
      <path
        class="logo-board"
        d="M5 7.5h13v4H5zM20 7.5h7v4h-7zM5 14h6v4H5zM13 14h14v4H13zM5 20.5h11v4H5zM18 20.5h9v4h-9z"
      />
    </svg>
  );
}

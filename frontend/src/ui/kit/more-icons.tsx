// Icons that only later parts of the page have, with all that are here already.

import { Drawing, PATHS } from "./icons";

const ALL = {
  ...PATHS,
  back: "M12 4.5L6.5 10l5.5 5.5",
  copy: "M7.5 7.2c0-.7.5-1.2 1.2-1.2h6.1c.7 0 1.2.5 1.2 1.2v7.6c0 .7-.5 1.2-1.2 1.2H8.7c-.7 0-1.2-.5-1.2-1.2zM12.5 6V5.2c0-.7-.5-1.2-1.2-1.2H5.2C4.5 4 4 4.5 4 5.2v7.6c0 .7.5 1.2 1.2 1.2h2.3",
  trash: "M4 6h12M8 6V4.2h4V6M5.5 6l.7 9.8h7.6l.7-9.8M8.5 9v4M11.5 9v4",
  more: "M4.7 10h.6M9.7 10h.6M14.7 10h.6",
  react:
    "M15.9 9.2A6.2 6.2 0 1 1 10.8 4.1M7.2 11.6c.6 1.1 1.6 1.7 2.8 1.7s2.2-.6 2.8-1.7M7.8 8.3v.3M12.2 8.3v.3M15 3v4M13 5h4",
  offline:
    "M4 4l12 12M3 8.5a10 10 0 0 1 3.2-2.1M17 8.5a10 10 0 0 0-6-2.9M6 11.6a5.6 5.6 0 0 1 3-1.5M10 15.2v.1",
  down: "M10 4.5v11m-4.5-4.5l4.5 4.5 4.5-4.5",
  alert: "M10 3.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 0 0 0-12.4zM10 6.8v3.8M10 13.2v.1",
  smile:
    "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM7.2 11.6c.6 1.1 1.6 1.7 2.8 1.7s2.2-.6 2.8-1.7M7.8 8.1v.4M12.2 8.1v.4",
  clip: "M14.8 9.6l-4.9 4.9a3.2 3.2 0 0 1-4.5-4.5l5.6-5.6a2.1 2.1 0 0 1 3 3l-5.5 5.5a1 1 0 0 1-1.5-1.5l4.6-4.6",
} as const;

export type AnyIconName = keyof typeof ALL;

export function AnyIcon({ name }: { name: AnyIconName }) {
  return <Drawing path={ALL[name]} />;
}

// What only files need, drawn as in `kit/icons.tsx`.

import { Drawing } from "../../kit/icons";

const PATHS = {
  file: "M11.5 3.8H6.7c-.7 0-1.2.5-1.2 1.2v10c0 .7.5 1.2 1.2 1.2h6.6c.7 0 1.2-.5 1.2-1.2V6.8zM11.5 3.8v3h3",
  download: "M10 4v8m-3.5-3.2L10 12.3l3.5-3.5M4.5 15.8h11",
  outside:
    "M11 4.5h4.5V9M15.2 4.8L9.5 10.5M8 5H5.7c-.7 0-1.2.5-1.2 1.2v8.1c0 .7.5 1.2 1.2 1.2h8.1c.7 0 1.2-.5 1.2-1.2V12",
  forward: "M8 4.5l5.5 5.5L8 15.5",
  again: "M15.6 8.4A6 6 0 1 0 16 10M16 4.6v4h-4",
} as const;

export function FileIcon({ name }: { name: keyof typeof PATHS }) {
  return <Drawing path={PATHS[name]} />;
}

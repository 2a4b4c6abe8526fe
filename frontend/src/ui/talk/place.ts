const GAP = 8;

/** Below what opened it, its right edges in line, or above where there is no room; in the window. */
export function placeBeside(
  anchor: Element | null,
  { width, height }: { width: number; height: number },
): Record<string, string> {
  const within = (at: number, room: number) => `${Math.max(GAP, Math.min(at, room))}px`;
  const box = anchor?.getBoundingClientRect();
  const x = (box?.right ?? innerWidth / 2) - width;
  const below = (box?.bottom ?? 0) + GAP;
  const y = below + height > innerHeight - GAP ? (box?.top ?? 0) - height - GAP : below;
  return {
    "--x": within(x, innerWidth - width - GAP),
    "--y": within(y, innerHeight - height - GAP),
  };
}

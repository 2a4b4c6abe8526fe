/** Apple's keyboards have a Command key where others have Control. */
export const APPLE = /Mac|iPhone|iPad/.test(
  (globalThis as { navigator?: { platform?: string } }).navigator?.platform ?? "",
);

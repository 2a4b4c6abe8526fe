// Before the first paint, so that a dark page never flashes white. The rest is in src/ui/shell/theme.ts.
try {
  const theme = localStorage.getItem("maru:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: as the system is.
}

// Before the first paint, so that a dark page never flashes white and nothing moves. The rest is in
// src/ui/context/theme.ts and preferences.ts.
try {
  const theme = localStorage.getItem("maru:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (localStorage.getItem("maru:density") === "compact")
    document.documentElement.dataset.density = "compact";
} catch {
  // Storage is blocked: as the system is.
}

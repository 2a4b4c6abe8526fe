import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";
import { emojiData } from "./build/emoji-data.ts";
import { serviceWorker } from "./build/precache.ts";

/** `__vitePreload(() => import("./late.js").then((m) => m.Part), __VITE_PRELOAD__, import.meta.url)` */
const WRAPPED =
  /[\w$]+\(\(\) => (import\([^()]*\)(?:\.then\(\(\w+\) => [\w.]+\))?), __VITE_PRELOAD__, import\.meta\.url\)/g;

/** An import is an import: the helper would look for what to preload first, of which there is none. */
const plainImports: Plugin = {
  name: "maru-plain-imports",
  enforce: "pre",
  load: (id) =>
    id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null,
  renderChunk: (code) =>
    code
      .replaceAll(WRAPPED, "$1")
      // A longer one stays a call.
      .replaceAll(", __VITE_PRELOAD__, import.meta.url)", ")"),
};

export default defineConfig({
  // Relative addresses: the page works below any path of any static host.
  base: "./",
  plugins: [plainImports, emojiData(), serviceWorker()],
  // markdown-it's table of HTML entities: that file says why not.
  resolve: {
    alias: {
      entities: decodeURIComponent(
        new URL("src/ui/markdown/no-entities.ts", import.meta.url).pathname,
      ),
    },
  },
  build: {
    // The oldest that have what the page is made of: `color-mix` and `oklch` (Chrome), Intl.Segmenter
    // (Firefox), lookbehind in patterns (Safari). README names them.
    target: ["chrome111", "edge111", "firefox125", "safari16.4"],
    // What starts the page is one file; the later parts it fetches ahead by itself (`ui/app/prefetch.ts`).
    modulePreload: false,
    rolldownOptions: {
      output: {
        // Each name stands in the first file; seven characters tell the versions of one part apart.
        chunkFileNames: "assets/[name]-[hash:7].js",
        codeSplitting: {
          groups: [
            { name: "page", tags: ["$initial"], test: /[\\/](?:src|node_modules|vite)[\\/]/ },
          ],
        },
      },
    },
    // Data URLs would need more holes in the CSP.
    assetsInlineLimit: 0,
  },
  server: { port: 3000 },
  preview: { port: 3000 },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "node",
    // Read by Vite too, so that tests see the parser that people get.
    server: { deps: { inline: ["markdown-it"] } },
  },
});

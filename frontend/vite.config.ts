import { defineConfig } from "vitest/config";
import { emojiData } from "./build/emoji-data.ts";

export default defineConfig({
  // Relative addresses: the page works below any path of any static host.
  base: "./",
  plugins: [emojiData()],
  // markdown-it's table of HTML entities: that file says why not.
  resolve: {
    alias: {
      entities: decodeURIComponent(
        new URL("src/ui/timeline/body/no-entities.ts", import.meta.url).pathname,
      ),
    },
  },
  build: {
    target: "es2022",
    // The polyfill is an inline script by another name; every browser we support preloads modules.
    modulePreload: { polyfill: false },
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

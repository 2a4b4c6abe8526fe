// Builds the service worker beside the page: one file of its own without a hash in its name, with
// the list of what the page consists of and a version that changes when any of it does.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Written by whoever deploys the page; the worker remembers it on its own. */
const NOT_OURS: ReadonlySet<string> = new Set(["config.json"]);

/** All files below a folder, by paths with `/`, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** What the worker keeps; the page itself is "", as it is asked for. */
export function precached(files: ReadonlyMap<string, string | Uint8Array>): {
  files: string[];
  version: string;
} {
  const hash = createHash("sha256");
  const names = [...files.keys()].filter((name) => !NOT_OURS.has(name)).sort();
  for (const name of names) {
    const content = files.get(name) ?? "";
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return {
    files: names.map((name) => (name === "index.html" ? "" : name)),
    version: hash.digest("hex").slice(0, 16),
  };
}

export function serviceWorker(): Plugin {
  const FILE = "sw.js";
  let publicDir = "";
  return {
    name: "maru-service-worker",
    apply: "build",
    configResolved(config) {
      ({ publicDir } = config);
    },
    buildStart() {
      this.emitFile({
        type: "chunk",
        id: join(import.meta.dirname, "../sw/sw.ts"),
        fileName: FILE,
      });
    },
    generateBundle: {
      // After everybody who still adds or changes a file.
      order: "post",
      handler(_, bundle) {
        const worker = bundle[FILE];
        if (worker?.type !== "chunk") throw new Error("the service worker was not built");
        if (worker.imports.length > 0) throw new Error("the service worker must be one file");
        const files = new Map<string, string | Uint8Array>();
        for (const path of filesBelow(publicDir))
          files.set(path, readFileSync(join(publicDir, path)));
        for (const [name, output] of Object.entries(bundle)) {
          if (name !== FILE) files.set(name, output.type === "chunk" ? output.code : output.source);
        }
        const { files: list, version } = precached(files);
        worker.code = worker.code
          .replaceAll("MARU_FILES", JSON.stringify(list))
          .replaceAll("MARU_VERSION", JSON.stringify(version));
      },
    },
  };
}

import type { FileInfo } from "../../protocol/generated";
import type { App } from "../app-context";
import { heightOf } from "./box";
import { Attachments } from "./parts";

/** What a message carries. Its place is kept until what draws it is there. */
export function MessageFiles({ app, files }: { app: App; files: readonly FileInfo[] }) {
  const Part = Attachments.get();
  if (Part !== null) return <Part app={app} files={files} />;
  return <div class="files" style={{ height: `${heightOf(files)}px` }} data-testid="files" />;
}

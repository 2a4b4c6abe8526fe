import { useApp } from "../app-context";
import { Attaching } from "./parts";

/** The files that a message waits for. */
export function Waiting({ id }: { id: string }) {
  const part = Attaching.get();
  const uploads = useApp().client.uploads.of(id);
  return part === null ? null : <part.Chips uploads={uploads} />;
}

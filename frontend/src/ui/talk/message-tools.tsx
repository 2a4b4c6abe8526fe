import { useComputed } from "@preact/signals";
import type { Room } from "../../store/room";
import type { App } from "../app-context";
import { talkPart } from "./part";

interface Props {
  app: App;
  room: Room;
  seq: number;
  id: string;
}

/** The toolbar of the message that the pointer or the keyboard is at. The others have none. */
export function MessageTools({ app, room, seq, id }: Props) {
  const { talk } = app;
  const here = useComputed(() => talk.hovered.value === id || talk.focused.value === id).value;
  const part = here ? talkPart() : null;
  return part === null ? null : <part.Toolbar room={room} seq={seq} />;
}

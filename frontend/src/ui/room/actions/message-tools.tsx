import { useComputed } from "@preact/signals";
import type { Room } from "../../../store/room";
import type { App } from "../../context/app-context";
import { MessageActions } from "./parts";

interface Props {
  app: App;
  room: Room;
  seq: number;
  id: string;
}

/** The toolbar of the message that the pointer or the keyboard is at. The others have none. */
export function MessageTools({ app, room, seq, id }: Props) {
  const { roomUi } = app;
  const here = useComputed(() => roomUi.hovered.value === id || roomUi.focused.value === id).value;
  const part = here ? MessageActions.get() : null;
  return part === null ? null : <part.Toolbar room={room} seq={seq} />;
}

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Seq } from "../../protocol/generated";
import type { Room } from "../../store/room";
import type { Client } from "../../sync/client";
import type { I18n } from "../i18n/i18n";
import type { Preferences } from "./preferences";
import type { Router } from "./address";
import type { RoomViews } from "./room-views";
import type { Surfaces } from "./surfaces";
import type { Theme } from "./theme";
import type { Toasts } from "./toasts";
import type { RoomUi } from "./room-ui";

/** Everything a component can reach. One per page. */
export interface App {
  client: Client;
  i18n: I18n;
  theme: Theme;
  preferences: Preferences;
  router: Router;
  toasts: Toasts;
  surfaces: Surfaces;
  views: RoomViews;
  roomUi: RoomUi;
  /** The address of the server's socket. */
  server: string;
  /** Has something run right before each drawing of the page; returns what ends that. */
  beforeDrawing: (run: () => void) => () => void;
  /** Brings a message of the room on screen into view, and the keyboard to it. */
  showMessage: (room: Room, seq: Seq) => void;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("outside of <AppContext.Provider>");
  return app;
}

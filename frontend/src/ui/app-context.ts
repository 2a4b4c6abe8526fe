import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Seq } from "../protocol/generated";
import type { Room } from "../store/room";
import type { Client } from "../sync/client";
import type { Files } from "./files/files";
import type { I18n } from "./i18n/i18n";
import type { Preferences } from "./shell/preferences";
import type { Router } from "./shell/router";
import type { RoomViews } from "./shell/room-views";
import type { Surfaces } from "./shell/surfaces";
import type { Theme } from "./shell/theme";
import type { Toasts } from "./shell/toasts";
import type { Talk } from "./talk/talk";

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
  talk: Talk;
  files: Files;
  /** Brings a message of the room on screen into view, and the keyboard to it. */
  showMessage: (room: Room, seq: Seq) => void;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("outside of <AppContext.Provider>");
  return app;
}

import { useEffect } from "preact/hooks";
import { useApp } from "../app-context";
import { AboutDialog } from "./about-dialog";
import { shownMessage, toggleReaction } from "./deeds";
import { DeleteDialog } from "./delete-dialog";
import { MessageMenu } from "./message-menu";
import { PinnedPanel } from "./pinned-panel";
import { ReactionPicker } from "./reaction-picker";
import type { Opened } from "./talk";

/** What stands over a room; it closes when the message that it is for goes. */
export function Overlay({ opened }: { opened: Opened }) {
  const app = useApp();
  const { talk } = app;
  const gone = "seq" in opened && shownMessage(app, opened.room, opened.seq) === undefined;
  useEffect(() => {
    if (gone) talk.close();
  }, [gone]);
  if (gone) return null;
  const close = () => talk.close();
  switch (opened.is) {
    case "menu":
      return <MessageMenu key={opened.seq} {...opened} onClose={close} />;
    case "picker": {
      const { room, seq, anchor } = opened;
      const pick = (emoji: string) => {
        close();
        toggleReaction(app, room, seq, emoji);
      };
      return <ReactionPicker anchor={anchor} onPick={pick} onClose={close} />;
    }
    case "delete":
      return <DeleteDialog room={opened.room} seq={opened.seq} onClose={close} />;
    case "about":
      return <AboutDialog room={opened.room} onClose={close} />;
    case "pinned":
      return <PinnedPanel room={opened.room} onClose={close} />;
  }
}

import { useEffect } from "preact/hooks";
import { useApp } from "../context/app-context";
import { AboutDialog } from "./header/about-dialog";
import { shownMessage, toggleReaction } from "./actions/actions";
import { DeleteDialog } from "./actions/delete-dialog";
import { MessageMenu } from "./actions/message-menu";
import { PinnedPanel } from "./header/pinned-panel";
import { EmojiPicker } from "../features/emoji/emoji-picker";
import type { Opened } from "../context/room-ui";

/** What stands over a room; it closes when the message that it is for goes. */
export function Overlay({ opened }: { opened: Opened }) {
  const app = useApp();
  const { roomUi } = app;
  const gone = "seq" in opened && shownMessage(app, opened.room, opened.seq) === undefined;
  useEffect(() => {
    if (gone) roomUi.close();
  }, [gone]);
  if (gone) return null;
  const close = () => roomUi.close();
  switch (opened.is) {
    case "menu":
      return <MessageMenu key={opened.seq} {...opened} onClose={close} />;
    case "picker": {
      const { room, seq, anchor } = opened;
      const pick = (emoji: string) => {
        close();
        toggleReaction(app, room, seq, emoji);
      };
      return <EmojiPicker anchor={anchor} onPick={pick} onClose={close} />;
    }
    case "delete":
      return <DeleteDialog room={opened.room} seq={opened.seq} onClose={close} />;
    case "about":
      return <AboutDialog room={opened.room} onClose={close} />;
    case "pinned":
      return <PinnedPanel room={opened.room} onClose={close} />;
  }
}

import { EmojiPicker } from "../emoji/emoji-picker";

interface Props {
  anchor: Element | null;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

/** Any emoji, as a reaction. */
export function ReactionPicker({ anchor, onPick, onClose }: Props) {
  return <EmojiPicker anchor={anchor} onPick={onPick} onClose={onClose} />;
}

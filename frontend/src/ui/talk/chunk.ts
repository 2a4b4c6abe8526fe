// Everything that is done with messages, loaded together (`part.ts`).

export { Completion, MentionList } from "../compose/mention-list";
export { ComposeBar } from "../compose/compose-bar";
export { TypingLine } from "../compose/typing-line";
export { EmojiButton } from "../emoji/emoji-button";
export { editLast } from "./deeds";
export { attachHands } from "./hands";
export { Overlay } from "./overlay";
export { Toolbar } from "./toolbar";
export { sayUndone } from "./undone";

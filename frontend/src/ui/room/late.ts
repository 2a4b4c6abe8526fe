// Everything that is done with messages, loaded together (`part.ts`).

export { Completion, MentionList } from "./composer/mention-list";
export { ComposeBar } from "./composer/compose-bar";
export { TypingLine } from "./composer/typing-line";
export { EmojiButton } from "./composer/emoji-button";
export { editLast } from "./actions/actions";
export { attachHands } from "./actions/pointer-and-keys";
export { Overlay } from "./overlay";
export { Toolbar } from "./actions/toolbar";
export { sayUndone } from "./actions/undone";

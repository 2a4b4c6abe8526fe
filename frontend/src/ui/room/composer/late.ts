export { ComposeBar } from "./compose-bar";
export { EmojiButton } from "./emoji-button";
export { Completion, MentionList } from "./mention-list";
export { TypingLine } from "./typing-line";

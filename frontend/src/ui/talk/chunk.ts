// Everything that is done with messages, loaded together (`part.ts`).

export { Completion, MentionList } from "../compose/mention-list";
export { ComposeBar } from "../compose/compose-bar";
export { editLast } from "./deeds";
export { attachHands } from "./hands";
export { Overlay } from "./overlay";
export { Toolbar } from "./toolbar";
export { sayUndone } from "./undone";

// Everything that brings files to the server, loaded together (`parts.ts`).

export { AttachButton } from "./attach-button";
export { attach, benchOf } from "./bench";
export { DropZone } from "./drop-zone";
export { Chips, Tray } from "./tray";

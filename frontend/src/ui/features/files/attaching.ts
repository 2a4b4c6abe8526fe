// Everything that brings files to the server, loaded together (`parts.ts`).

export { AttachButton } from "./attach-button";
export { attach, offerWithout, uploadSessionOf } from "./upload-session";
export { DropZone } from "./drop-zone";
export { Chips, Tray } from "./tray";

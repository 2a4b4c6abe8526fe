export { editLast, sayUndone } from "./actions";
export { attachHands } from "./pointer-and-keys";
export { Toolbar } from "./toolbar";

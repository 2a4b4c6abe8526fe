export { editLast, reportRejected } from "./actions";
export { followPointerAndKeys } from "./pointer-and-keys";
export { Toolbar } from "./toolbar";

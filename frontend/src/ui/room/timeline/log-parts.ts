// What a log does beside being painted, in one file: its keys, what is read, selected and sought in it.

export { keyboardIn } from "./keyboard";
export { Reading } from "./reading";
export { LogSelection } from "./selection";
export { followWanted } from "./wanted";

// What a log does beside being painted, in one file: its keys, what is read of it, what is sought in it.

export { keyboardIn } from "./keyboard";
export { Reading } from "./reading";
export { followWanted } from "./wanted";

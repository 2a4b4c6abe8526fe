export { Empty, Failed, Jump } from "./log-states";
export { NoteRow, TombstoneRow } from "./rare-rows";
export { Reactions } from "./reactions";

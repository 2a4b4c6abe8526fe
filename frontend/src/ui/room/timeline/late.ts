export { Empty, Failed, Jump, NewsBar } from "./log-states";
export { NoteRow, TombstoneRow } from "./rare-rows";
export { Reactions } from "./reactions";

// Rows that most rooms show none of when they are opened.

export { NoteRow } from "./note";
export { TombstoneRow } from "./tombstone";

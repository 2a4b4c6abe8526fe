//! Entries as rows: `entries` how an entry is written and read, `pages` which rows a page needs,
//! `directory` in which order rooms are listed, `name_table` how their names are searched, `removed` what is left of a room that went.

pub(crate) mod directory;
pub(crate) mod entries;
pub(crate) mod name_table;
pub(crate) mod pages;
pub(crate) mod removed;

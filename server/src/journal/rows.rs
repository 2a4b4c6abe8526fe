//! Entries as rows: `entries` how an entry is written and read, `pages` which rows a page needs.

pub(crate) mod entries;
pub(crate) mod pages;

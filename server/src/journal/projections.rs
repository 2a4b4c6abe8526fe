//! What lies beside the log and follows from it, or belongs to it: `state` the states of changed
//! messages, `marks` read markers, members and mentions, `files` the files that messages carry. The
//! rules are here; each store keeps the rows in its own tables.

pub(crate) mod files;
pub(crate) mod marks;
pub(crate) mod state;

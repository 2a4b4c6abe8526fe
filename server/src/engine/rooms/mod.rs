//! A room in use, and what all rooms share.

pub(crate) mod directory;
pub(crate) mod presence;
pub(crate) mod recent;
pub(crate) mod recent_budget;
pub(crate) mod room;

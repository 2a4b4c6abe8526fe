//! Rooms in use: who is in them, their newest entries, and what is told of them.
//!
//! [`room`] is one room; [`recent`] its newest entries, within the [`recent_budget`] of all rooms;
//! [`presence`] says whose comings and goings are told next, [`directory`] what the directory's
//! watchers are told, [`removal`] what becomes of a room that is there no more.

pub(crate) mod absent_workers;
pub(crate) mod directory;
pub(crate) mod fair_queue;
pub(crate) mod presence;
pub mod recent;
pub(crate) mod recent_budget;
pub(crate) mod removal;
pub(crate) mod renaming;
pub(crate) mod room;

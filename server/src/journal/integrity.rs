//! Whether a store is whole: `chain` sums each entry with all before it, `walk` goes along a room's
//! chain, `refold` works out the projections from the entries alone, `fault` and `report` say what was
//! found. The stores read their rows for it (`verify`).

pub(crate) mod chain;
pub(crate) mod fault;
pub(crate) mod refold;
pub(crate) mod report;
pub(crate) mod walk;

pub use self::{
    fault::{Fault, FaultKind, Location},
    report::{MOST_FAULTS, Progress, Report},
};

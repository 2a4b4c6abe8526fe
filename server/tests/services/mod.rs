//! The services that tests need, as scripts/with-services tells of them.

// Each test binary uses its part.
#![allow(dead_code, unused_imports)]

mod database;
mod postgres;
mod settings;

pub use self::{
    database::{Database, apart, sql},
    postgres::Server,
    settings::{settings, shared, store},
};

//! The services that tests need, as scripts/with-services tells of them.

mod database;
mod postgres;
mod settings;

pub use self::{
    database::{Database, apart, sql},
    postgres::Server,
    settings::{settings, shared, store},
};

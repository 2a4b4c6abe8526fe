//! See [`transport::fuzzing`](crate::transport::fuzzing).

use actix_web::web::Query;

use super::{api, files, search};

/// The query of each route that has one, and the headers that files are asked for with.
pub fn parameters(text: &str) {
    let _ = Query::<api::InfoQuery>::from_query(text);
    let _ = Query::<api::RoomsQuery>::from_query(text);
    let _ = Query::<api::MessagesQuery>::from_query(text);
    let _ = Query::<search::SearchQuery>::from_query(text);
    files::fuzzing(text);
}

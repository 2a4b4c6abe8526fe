//! See [`transport::fuzzing`](crate::transport::fuzzing).

use super::{query::Query, sid::Sids};

/// What a client says behind the path.
pub fn query(text: &str) {
    let Ok(query) = Query::parse(text) else { return };
    let (sids, sid) = (Sids::of("a"), query.sid.as_deref().unwrap_or_default());
    if let Some(known) = sids.parse(sid) {
        assert_eq!(sids.text(known), sid, "an id has one spelling");
    }
}

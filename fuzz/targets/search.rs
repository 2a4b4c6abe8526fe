//! A query, and the text that it is looked for in: the first line and the rest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use maru_protocol::Query;
use maru_server::search::text::{Needles, excerpt, fold};

fuzz_target!(|text: &str| {
    let (query, text) = text.split_once('\n').unwrap_or((text, text));
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "folded once is folded");
    let Ok(query) = Query::parse(query) else { return };
    assert_eq!(Query::parse(query.as_str()).as_ref(), Ok(&query), "a query has one form");
    let needles = Needles::of(&query);
    assert!(needles.iter().all(|needle| !needle.is_empty()));
    if let Some(runs) = excerpt(text, &needles) {
        assert!(runs.iter().any(|run| run.hit), "an excerpt shows what was found");
        let shown: String = runs.iter().map(|run| run.text.as_str()).collect();
        assert!(shown.chars().count() <= text.chars().count() + 2, "no more than there is");
    }
});

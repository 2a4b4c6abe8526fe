use std::time::Duration;

use super::*;

#[test]
fn refusals_are_told_of_at_once_and_then_together() {
    let mut failures = StoreFailures::default();
    let at = |ms: u64| Instant::from_start(Duration::from_millis(ms));
    let every = u64::try_from(TELL_EVERY.as_millis()).unwrap();
    assert_eq!(failures.note(at(5)), Some(1));
    assert!((6..1_000).all(|now| failures.note(at(now)).is_none()));
    assert_eq!(failures.note(at(5 + every)), Some(995));
    assert_eq!(failures.note(at(6 + every)), None);
}

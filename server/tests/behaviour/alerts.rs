//! Each alert of `config/alerts.yml` fires when what it is about happens: to real servers, whose real figures
//! Prometheus' own program evaluates the real rule with.
//!
//! A rule looks back over minutes and waits for minutes. What was seen in a test's seconds is told to
//! promtool as if it went on: a gauge stays as it was, a counter grows as it did. Before it happens, the
//! same alert is silent.

mod causes;
mod evaluate;

use self::evaluate::{Seen, fires, names};

/// An alert for each cause, and a cause for each alert.
macro_rules! alerts {
    ($($alert:ident by $cause:ident,)*) => {
        const CAUSED: &[&str] = &[$(stringify!($alert)),*];
        $(
            #[tokio::test]
            async fn $cause() {
                let seen: Option<Seen> = causes::$cause().await;
                if let Some(seen) = seen {
                    fires(stringify!($alert), &seen);
                }
            }
        )*
    };
}

alerts! {
    MaruNoServer by no_server_answers,
    MaruGatewayWithoutServers by the_gateway_has_no_server,
    MaruStoreAway by the_disk_fails,
    MaruDiskFull by the_disk_has_less_than_it_should,
    MaruDiskLow by the_disk_gets_full,
    MaruRefusing by what_people_send_is_refused,
    MaruSlowCommits by commits_are_slow,
    MaruNearlyFull by there_are_nearly_as_many_as_there_may_be,
    MaruSlowReaders by many_read_too_slowly,
    MaruConnectionsDying by many_fall_silent,
    MaruOutboxesFilling by much_waits_for_clients,
    MaruHistoryReset by many_come_back_to_another_history,
    MaruAuthFailures by somebody_guesses_tokens,
    MaruRateLimited by somebody_floods,
    MaruBusAway by the_bus_goes_away,
    MaruBusDropping by the_bus_takes_too_little,
    MaruHintsLate by the_bus_is_slow,
    MaruHolesHealed by hints_get_lost,
    MaruServersDisagree by two_do_not_see_each_other,
}

#[test]
fn every_alert_is_made_to_fire() {
    assert_eq!(
        names(),
        CAUSED,
        "the alerts of config/alerts.yml, in their order, and their causes"
    );
}

use std::{num::NonZeroU32, sync::Arc};

use super::*;
use crate::clock::ManualClock;

fn quota(every_ms: u64, burst: u32) -> Quota {
    Quota { every: Duration::from_millis(every_ms), burst: NonZeroU32::new(burst).unwrap() }
}

fn bounds(rate: Rate, quota: Quota, place: Place, most: u32) -> Bounds {
    let mut bounds = Bounds::default();
    bounds.set(rate, quota);
    bounds.set_places(place, most);
    bounds.set(Rate::Refusals, self::quota(1_000, 3));
    bounds
}

/// Ten messages of a person and twenty of an address at once; two uploads and three.
fn limits(clock: &ManualClock) -> Arc<Limits> {
    let options = Options {
        show: ShowAddresses::Truncated,
        exempt: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()],
        person: bounds(Rate::Messages, quota(100, 10), Place::Uploads, 2),
        address: bounds(Rate::Messages, quota(10, 20), Place::Uploads, 3),
        stay_away: Duration::from_secs(60),
    };
    Limits::new(options, Arc::new(clock.clone()), Arc::new(Metrics::new().unwrap()))
}

fn at(limits: &Arc<Limits>, address: &str) -> Caller {
    limits.caller(address.parse().unwrap())
}

fn person(limits: &Arc<Limits>, address: &str, name: &str) -> Caller {
    at(limits, address).known_as(&UserId(name.to_owned())).unwrap()
}

/// How many of a hundred messages are taken.
fn taken(caller: &Caller) -> usize {
    (0..100).take_while(|_| caller.take(Rate::Messages).is_ok()).count()
}

#[test]
fn a_person_has_one_bucket_whatever_they_call_by() {
    let clock = ManualClock::at(5_000);
    let limits = limits(&clock);
    let (one, two) = (person(&limits, "192.0.2.1", "a"), person(&limits, "192.0.2.9", "a"));
    assert_eq!((taken(&one), taken(&two)), (10, 0));
    let refused = two.take(Rate::Messages).unwrap_err();
    assert_eq!((refused.millis(), refused.seconds()), (100, 1));
    assert_eq!(refused.to_string(), "too many messages: wait a moment");
    clock.advance_ms(300);
    assert_eq!((taken(&two), taken(&one)), (3, 0));
}

#[test]
fn the_people_of_an_address_share_its_bucket_and_one_who_floods_uses_up_their_own_only() {
    let limits = limits(&ManualClock::at(0));
    let (a, b) = (person(&limits, "192.0.2.1", "a"), person(&limits, "192.0.2.1", "b"));
    assert_eq!(taken(&a), 10);
    (0..100).for_each(|_| assert!(a.take(Rate::Messages).is_err()));
    assert_eq!(taken(&b), 10);
    let c = person(&limits, "192.0.2.1", "c");
    let refused = c.take(Rate::Messages).unwrap_err();
    assert_eq!(refused.to_string(), "too many messages from your network: wait a moment");
    assert_eq!(taken(&person(&limits, "192.0.2.2", "c")), 9, "one was lost to the address");
}

#[test]
fn more_than_a_bucket_holds_takes_all_of_it() {
    let clock = ManualClock::at(0);
    let limits = limits(&clock);
    let a = person(&limits, "192.0.2.1", "a");
    a.take_many(Rate::Messages, 5_000).unwrap();
    assert!(a.take(Rate::Messages).is_err());
    clock.advance_ms(999);
    assert!(a.take_many(Rate::Messages, 5_000).is_err());
    clock.advance_ms(1);
    a.take_many(Rate::Messages, 5_000).unwrap();
}

#[test]
fn what_has_no_limit_and_who_is_exempt_go_on() {
    let limits = limits(&ManualClock::at(0));
    let a = person(&limits, "192.0.2.1", "a");
    assert!((0..1_000).all(|_| a.take(Rate::Joins).is_ok()));
    for address in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8:1:7::9"] {
        let exempt = person(&limits, address, "b");
        assert_eq!(taken(&exempt), 100);
        let held: Vec<_> = (0..10).map(|_| exempt.enter(Place::Uploads).unwrap()).collect();
        assert_eq!((held.len(), exempt.refused()), (10, None));
    }
}

#[test]
fn places_are_given_back() {
    let limits = limits(&ManualClock::at(0));
    let (a, b) = (person(&limits, "192.0.2.1", "a"), person(&limits, "192.0.2.1", "b"));
    let mut held = vec![a.enter(Place::Uploads).unwrap(), a.enter(Place::Uploads).unwrap()];
    assert!(a.enter(Place::Uploads).is_err());
    held.push(b.enter(Place::Uploads).unwrap());
    // The address is full: what b was given of their own is given back.
    (0..10).for_each(|_| assert!(b.enter(Place::Uploads).is_err()));
    held.remove(0);
    held.push(b.enter(Place::Uploads).unwrap());
    drop(held);
    assert!(a.enter(Place::Uploads).is_ok());
}

#[test]
fn who_goes_on_after_many_refusals_is_sent_away_for_a_while() {
    let clock = ManualClock::at(0);
    let limits = limits(&clock);
    let (one, two) = (person(&limits, "192.0.2.1", "a"), person(&limits, "192.0.2.2", "a"));
    assert!((0..3).all(|n| [&one, &two][n % 2].refused().is_none()));
    assert_eq!(two.refused(), Some(Duration::from_secs(60)));
    let again = |address| at(&limits, address).known_as(&UserId("a".to_owned()));
    assert_eq!(again("192.0.2.3").unwrap_err().seconds(), 60);
    assert!(at(&limits, "192.0.2.1").known_as(&UserId("b".to_owned())).is_ok());
    clock.advance_ms(59_999);
    assert!(again("192.0.2.1").is_err());
    clock.advance_ms(1);
    assert!(again("192.0.2.1").is_ok());
}

mod tables {
    use super::*;
    use crate::limits::table::Table;

    const MOST: usize = 2_000;

    fn take(table: &Table<usize>, key: usize, now: u64, idle: bool) -> bool {
        table.account(key, Duration::from_millis(now), |_| idle).1
    }

    #[test]
    fn the_idle_are_shed_before_the_bound_and_newcomers_share_at_it() {
        let table = Table::new(MOST);
        // All are idle: the table stays small.
        assert!((0..100_000).all(|key| !take(&table, key, 0, true)));
        assert!(table.len() <= 1_024, "{}", table.len());
        // None is: it grows to its bound, and who is known stays so.
        let shared = (0..100_000).filter(|key| take(&table, *key, 0, false)).count();
        assert_eq!((table.len(), shared), (MOST, 100_000 - MOST));
        assert!(!take(&table, 0, 0, false), "known");
        // A full table is gone through once a second.
        assert!(take(&table, 200_000, 999, true));
        assert!(!take(&table, 200_000, 1_000, true));
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn newcomers_of_a_full_table_share_buckets_that_are_limited() {
        let table = Table::new(0);
        let mut accounts = Vec::new();
        for key in 0..10_000_usize {
            let (account, _) = table.account(key, Duration::ZERO, |_| false);
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        assert_eq!(accounts.len(), 256, "no more buckets than these, whoever comes");
    }

    #[test]
    fn an_account_in_use_is_never_dropped() {
        let clock = ManualClock::at(0);
        let limits = limits(&clock);
        let (held, used) = (person(&limits, "192.0.2.1", "a"), person(&limits, "192.0.2.2", "b"));
        assert_eq!((taken(&held), taken(&used)), (10, 10));
        drop(used);
        let crowd = || {
            (0..5_000_u32)
                .for_each(|n| drop(limits.caller(std::net::Ipv4Addr::from_bits(n).into())))
        };
        crowd();
        assert_eq!(taken(&person(&limits, "192.0.2.3", "b")), 0, "not rested");
        clock.advance_ms(100);
        crowd();
        assert_eq!(taken(&held), 1);
        assert_eq!(taken(&person(&limits, "192.0.2.1", "a")), 0, "the same account");
    }
}

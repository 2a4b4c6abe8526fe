//! After a restore: another epoch, and nothing else is changed.

use maru_protocol::Epoch;

use crate::kit::*;

/// The epoch of a closed journal, and what was said in it.
async fn written(place: &impl StoreUnderTest) -> (Epoch, Everything) {
    let mut store = Store::open(place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.make("empty").await;
    store.fill(&lobby, 30).await;
    let (epoch, all) = (store.journal.epoch(), store.everything().await);
    store.close().await;
    (epoch, all)
}

/// Old and new entries of old and new rooms, chained from the same root.
async fn goes_on(store: &mut Store) {
    let lobby = store.make("lobby").await;
    let old = message(&lobby, 30);
    assert_eq!(store.say(old.clone()).await, known(&old, 30, old.at), "a retry is known");
    let new = message(&lobby, 31);
    assert_eq!(store.say(new.clone()).await, committed(&new, 31));
    for name in ["empty", "new"] {
        let room = store.make(name).await;
        let first = message(&room, 1);
        assert_eq!(store.say(first.clone()).await, committed(&first, 1), "{name}");
    }
}

pub async fn renewed_it_goes_on_in_another_epoch<S: StoreUnderTest>(place: S) {
    let (epoch, all) = written(&place).await;
    S::renew_at(&place.address()).await.unwrap();
    S::verify_at(&place.address()).await;

    let mut store = Store::open(&place, WIDE).await;
    let renewed = store.journal.epoch();
    assert_ne!(renewed, epoch);
    assert_eq!(renewed.0.get_version_num(), 7);
    assert_eq!(store.everything().await, all);
    goes_on(&mut store).await;
    store.close().await;
    S::verify_at(&place.address()).await;

    // It stays until the next time.
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.journal.epoch(), renewed);
    store.close().await;
    S::renew_at(&place.address()).await.unwrap();
    let store = Store::open(&place, WIDE).await;
    assert!(![epoch, renewed].contains(&store.journal.epoch()));
    store.close().await;
    S::verify_at(&place.address()).await;
}

pub async fn an_open_journal_is_not_renewed<S: StoreUnderTest>(place: S) {
    let (epoch, _) = written(&place).await;
    let mut store = Store::open(&place, WIDE).await;
    let refused = S::renew_at(&place.address()).await.unwrap_err();
    assert!(refused.contains("stop ") && refused.contains("the journal"), "{refused}");
    goes_on(&mut store).await;
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.journal.epoch(), epoch);
    store.close().await;
    S::renew_at(&place.address()).await.unwrap();
}

pub async fn an_older_journal_is_brought_up<S: StoreUnderTest>(place: S) {
    let (epoch, all) = written(&place).await;
    S::make_older(&place.address());
    let mut store = Store::open(&place, WIDE).await;
    assert_eq!(store.journal.epoch(), epoch, "positions stay valid");
    assert_eq!(store.everything().await, all);
    goes_on(&mut store).await;
    store.close().await;
    S::verify_at(&place.address()).await;
}

/// A backup may be older than the server that it is restored for.
pub async fn renewing_brings_an_older_journal_up<S: StoreUnderTest>(place: S) {
    let (epoch, all) = written(&place).await;
    S::make_older(&place.address());
    S::renew_at(&place.address()).await.unwrap();
    S::verify_at(&place.address()).await;
    let mut store = Store::open(&place, WIDE).await;
    assert_ne!(store.journal.epoch(), epoch);
    assert_eq!(store.everything().await, all);
    goes_on(&mut store).await;
    store.close().await;
    S::verify_at(&place.address()).await;
}

pub async fn renewing_makes_nothing<S: StoreUnderTest>(place: S) {
    for _ in 0..2 {
        let refused = S::renew_at(&place.address()).await.unwrap_err();
        assert!(refused.starts_with("there is no journal at"), "{refused}");
    }
}

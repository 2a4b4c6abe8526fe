//! What a store promises of people who were signed out.

use maru_protocol::UserId;
use maru_server::journal::{SIGN_OUT_HOLDS, SignOut, SignOuts};

use crate::kit::{Files, StoreUnderTest, soon};

pub async fn close(Files { journal, files, sign_outs, mut outcomes }: Files) {
    drop((files, sign_outs));
    let closing = journal.close();
    while soon(outcomes.recv()).await.is_some() {}
    soon(closing).await.unwrap();
}

fn person(id: &str) -> UserId {
    UserId(id.to_owned())
}

async fn known(store: &dyn SignOuts) -> Vec<(String, u64)> {
    let mut all: Vec<_> = soon(store.sign_outs()).await.unwrap();
    all.sort_by(|a, b| a.person.0.cmp(&b.person.0));
    all.into_iter().map(|SignOut { person, at }| (person.0, at)).collect()
}

fn owned(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter().map(|(person, at)| ((*person).to_owned(), *at)).collect()
}

pub async fn a_sign_out_is_kept_and_only_moves_forwards<S: StoreUnderTest>(place: S) {
    let store = S::open_files(&place.address()).await;
    let sign_outs = &*store.sign_outs;
    let mark = async || soon(sign_outs.sign_outs_mark()).await.unwrap();
    let sign_out = async |id: &str, at| soon(sign_outs.sign_out(person(id), at)).await.unwrap();
    assert_eq!(known(sign_outs).await, []);
    let mut marks = vec![mark().await];
    sign_out("ada", 1_000).await;
    marks.push(mark().await);
    assert_eq!(mark().await, marks[1], "it stays while nothing changes");
    sign_out("민지 👩\u{200D}💻", 5_000).await;
    marks.push(mark().await);
    assert_eq!(known(sign_outs).await, owned(&[("ada", 1_000), ("민지 👩\u{200D}💻", 5_000)]));
    // Later, at the same moment, and by a clock that is behind.
    for (at, kept) in [(2_000, 2_000), (2_000, 2_001), (100, 2_002)] {
        sign_out("ada", at).await;
        marks.push(mark().await);
        assert_eq!(known(sign_outs).await[0], ("ada".to_owned(), kept));
    }
    let (mut different, count) = (marks.clone(), marks.len());
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), count, "{marks:?}");
    close(store).await;
}

pub async fn a_sign_out_outlives_the_process_and_is_forgotten_in_the_end<S: StoreUnderTest>(
    place: S,
) {
    let store = S::open_files(&place.address()).await;
    for (id, at) in [("ada", 1_000), ("ben", 2_000)] {
        soon(store.sign_outs.sign_out(person(id), at)).await.unwrap();
    }
    close(store).await;
    let store = S::open_files(&place.address()).await;
    assert_eq!(known(&*store.sign_outs).await, owned(&[("ada", 1_000), ("ben", 2_000)]));
    // No token is so old.
    let at = 1_001 + SIGN_OUT_HOLDS;
    let before = soon(store.sign_outs.sign_outs_mark()).await.unwrap();
    soon(store.sign_outs.sign_out(person("cho"), at)).await.unwrap();
    assert_ne!(soon(store.sign_outs.sign_outs_mark()).await.unwrap(), before);
    assert_eq!(known(&*store.sign_outs).await, owned(&[("ben", 2_000), ("cho", at)]));
    soon(store.sign_outs.sign_out(person("ben"), at + 5_000)).await.unwrap();
    assert_eq!(known(&*store.sign_outs).await, owned(&[("ben", at + 5_000), ("cho", at)]));
    close(store).await;
}

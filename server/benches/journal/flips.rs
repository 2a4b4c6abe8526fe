//! What reading costs in a room where one reaction goes on and off between messages, beside a plain room.

use std::path::Path;

use maru_protocol::{DisplayName, Emoji, Seq, User, UserId};
use maru_server::journal::{
    Change, Mark, Marked, Page, PageRange, ReadQuery, sqlite::SqliteOptions,
};

use super::{Store, show, timed, wait};

/// Messages before the flips, and after them.
const BEFORE: u64 = 1_000;
const AFTER: u64 = 10;
const READS: usize = 200;
/// Each kind of read takes its turn so often: what disturbs the machine meanwhile meets all alike.
const TURNS: usize = 20;

/// Fills a room and reads it in each way, for each of these numbers of flips.
pub fn measure(path: &Path, flips: &[u64]) {
    let options = || SqliteOptions { queue: 20_000, batch: 10_000, ..SqliteOptions::default() };
    for count in flips {
        let name = format!("{count}.db");
        read(Store::open(&path.join(name), 1, options()), *count);
    }
}

/// The same in a Postgres.
pub fn measure_in(mut open: impl FnMut() -> Store, flips: &[u64]) {
    flips.iter().for_each(|count| read(open(), *count));
}

fn read(mut store: Store, flips: u64) {
    store.run(10_000, usize::try_from(BEFORE).unwrap());
    let (target, emoji) = (Seq::new(BEFORE).unwrap(), Emoji::parse("👍".to_owned()).unwrap());
    let mut on = false;
    store.run_of(10_000, usize::try_from(flips).unwrap(), || {
        on = !on;
        Change::React { target, emoji: emoji.clone(), on }
    });
    store.run(10_000, usize::try_from(AFTER).unwrap());
    println!("\n{BEFORE} messages, {flips} flips, {AFTER} messages (p50 and p99, us)");
    let (room, journal) = (store.rooms[0].0, store.journal.clone());
    let at = |seq: u64| Seq::new(seq).unwrap();
    let entries = |page: Page| assert!(page.entries.len() >= 10);
    let page = |range| entries(wait(journal.page(room, range)).unwrap());
    let history = |range| entries(wait(journal.history(room, range)).unwrap());
    let newest = PageRange::Newest { limit: 50 };
    let before = PageRange::Before { before: at(BEFORE / 2), limit: 50 };
    let after = PageRange::After { after: at(BEFORE - 100), limit: 100 };
    let missed = || {
        let missed = wait(journal.missed(room, at(BEFORE - 100), 500)).unwrap();
        assert!(missed.is_some_and(|page| page.entries.len() >= 110));
    };
    let reader = User { id: UserId("reader".to_owned()), name: DisplayName::parse("Ada").unwrap() };
    let what = Marked::Read { seq: at(BEFORE - 50), anew: false };
    wait(store.marks.mark(vec![Mark { room, user: reader.clone(), what, at: 1 }])).unwrap();
    let unread = || {
        let (person, room) = (reader.id.clone(), store.rooms[0].1.key());
        let asked = ReadQuery { person, room, waiting: None };
        let counted = wait(store.marks.unread(vec![asked])).unwrap();
        assert_eq!(counted[0].as_ref().unwrap().unread, 60);
    };
    let kinds: [(&str, &dyn Fn()); 8] = [
        ("entry by entry, the newest 50", &|| page(newest)),
        ("by messages, the newest 50", &|| history(newest)),
        ("entry by entry, 50 before a message", &|| page(before)),
        ("by messages, 50 before a message", &|| history(before)),
        ("entry by entry, 100 after a message", &|| page(after)),
        ("by messages, 100 after a message", &|| history(after)),
        ("what was missed since 100 messages before the flips", &missed),
        ("60 unread messages", &unread),
    ];
    let mut times = vec![Vec::new(); kinds.len()];
    for _ in 0..TURNS {
        for ((_, read), times) in kinds.iter().zip(&mut times) {
            times.extend(timed(READS / TURNS * 10, read));
        }
    }
    for ((what, _), times) in kinds.iter().zip(&mut times) {
        show(what, times);
    }
    store.close();
}

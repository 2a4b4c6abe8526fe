//! An index is derived: whatever becomes of it, it is made anew.

use std::{fs, io::Write as _, sync::Arc};

use maru_server::search::text::fold;

use crate::{
    log::Log,
    place::{File, PlaceUnderTest, Tables},
    services::sql,
    world::World,
};

/// Some pages of texts.
async fn filled<P: PlaceUnderTest>() -> World<P> {
    let world = World::<P>::new().await;
    for n in 0..500 {
        world.say(1, &format!("회의 자료 {n} 번, the minutes of meeting {n}"));
    }
    world.say(2, "바늘");
    world.settle().await;
    world
}

/// After what was done to the file between two runs, everything is found.
async fn survives(what: impl FnOnce(&File)) {
    let mut world = filled::<File>().await;
    world.stop();
    what(&world.place);
    let world = world.again();
    world.until_found("바늘", &[1, 2], 1).await;
    world.until_found("\"meeting 499\"", &[1, 2], 1).await;
    world.until_found("\"meeting 7\"", &[1], 11).await;
}

#[tokio::test]
async fn a_file_that_is_missing() {
    survives(|file| fs::remove_file(file.path()).unwrap()).await;
}

#[tokio::test]
async fn a_file_that_is_empty() {
    survives(|file| fs::write(file.path(), "").unwrap()).await;
}

#[tokio::test]
async fn a_file_that_is_no_database() {
    survives(|file| fs::write(file.path(), "nonsense ".repeat(9_000)).unwrap()).await;
}

#[tokio::test]
async fn a_file_that_was_cut() {
    survives(|file| {
        let length = fs::metadata(file.path()).unwrap().len();
        fs::OpenOptions::new().write(true).open(file.path()).unwrap().set_len(length / 2).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_whose_pages_are_garbage() {
    survives(|file| {
        use std::io::{Seek as _, SeekFrom};
        let mut open = fs::OpenOptions::new().write(true).open(file.path()).unwrap();
        let length = fs::metadata(file.path()).unwrap().len();
        open.seek(SeekFrom::Start(4_096)).unwrap();
        open.write_all(&vec![0xA5; usize::try_from(length).unwrap() - 4_096]).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_version() {
    survives(|file| {
        let conn = rusqlite::Connection::open(file.path()).unwrap();
        conn.execute_batch("PRAGMA user_version = 99").unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_whose_tables_are_gone() {
    survives(|file| {
        let conn = rusqlite::Connection::open(file.path()).unwrap();
        conn.execute_batch("DROP TABLE rooms").unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_index_of_another_journal() {
    let mut world = filled::<File>().await;
    world.stop();
    let place = Arc::new(world.place.of_another_journal());
    let log = Log::new(place.epoch());
    let world = World::over(place, log);
    world.say(1, "아주 다른 바늘");
    world.until_found("바늘", &[1, 2], 1).await;
    world.until_found("회의", &[1, 2], 0).await;
}

/// A journal that was restored from a backup and not renewed.
#[tokio::test]
async fn an_index_that_is_ahead() {
    let mut world = filled::<File>().await;
    world.stop();
    let world = World::over(world.place.clone(), Log::new(world.place.epoch()));
    world.say(1, "바늘 하나");
    world.until_found("바늘", &[1, 2], 1).await;
}

#[tokio::test]
async fn tables_that_are_gone_or_of_another_journal_or_version() {
    for change in [
        "DROP TABLE maru.search_texts",
        "DROP TABLE maru.search_meta",
        "DELETE FROM maru.search_meta",
        "UPDATE maru.search_meta SET version = 0",
        "UPDATE maru.search_meta SET epoch = 'other'; DELETE FROM maru.search_texts",
    ] {
        let mut world = filled::<Tables>().await;
        world.stop();
        sql(&world.place.database.url(), change);
        let world = world.again();
        world.say(2, "말을 하나 더");
        world.until_found("바늘", &[1, 2], 1).await;
        world.until_found("\"meeting 7\"", &[1], 11).await;
    }
}

/// Two nodes: one keeps the index, the other takes over.
#[tokio::test]
async fn another_node_takes_over() {
    let mut one = World::<Tables>::new().await;
    one.say(1, "하나");
    one.until_found("하나", &[1], 1).await;
    let other = one.again();
    one.say(1, "둘은 하나가 본다");
    one.until_found("하나", &[1], 2).await;
    other.until_found("하나", &[1], 2).await;
    one.stop();
    other.say(1, "셋은 하나가 아니다");
    other.until_found("하나", &[1], 3).await;
}

/// What was deleted lies in no file any more.
#[tokio::test]
async fn a_deleted_text_leaves_nothing() {
    let world = filled::<File>().await;
    let secret = "비밀번호는 xyzzyplugh 입니다";
    let (first, second) = (world.say(1, secret), world.say(1, "다른 말"));
    world.mark(&world.log.edit(maru_server::journal::RoomId(1), second, 1, secret));
    world.until_found("xyzzyplugh", &[1], 2).await;
    let there = |what: &str| {
        let bytes = world.place.bytes();
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    };
    let traces = [fold("비밀번호"), "xyzzyplugh".to_owned(), "xyz".to_owned()];
    assert!(there(&traces[0]) && there(&traces[1]));
    world.delete(1, first);
    world.delete(1, second);
    // Edited to what has nothing to be found by.
    let third = world.say(1, secret);
    world.settle().await;
    let mark = "\u{301}";
    assert!(fold(mark).is_empty());
    world.mark(&world.log.edit(maru_server::journal::RoomId(1), third, 1, mark));
    world.settle().await;
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while traces.iter().any(|trace| there(trace)) {
        assert!(std::time::Instant::now() < until, "something is left");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    world.until_found("회의", &[1], 20).await;
}

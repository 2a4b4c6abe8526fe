use maru_protocol::{Body, DisplayName, Message, MessageId, RoomName, User, UserId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn entry(number: u64, body: &str) -> Entry {
    Entry::Message(Message::of(
        RoomName::parse("사랑방").unwrap(),
        Seq::new(number).unwrap(),
        MessageId(Uuid::from_u128(number.into())),
        User { id: UserId("u".into()), name: DisplayName::parse("민지").unwrap() },
        1_700_000_000_000,
        Body::parse(body.to_owned()).unwrap(),
    ))
}

fn messages(entries: &[Entry]) -> Vec<Bytes> {
    let mut hints = Hints::default();
    entries.iter().for_each(|entry| hints.add(entry));
    hints.messages().collect()
}

fn entries(message: Bytes) -> Vec<Result<Entry, Garbage>> {
    let Ok(NodeMessage::Entries(hint)) = open(message) else { panic!("entries") };
    hint.map(|hinted| hinted.and_then(|hinted| hinted.entry())).collect()
}

#[test]
fn entries_come_out_as_they_went_in() {
    let said: Vec<Entry> = (1..=100).map(|number| entry(number, "말 \"\n 😀")).collect();
    let messages = messages(&said);
    assert_eq!(messages.len(), 1);
    let heard: Vec<Entry> = entries(messages[0].clone()).into_iter().map(Result::unwrap).collect();
    assert_eq!(heard, said);
    assert!(Hints::default().messages().next().is_none());
}

#[test]
fn many_long_ones_are_several_messages_that_fit() {
    let long = "\u{1F600}".repeat(4_000);
    let said: Vec<Entry> = (1..=100).map(|number| entry(number, &long)).collect();
    let messages = messages(&said);
    assert!(messages.len() > 1);
    assert!(messages.iter().all(|message| message.len() < ENOUGH + 128 * 1024));
    let heard: Vec<Entry> = messages.into_iter().flat_map(entries).map(Result::unwrap).collect();
    assert_eq!(heard, said);
}

#[test]
fn what_is_soft_is_passed_as_it_is() {
    let Ok(NodeMessage::ClusterEvent(says)) = open(soft(b"typing")) else { panic!("soft") };
    assert_eq!(&says[..], b"typing");
    assert!(matches!(open(soft(b"")), Ok(NodeMessage::ClusterEvent(says)) if says.is_empty()));
}

#[test]
fn garbage_is_told() {
    for garbage in [&b""[..], b"\0", b"\x03rest", b"{}"] {
        assert_eq!(open(Bytes::copy_from_slice(garbage)).unwrap_err(), Garbage);
    }
    let whole = messages(&[entry(1, "a"), entry(2, "b")]).remove(0);
    for cut in 2..whole.len() {
        let heard = entries(whole.slice(..cut));
        let first = (whole.len() - 1) / 2 + 1;
        assert_eq!(heard.last().unwrap().is_err(), cut != first, "{cut}");
        assert!(heard.len() <= 2);
    }
    let mut other = whole.to_vec();
    other[8] = 9;
    assert!(entries(other.into())[0].is_err(), "the number inside is another one");
    let mut huge = whole.to_vec();
    huge[9..13].copy_from_slice(&[0xff; 4]);
    assert_eq!(entries(huge.into()).len(), 1, "nothing is read behind garbage");
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(NodeMessage::Entries(hint)) = open(bytes.into()) {
            for hinted in hint.take(100).flatten() {
                let _ = hinted.entry();
            }
        }
    }
}

//! Where an answer went on, as clients carry it: thirty-three hexadecimal digits.

use crate::{
    journal::{DirectoryPlace, RoomId},
    services::ServiceError,
};

/// Digits of a number.
const DIGITS: usize = 16;

pub(super) fn write(DirectoryPlace { spoken, active_at, room }: DirectoryPlace) -> String {
    format!("{}{active_at:016x}{:016x}", u8::from(spoken), room.0)
}

/// # Errors
/// It is none that [`write()`] wrote.
pub(super) fn read(text: &str) -> Result<DirectoryPlace, ServiceError> {
    parse(text).ok_or_else(|| ServiceError::malformed("`more` is not from an answer to `rooms`"))
}

fn parse(text: &str) -> Option<DirectoryPlace> {
    let (spoken, numbers) = text.split_at_checked(1)?;
    let (active_at, room) = numbers.split_at_checked(DIGITS)?;
    let spoken = match spoken {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    Some(DirectoryPlace {
        spoken,
        active_at: number(active_at)?,
        room: RoomId(number(room)?.cast_signed()),
    })
}

/// Below 2^63, as in the store.
fn number(text: &str) -> Option<u64> {
    let plain = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|number| plain && i64::try_from(*number).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_and_back(spoken: bool, active_at in 0..=i64::MAX as u64, room in 0..=i64::MAX) {
            let place = DirectoryPlace { spoken, active_at, room: RoomId(room) };
            prop_assert_eq!(parse(&write(place)), Some(place));
        }

        #[test]
        fn anything_else_is_refused(text in "\\PC{0,40}") {
            if let Some(place) = parse(&text) {
                prop_assert_eq!(write(place), text.to_lowercase());
            }
        }
    }

    #[test]
    fn what_is_no_cursor() {
        let digits = "0".repeat(33);
        assert!(parse(&digits).is_some());
        let second = digits.replacen('0', "2", 1);
        let high = format!("0f{}", &digits[2..]);
        for text in ["", "0", "가", &digits[1..], &format!("{digits}0"), &second, &high] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

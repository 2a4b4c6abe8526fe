//! Durations and sizes as people write them: a whole number and a unit.
//!
//! Our own forty lines, because the crates for it accept more than a settings file should: months
//! that are 30.44 days, `M` for a minute or a million bytes, fractions that round.

use std::fmt;
use std::time::Duration;

/// "500ms", "25s", "5m", "12h", "365d".
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

/// "512 B", "64 KiB", "1 MiB", "2 GiB". Powers of 1024 only, and said so by the unit.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// "10/s burst 100": so many a second (`s`), minute (`m`) or hour (`h`), and so many at once. Of bytes
/// the numbers are sizes: "64 KiB/s burst 1 MiB".
pub(super) fn rate(text: &str, of_bytes: bool) -> Option<(u64, Duration, u64)> {
    let (rate, burst) = text.split_once(" burst ")?;
    let (count, unit) = rate.split_once('/')?;
    let per = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return None,
    };
    let number = |text: &str| {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if of_bytes { bytes(text) } else { text.parse().ok().filter(|_| digits) }
    };
    Some((number(count)?, Duration::from_secs(per), number(burst)?))
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text[..digits].parse().ok()?, text[digits..].trim_start()))
}

/// A duration in the largest unit that divides it.
pub(super) struct Humane(pub Duration);

impl fmt::Display for Humane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        let fits = units.iter().find(|(size, _)| millis >= *size && millis.is_multiple_of(*size));
        match fits {
            Some((size, unit)) => write!(f, "{}{unit}", millis / size),
            None => write!(f, "{millis}ms"),
        }
    }
}

/// A size in the largest unit that divides it.
pub(super) struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        let fits = units.iter().find(|(size, _)| self.0 >= *size && self.0.is_multiple_of(*size));
        match fits {
            Some((size, unit)) => write!(f, "{} {unit}", self.0 / size),
            None => write!(f, "{} B", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in
            [("500ms", 500), ("25s", 25_000), (" 5 m ", 300_000), ("365d", 31_536_000_000)]
        {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "25", "s", "-1s", "1.5s", "1M", "1 month", "1s2s", "９s"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        assert_eq!(duration("18446744073709551615d"), None, "overflow");
        for text in ["1ms", "1500ms", "90s", "2m", "36h", "365d"] {
            assert_eq!(Humane(duration(text).unwrap()).to_string(), text);
        }
    }

    #[test]
    fn rates() {
        let seconds = Duration::from_secs;
        assert_eq!(rate("10/s burst 100", false), Some((10, seconds(1), 100)));
        assert_eq!(rate(" 3 / m burst 5 ", false), Some((3, seconds(60), 5)));
        assert_eq!(rate("1/h burst 1", false), Some((1, seconds(3_600), 1)));
        assert_eq!(rate("2 KiB/s burst 1 MiB", true), Some((2_048, seconds(1), 1 << 20)));
        for bad in ["", "10", "10/s", "10/s burst", "10/d burst 1", "+1/s burst 1", "-1/s burst 1"]
        {
            assert_eq!(rate(bad, false), None, "{bad}");
        }
        assert_eq!((rate("1/s burst 1", true), rate("1 B/s burst 1 B", false)), (None, None));
    }

    #[test]
    fn sizes() {
        for (text, size) in
            [("512 B", 512), ("64KiB", 65_536), ("1 MiB", 1 << 20), ("2 GiB", 2 << 30)]
        {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for bad in ["", "64", "64 KB", "64k", "1M", "1.5 MiB", "-1 B"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
        assert_eq!(bytes("18446744073709551615 GiB"), None, "overflow");
        for text in ["1000 B", "48 KiB", "1 MiB", "1 GiB"] {
            assert_eq!(Size(bytes(text).unwrap()).to_string(), text);
        }
    }
}

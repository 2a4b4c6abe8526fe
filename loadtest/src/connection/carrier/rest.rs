//! A stream whose pieces end anywhere.

/// The start of something whose end has not come.
#[derive(Debug, Default)]
pub struct Rest(Vec<u8>);

impl Rest {
    /// Gives a piece to `take`, behind what it left of the one before. `take` says how many bytes it took.
    ///
    /// # Errors
    /// Those of `take`.
    #[inline]
    pub fn feed<E>(
        &mut self,
        piece: &[u8],
        take: impl FnOnce(&[u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        if self.0.is_empty() {
            let used = take(piece)?;
            self.0.extend_from_slice(&piece[used..]);
        } else {
            self.0.extend_from_slice(piece);
            let used = take(&self.0)?;
            self.0.drain(..used);
        }
        // What ten thousand hold for a while costs this machine's memory.
        if self.0.is_empty() && self.0.capacity() > 0 {
            self.0 = Vec::new();
        }
        Ok(())
    }

    /// Whether nothing waits for its end.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_comes_in_front_of_the_next_piece() {
        let mut rest = Rest::default();
        let mut taken = Vec::new();
        for piece in ["ab", "cde", "f"] {
            let pairs = |bytes: &[u8]| {
                let whole = bytes.len() / 2 * 2;
                taken.extend_from_slice(&bytes[..whole]);
                Ok::<_, ()>(whole)
            };
            rest.feed(piece.as_bytes(), pairs).unwrap();
        }
        assert_eq!((taken.as_slice(), rest.is_empty()), (&b"abcdef"[..], true));
    }
}

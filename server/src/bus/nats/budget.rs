//! Bytes that may wait somewhere.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;

/// So many bytes and no more.
#[derive(Debug)]
pub(super) struct Budget {
    used: AtomicUsize,
    most: usize,
}

impl Budget {
    pub(super) fn new(most: usize) -> Self {
        Self { used: AtomicUsize::new(0), most }
    }

    /// Takes them, or none.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.most;
        if !fits {
            self.give(bytes);
        }
        fits
    }

    /// Gives back what was taken.
    pub(super) fn give(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The message with its bytes taken for as long as anybody has it; none when there is no room.
    pub(super) fn lend(self: &Arc<Self>, message: Bytes) -> Option<Bytes> {
        self.take(message.len()).then(|| Bytes::from_owner(Lent { message, of: self.clone() }))
    }
}

struct Lent {
    message: Bytes,
    of: Arc<Budget>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.message
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.of.give(self.message.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_for_as_long_as_somebody_has_them() {
        let budget = Arc::new(Budget::new(10));
        let message = Bytes::from_static(b"123456");
        let lent = budget.lend(message.clone()).unwrap();
        assert_eq!((&lent[..], budget.lend(message.clone())), (&b"123456"[..], None));
        let part = lent.slice(5..);
        drop(lent);
        assert_eq!(budget.lend(message.clone()), None);
        drop(part);
        assert!(budget.lend(message).is_some());
        assert!(budget.take(10) && !budget.take(1));
    }
}

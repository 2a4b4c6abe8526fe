//! Parts of a room's log, bounded in entries and in bytes.

use maru_protocol::{Entry, MessageId, Seq};

use super::{access::RoomPermit, guarded::Guarded};
use crate::journal::{JournalError, Page, PageRange};

/// Which entries a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageTarget {
    Range(PageRange),
    Around { id: MessageId, limit: u32 },
}

/// As a request says it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PageQuery {
    pub(crate) before: Option<Seq>,
    pub(crate) after: Option<Seq>,
    pub(crate) around: Option<MessageId>,
    pub(crate) limit: Option<u32>,
}

impl PageQuery {
    /// # Errors
    /// A sentence that says which fields contradict or exceed their bound.
    pub(super) fn target(self, most: u32) -> Result<PageTarget, String> {
        let limit = self.limit.unwrap_or(most);
        if limit == 0 || limit > most {
            return Err(format!("`limit` must be 1 to {most}"));
        }
        match (self.before, self.after, self.around) {
            (Some(before), None, None) => {
                Ok(PageTarget::Range(PageRange::Before { before, limit }))
            }
            (None, Some(after), None) => Ok(PageTarget::Range(PageRange::After { after, limit })),
            (None, None, Some(id)) => Ok(PageTarget::Around { id, limit }),
            (None, None, None) => Ok(PageTarget::Range(PageRange::Newest { limit })),
            _ => Err("`before`, `after` and `around` exclude each other".to_owned()),
        }
    }
}

/// Reads them, within the bound in bytes of texts. None where there is no message of that id.
pub(super) async fn read(
    store: &Guarded,
    permit: &RoomPermit,
    target: PageTarget,
    bytes: usize,
) -> Result<Option<Page>, JournalError> {
    let (id, limit) = match target {
        PageTarget::Around { id, limit } => (id, limit),
        PageTarget::Range(range) => {
            return Ok(Some(trim(store.page(permit, range).await?, range, bytes)));
        }
    };
    let Some(seq) = store.locate(permit, id).await? else { return Ok(None) };
    // Half of them before it: it is among them, whatever the limit is.
    let before = 1 + u64::from(limit / 2);
    let after = Seq::new(seq.get().saturating_sub(before)).unwrap_or(Seq::ZERO);
    let page = store.page(permit, PageRange::After { after, limit }).await?;
    Ok(Some(trim_around(page, seq, bytes)))
}

pub(super) fn size_of(page: &Page) -> usize {
    page.entries.iter().map(Entry::text_bytes).sum()
}

/// Keeps a page within its bound in bytes of bodies, at the end that the request is nearest to.
pub(super) fn trim(page: Page, range: PageRange, bytes: usize) -> Page {
    match range {
        PageRange::After { .. } => trim_new(page, bytes),
        PageRange::Newest { .. } | PageRange::Before { .. } => trim_old(page, bytes),
    }
}

/// Drops the oldest until the rest fits; the newest one always stays.
fn trim_old(mut page: Page, bytes: usize) -> Page {
    let keep = fitting(page.entries.iter().rev(), bytes);
    page.entries.drain(..page.entries.len() - keep);
    page
}

/// Drops the newest until the rest fits; the oldest one always stays.
fn trim_new(mut page: Page, bytes: usize) -> Page {
    let keep = fitting(page.entries.iter(), bytes);
    page.entries.truncate(keep);
    page
}

/// Drops the farthest on either side until the rest fits; the one at that seq always stays.
fn trim_around(mut page: Page, seq: Seq, bytes: usize) -> Page {
    let entries = &page.entries;
    let Some(at) = entries.iter().position(|entry| entry.seq() == seq) else {
        return trim_new(page, bytes);
    };
    let (mut from, mut to) = (at, at + 1);
    let mut sum = entries[at].text_bytes();
    let mut fits = |entry: Option<&Entry>| {
        let more = entry.map(|entry| sum + entry.text_bytes()).filter(|more| *more <= bytes);
        sum = more.unwrap_or(sum);
        more.is_some()
    };
    let (mut up, mut down) = (true, true);
    while up || down {
        up = up && fits(from.checked_sub(1).map(|before| &entries[before]));
        from -= usize::from(up);
        down = down && fits(entries.get(to));
        to += usize::from(down);
    }
    page.entries.truncate(to);
    page.entries.drain(..from);
    page
}

fn fitting<'a>(entries: impl Iterator<Item = &'a Entry>, bytes: usize) -> usize {
    let mut sum = 0;
    let fits = entries.take_while(|entry| {
        let first = sum == 0;
        sum += entry.text_bytes();
        first || sum <= bytes
    });
    fits.count()
}

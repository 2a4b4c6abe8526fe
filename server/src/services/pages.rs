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
    let range = match target {
        PageTarget::Range(range) => range,
        PageTarget::Around { id, limit } => match store.locate(permit, id).await? {
            Some(at) => PageRange::Around { at, limit },
            None => return Ok(None),
        },
    };
    Ok(Some(trim(store.history(permit, range).await?, range, bytes)))
}

/// What an entry takes on a wire beside its texts, of those that a page has beyond its limit: so that it
/// fits into an outbox with them.
const BESIDE_TEXT: usize = 256;

/// Whether a page of so many messages is within the bound in bytes.
pub(super) fn fits(page: &Page, limit: u32, bytes: usize) -> bool {
    size_of(page) <= for_texts(page, limit, bytes)
}

fn size_of(page: &Page) -> usize {
    page.entries.iter().chain(&page.updated).map(Entry::text_bytes).sum()
}

/// How many of the bytes are for texts: at least half of them.
fn for_texts(page: &Page, limit: u32, bytes: usize) -> usize {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let beyond = (page.entries.len() + page.updated.len()).saturating_sub(limit);
    bytes - beyond.saturating_mul(BESIDE_TEXT).min(bytes / 2)
}

/// Keeps a page within its bound in bytes of texts, at the end that the request is nearest to.
pub(super) fn trim(page: Page, range: PageRange, bytes: usize) -> Page {
    let bytes = for_texts(&page, range.limit(), bytes);
    match range {
        _ if size_of(&page) <= bytes => page,
        PageRange::After { .. } => trim_new(page, bytes),
        PageRange::Newest { .. } | PageRange::Before { .. } => trim_old(lean(page), bytes),
        PageRange::Around { at, .. } => trim_around(page, at, bytes),
    }
}

/// Leaves out what has a text and is no message: its effect is told anyway.
fn lean(mut page: Page) -> Page {
    page.entries.retain(|entry| !matches!(entry, Entry::Edit(_) | Entry::Topic(_)));
    page
}

/// Drops the oldest until the rest fits; the newest one always stays.
fn trim_old(mut page: Page, bytes: usize) -> Page {
    let keep = fitting(page.entries.iter().rev().map(Entry::text_bytes), bytes);
    let dropped = page.entries.len() - keep;
    drop_old(&mut page, dropped);
    page
}

/// Drops the newest until the rest fits; what is at the oldest place always stays, so that who reads on
/// gets on. A message below the page stands where its newest change is: at its end, where that came
/// after the page's snapshot.
fn trim_new(mut page: Page, bytes: usize) -> Page {
    let end = page.covers.to;
    let place = |entry: &Entry| changed(entry).min(end);
    let listed = page.entries.iter().map(|entry| (entry.seq(), entry.text_bytes()));
    let updated = page.updated.iter().map(|entry| (place(entry), entry.text_bytes()));
    let mut all: Vec<(Seq, usize)> = listed.chain(updated).collect();
    all.sort_unstable();
    let oldest = all.partition_point(|(seq, _)| Some(seq) == all.first().map(|(seq, _)| seq));
    let keep = fitting(all.iter().map(|(_, bytes)| *bytes), bytes).max(oldest);
    if let Some((first_dropped, _)) = all.get(keep) {
        let to = first_dropped.previous();
        page.covers.to = to;
        page.entries.retain(|entry| entry.seq() <= to);
        page.updated.retain(|entry| place(entry) <= to);
    }
    page
}

fn changed(entry: &Entry) -> Seq {
    match entry {
        Entry::Message(message) => message.changed.unwrap_or_default(),
        Entry::Tombstone(gone) => gone.changed,
        other => other.seq(),
    }
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
    if let Some(first_dropped) = entries.get(to) {
        page.covers.to = first_dropped.seq().previous();
    }
    page.entries.truncate(to);
    drop_old(&mut page, from);
    page
}

fn drop_old(page: &mut Page, count: usize) {
    if let Some(last) = page.entries.drain(..count).next_back() {
        page.covers.from = last.seq().next();
    }
}

fn fitting(texts: impl Iterator<Item = usize>, bytes: usize) -> usize {
    let mut sum = 0;
    let fits = texts.take_while(|text| {
        let first = sum == 0;
        sum += text;
        first || sum <= bytes
    });
    fits.count()
}

#[cfg(test)]
mod tests;

//! Parts of a room's log, bounded in entries and in bytes.

use maru_protocol::{Entry, Seq};

use crate::journal::{Page, PageRange};

/// Which entries a request asks for.
///
/// # Errors
/// A sentence that says which fields contradict or exceed their bound.
pub(crate) fn page_range(
    before: Option<Seq>,
    after: Option<Seq>,
    limit: Option<u32>,
    most: u32,
) -> Result<PageRange, String> {
    let limit = limit.unwrap_or(most);
    if limit == 0 || limit > most {
        return Err(format!("`limit` must be 1 to {most}"));
    }
    match (before, after) {
        (Some(_), Some(_)) => Err("`before` and `after` exclude each other".to_owned()),
        (Some(before), None) => Ok(PageRange::Before { before, limit }),
        (None, Some(after)) => Ok(PageRange::After { after, limit }),
        (None, None) => Ok(PageRange::Newest { limit }),
    }
}

pub(super) fn size_of(page: &Page) -> usize {
    page.entries.iter().map(Entry::text_bytes).sum()
}

/// Keeps a page within its bound in bytes of bodies, at the end that the request is nearest to.
pub(crate) fn trim(page: Page, range: PageRange, bytes: usize) -> Page {
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

fn fitting<'a>(entries: impl Iterator<Item = &'a Entry>, bytes: usize) -> usize {
    let mut sum = 0;
    let fits = entries.take_while(|entry| {
        let first = sum == 0;
        sum += entry.text_bytes();
        first || sum <= bytes
    });
    fits.count()
}

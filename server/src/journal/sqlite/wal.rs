//! The write-ahead log before SQLite takes it in: is its end torn, or is it damaged?
//!
//! SQLite reads the log up to the first frame that is not whole, and forgets the rest: right for the end of a
//! log that a power cut tore off, as nobody was told of what is there. A bit that flipped in the middle looks
//! the same to it, and everything behind it is lost in silence. The difference lies behind the bad frame. The
//! writer syncs each commit before it begins the next (`synchronous=FULL`), so what follows a commit was
//! written after that commit was acknowledged. A log with a commit at or behind its first bad frame, and
//! something behind that commit, has lost what was promised.
//!
//! A flip in the very last commit can't be told from a torn one.
//!
//! The format is <https://sqlite.org/fileformat2.html#walformat>.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::error::OpenError;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The first half of the magic number; its last bit says how checksums are read.
const MAGIC: u32 = 0x377F_0682;
const VERSION: u32 = 3_007_000;
/// What is read at once.
const BUFFER: usize = 1 << 20;

/// Commits that were acknowledged are in the log and can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// The first frame that is not whole, from 1; 0 is the log's header.
    pub(super) frame: u64,
    /// Commits from there on that are known to have been acknowledged; the header's damage hides their count.
    pub(super) commits: u64,
}

/// The file's write-ahead log.
pub(super) fn of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Refuses a journal whose log has lost what was acknowledged. Nobody may have it open.
///
/// # Errors
/// [`OpenError::DamagedLog`], or that the log can't be read.
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    let log = of(path);
    match damage(path) {
        Ok(None) => Ok(()),
        Ok(Some(Damage { frame, commits })) => Err(OpenError::DamagedLog { log, frame, commits }),
        Err(error) => Err(OpenError::Store { path: log, why: error.to_string() }),
    }
}

/// Looks through the log of a journal that nobody has open. Costs one read of it: 64 MB take some 50 ms.
///
/// # Errors
/// The system's, when the log can't be read.
pub(super) fn damage(path: &Path) -> io::Result<Option<Damage>> {
    let file = match File::open(of(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut file = BufReader::with_capacity(BUFFER, file);
    let mut header = [0; HEADER];
    // The header is synced before the first frame, so without frames nothing was acknowledged.
    if length <= HEADER as u64 || !fill(&mut file, &mut header)? {
        return Ok(None);
    }
    match Log::of(&header) {
        Some(log) => log.walk(&mut file),
        None => Ok(Some(Damage { frame: 0, commits: 0 })),
    }
}

/// How the frames of a log are read.
struct Log {
    page: usize,
    salts: [u8; 8],
    is_big_endian: bool,
    sum: [u32; 2],
}

impl Log {
    fn of(header: &[u8; HEADER]) -> Option<Self> {
        let word = |at: usize| word(header, at);
        let is_big_endian = word(0) & 1 == 1;
        let page = usize::try_from(word(8)).ok()?;
        let sum = add([0, 0], header.get(..24)?, is_big_endian);
        let is_right = word(0) & !1 == MAGIC
            && word(4) == VERSION
            && page.is_power_of_two()
            && (512..=65_536).contains(&page)
            && sum == [word(24), word(28)];
        let salts = header.get(16..24)?.try_into().ok()?;
        is_right.then_some(Self { page, salts, is_big_endian, sum })
    }

    fn walk(mut self, file: &mut impl Read) -> io::Result<Option<Damage>> {
        let mut frame = vec![0; FRAME_HEADER + self.page];
        let (mut number, mut bad) = (0, None);
        let (mut commits, mut acknowledged) = (0, 0);
        while fill(file, &mut frame)? {
            number += 1;
            if bad.is_none() && !self.takes(&frame) {
                bad = Some(number);
            }
            // What an earlier round of the log left behind has other salts.
            if bad.is_none() || frame.get(8..16) != Some(&self.salts) {
                continue;
            }
            // Something follows all commits so far.
            acknowledged = commits;
            commits += u64::from(word(&frame, 4) != 0);
        }
        let lost = bad.filter(|_| acknowledged > 0);
        Ok(lost.map(|frame| Damage { frame, commits: acknowledged }))
    }

    /// Whether a frame is whole and follows those before.
    fn takes(&mut self, frame: &[u8]) -> bool {
        let (header, page) = frame.split_at(FRAME_HEADER);
        let (said, rest) = header.split_at(8);
        self.sum = add(add(self.sum, said, self.is_big_endian), page, self.is_big_endian);
        let is_whole = self.sum == [word(header, 16), word(header, 20)];
        is_whole && rest.get(..8) == Some(&self.salts) && word(header, 0) != 0
    }
}

/// The running checksum, two words on.
fn add([mut first, mut second]: [u32; 2], bytes: &[u8], is_big_endian: bool) -> [u32; 2] {
    let number = |bytes: &[u8]| {
        let bytes = bytes.try_into().unwrap_or_default();
        if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    for pair in bytes.chunks_exact(8) {
        let (one, other) = pair.split_at(4);
        first = first.wrapping_add(number(one)).wrapping_add(second);
        second = second.wrapping_add(number(other)).wrapping_add(first);
    }
    [first, second]
}

/// The big-endian number there.
fn word(bytes: &[u8], at: usize) -> u32 {
    let bytes = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    u32::from_be_bytes(bytes.unwrap_or_default())
}

/// False at the end of the file, also when it comes in the middle.
fn fill(file: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;

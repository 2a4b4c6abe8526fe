//! What a process costs, as Linux counts it.

use std::{fs, io};

/// Processes that a server may consist of; who has more is measured in part.
const MOST: usize = 64;

/// The process and those that it started, itself first.
///
/// # Errors
/// When there is no such process.
pub fn family(pid: u32) -> io::Result<Vec<u32>> {
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied().filter(|_| found.len() < MOST) {
        for task in fs::read_dir(format!("/proc/{parent}/task"))? {
            // A thread may end while we look.
            let children = fs::read_to_string(task?.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        at += 1;
    }
    Ok(found)
}

/// Nanoseconds that the threads of the process and of those it started have run in all. Threads
/// that ended are not in it.
///
/// # Errors
/// When there is no such process, or it is not ours to read.
pub fn cpu_nanos(pid: u32) -> io::Result<u64> {
    let mut sum = 0;
    for member in family(pid)? {
        for task in fs::read_dir(format!("/proc/{member}/task"))? {
            sum += fs::read_to_string(task?.path().join("schedstat"))
                .ok()
                .and_then(|text| on_cpu(&text))
                .unwrap_or(0);
        }
    }
    Ok(sum)
}

/// Bytes that the process and those it started have in memory.
///
/// # Errors
/// As [`cpu_nanos`].
pub fn resident_bytes(pid: u32) -> io::Result<u64> {
    let missing = || io::Error::new(io::ErrorKind::InvalidData, "no Rss in it");
    let of = |pid| {
        // The rollup is exact; what `status` tells lags behind by up to a few pages per thread.
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        resident(&text).ok_or_else(missing)
    };
    family(pid)?.into_iter().map(of).sum()
}

/// `schedstat`: time on the CPU, time waiting, times scheduled.
fn on_cpu(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

fn resident(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Lets this process have as many sockets as it may.
///
/// # Errors
/// When the limit can't be raised to `needed`; the sentence says what to do.
pub fn raise_open_files(needed: u64) -> Result<(), String> {
    let most = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(0);
    let wanted = needed + 32;
    if most >= wanted || rlimit::setrlimit(rlimit::Resource::NOFILE, wanted, wanted).is_ok() {
        return Ok(());
    }
    Err(format!("{needed} connections need as many open files, and {most} are allowed: ulimit -n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedstat() {
        assert_eq!(on_cpu("123456789 42 7\n"), Some(123_456_789));
        assert_eq!(on_cpu(""), None);
        assert_eq!(on_cpu("x 1 2"), None);
    }

    #[test]
    fn smaps_rollup() {
        let text = "5581 ---p 00000000 00:00 0   [rollup]\nRss:            9216 kB\nPss:  1 kB\n";
        assert_eq!(resident(text), Some(9_216 * 1_024));
        assert_eq!(resident("Pss: 1 kB\n"), None);
    }

    #[test]
    fn this_process_costs_something() {
        let pid = std::process::id();
        assert!(cpu_nanos(pid).unwrap() > 0);
        assert!(resident_bytes(pid).unwrap() > 100_000);
        assert!(cpu_nanos(u32::MAX).is_err());
    }

    #[test]
    fn who_is_started_belongs_to_it() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let family = family(std::process::id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(family.first(), Some(&std::process::id()));
        assert!(family.contains(&child.id()));
    }
}

use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;
use std::thread;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn it_is_made_once_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/deep/secret.key");
    let made = Secret::load_or_create(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(entries(path.parent().unwrap()), 1, "no draft stays");
    assert_eq!(made.bytes().len(), 64);
    assert!(Secret::load_or_create(&path).unwrap() == made);
    // The file's text is what `auth.secret` on another node needs.
    assert!(Secret::parse(&fs::read_to_string(&path).unwrap()) == Some(made.clone()));
    let other = folder.path().join("other.key");
    assert!(Secret::load_or_create(&other).unwrap() != made);
}

#[test]
fn all_who_start_at_once_get_the_same() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/secret.key");
        let barrier = Barrier::new(8);
        let secrets: Vec<Secret> = thread::scope(|scope| {
            let start = || {
                barrier.wait();
                Secret::load_or_create(&path).unwrap()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        assert_eq!(entries(path.parent().unwrap()), 1, "no draft stays");
    }
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    Secret::load_or_create(&path).unwrap();
    for bad in [0o644, 0o640, 0o604, 0o620, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(bad)).unwrap();
        let error = Secret::load_or_create(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("(mode {bad:04o}): run `chmod 600 ")), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(Secret::load_or_create(&path).is_ok(), "read-only is fine");
}

#[test]
fn a_file_without_a_secret_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    for bad in [&b""[..], b"short", &[b' '; 64], &[0xff; 64]] {
        let mut file = OpenOptions::new();
        file.write(true).create(true).truncate(true).mode(0o600);
        file.open(&path).unwrap().write_all(bad).unwrap();
        let error = Secret::load_or_create(&path).unwrap_err();
        assert!(matches!(error, SecretError::TooShort(_)), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bad);
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Secret::load_or_create(&file.join("secret.key")).unwrap_err().to_string();
    assert!(error.contains("file/secret.key") && error.contains("auth.secret"), "{error}");
}

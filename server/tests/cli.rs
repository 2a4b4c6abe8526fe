//! The program from outside: exit codes, and one sentence when it can't start.

#![allow(clippy::unwrap_used)] // a test may

use std::process::{Command, Output};

fn maru(args: &[&str], variables: &[(&str, &str)]) -> Output {
    // A folder without settings files, and none of the caller's variables.
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_maru-server"));
    command.args(args).env_clear().envs(variables.iter().copied());
    command.current_dir(folder.path()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_and_version() {
    let out = maru(&["--help"], &[]);
    assert_eq!(out.status.code(), Some(0));
    assert!(text(&out.stdout).contains("Usage: maru-server"));
    let out = maru(&["--version"], &[]);
    assert_eq!(text(&out.stdout), concat!("maru-server ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    let out = maru(&["dance"], &[]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(
        text(&out.stderr),
        "maru-server: there is no command \"dance\"; `maru-server --help` lists what there is\n"
    );
}

#[test]
fn a_wrong_setting_is_exit_code_1() {
    for args in [&["serve"][..], &[], &["settings"]] {
        let out = maru(args, &[("MARU_HTTP__PORT", "99999")]);
        assert_eq!(out.status.code(), Some(1), "{args:?}");
        assert_eq!(
            text(&out.stderr),
            "maru-server: http.port is 99999: a port is 1 to 65535 (0 picks a free one) \
             (set by MARU_HTTP__PORT)\n"
        );
        assert_eq!(text(&out.stdout), "");
    }
}

#[test]
fn the_settings_in_force_are_printed_without_secrets() {
    let secret = "0123456789abcdef0123456789abcdef";
    let out = maru(&["settings"], &[("MARU_AUTH__SECRET", secret)]);
    assert_eq!(out.status.code(), Some(0));
    assert!(text(&out.stdout).contains("secret = \"(hidden)\"  # MARU_AUTH__SECRET"));
    assert!(!text(&out.stdout).contains(secret));
}

#[test]
fn verify_says_what_is_no_journal() {
    let out = maru(&["verify", "nowhere.db"], &[]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(text(&out.stderr), "maru-server: there is no journal at nowhere.db\n");
    // Without a path it is the journal of the settings.
    let out = maru(&["verify"], &[("MARU_JOURNAL__PATH", "other.db")]);
    assert_eq!(text(&out.stderr), "maru-server: there is no journal at other.db\n");
}

//! The program from outside: exit codes, and one sentence when it can't start.

#![allow(clippy::unwrap_used)] // a test may

use std::{
    fs::File,
    process::{Command, Output},
};

use maru_server::journal::sqlite::{Sqlite, SqliteOptions};

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
fn shells_learn_every_command() {
    let commands =
        ["serve", "verify", "renew", "migrate", "settings", "health", "completions", "help"];
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let out = maru(&["completions", shell], &[]);
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), ""), "{shell}");
        let script = text(&out.stdout);
        for word in commands.into_iter().chain(["from", "to", "ready", "version"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn bash_completes_commands_and_their_options() {
    let script = maru(&["completions", "bash"], &[]);
    // The function that is registered, called as bash does: the command, the word, the one before.
    let call = "
        read -r _ _ name _ <<<\"$(complete -p maru-server | sed 's/.*-F /-F x /')\"
        COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1))
        $name maru-server \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
        echo \"${COMPREPLY[@]}\"";
    for (words, completed) in [
        (&["maru-server", "mi"][..], "migrate"),
        (&["maru-server", "migrate", "--t"], "--to"),
        (&["maru-server", "health", "--r"], "--ready"),
        (&["maru-server", "completions", "f"], "fish"),
    ] {
        let code = format!("{}\n{call}", text(&script.stdout));
        let out = Command::new("bash").args(["-c", &code, "bash"]).args(words).output().unwrap();
        assert_eq!((text(&out.stderr), text(&out.stdout).trim()), ("", completed), "{words:?}");
    }
}

#[test]
fn the_help_tells_every_command_and_option() {
    for args in [&["--help"][..], &["-h"], &["help"], &["migrate", "--help"]] {
        let out = maru(args, &[]);
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), ""), "{args:?}");
        let help = text(&out.stdout);
        for word in [
            "serve",
            "verify [PATH]",
            "renew [OPTIONS] [PATH]",
            "--lose-commits",
            "--from <FILE>",
            "--to <ADDRESS>",
            "settings",
            "--ready",
            "drain",
            "--alone",
            "sign-out <USER>",
            "rooms list",
            "rooms delete <ROOM>",
            "rooms rename <ROOM> <NEW>",
            "completions <SHELL>",
            "MARU_HTTP__PORT",
        ] {
            assert!(help.contains(word), "{args:?}: {word} is not in\n{help}");
        }
    }
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

#[test]
fn renew_says_what_is_no_journal() {
    let out = maru(&["renew", "nowhere.db"], &[]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(text(&out.stderr), "maru-server: there is no journal at nowhere.db\n");
    // Without a path it is the journal of the settings.
    let out = maru(&["renew"], &[("MARU_JOURNAL__PATH", "other.db")]);
    assert_eq!(text(&out.stderr), "maru-server: there is no journal at other.db\n");
    // An address is one, and its password is not shown.
    let out = maru(&["renew", "postgres://maru:hush@127.0.0.1:1/chat"], &[]);
    assert_eq!(out.status.code(), Some(1));
    let said = text(&out.stderr);
    assert!(
        said.contains("does not answer at 127.0.0.1:1/chat") && !said.contains("hush"),
        "{said}"
    );
}

#[test]
fn renew_says_what_it_did_and_that_a_server_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("maru.db");
    let path = path.to_str().unwrap();
    let running = Sqlite::open(path.as_ref(), SqliteOptions::default()).unwrap();
    let out = maru(&["renew", path], &[]);
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(1), ""));
    assert_eq!(
        text(&out.stderr),
        format!(
            "maru-server: another server holds the journal {path}: stop that one, or give this one \
             a file of its own\n"
        )
    );
    drop(running);
    // Its threads give the lock back as they end.
    File::open(format!("{path}.lock")).unwrap().lock().unwrap();
    for out in [maru(&["renew", path], &[]), maru(&["renew"], &[("MARU_JOURNAL__PATH", path)])] {
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), ""));
        let said = format!("{path} has a new epoch: everybody loads every room anew\n");
        assert_eq!(text(&out.stdout), said);
    }
}

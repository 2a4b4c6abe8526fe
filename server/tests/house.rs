//! What ARCHITECTURE.md promises of the code itself: imports go one way, the engine is a value, and
//! every crate that we depend on has a purpose that docs/design/dependencies.md names.

#![allow(clippy::unwrap_used, clippy::expect_used)] // tests may

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What each part of `src/` may use of the others. What is not named may use nothing.
const MAY_USE: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("seldom", &[]),
    ("priority", &[]),
    ("limits", &["clock", "metrics", "seldom"]),
    ("metrics", &[]),
    ("journal", &["clock", "priority", "seldom"]),
    ("bus", &["journal", "metrics"]),
    ("follow", &["bus", "clock", "journal", "metrics"]),
    ("search", &["clock", "journal", "metrics", "priority"]),
    ("auth", &["clock"]),
    ("settings", &["auth", "limits"]),
    ("files", &["clock", "journal", "limits", "metrics", "seldom"]),
    ("logging", &["limits", "settings"]),
    ("wire", &[]),
    ("fanout", &["metrics", "wire"]),
    ("runtime", &["bus", "clock", "fanout", "follow", "journal", "metrics", "search"]),
    (
        "services",
        &["auth", "clock", "files", "journal", "limits", "metrics", "runtime", "search", "seldom"],
    ),
    (
        "session",
        &["auth", "clock", "fanout", "files", "journal", "limits", "search", "services", "wire"],
    ),
    (
        "transport",
        &[
            "auth", "fanout", "files", "journal", "limits", "metrics", "runtime", "search",
            "services", "session", "settings", "wire",
        ],
    ),
    (
        "app",
        &[
            "auth",
            "bus",
            "clock",
            "files",
            "follow",
            "journal",
            "limits",
            "metrics",
            "runtime",
            "search",
            "services",
            "settings",
            "transport",
        ],
    ),
    ("cli", &["app", "journal", "logging", "settings"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The part that a file belongs to: its first folder or its own name.
fn part(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").trim_end_matches("_tests").to_owned()
}

/// The parts that a text names by `crate::part` or in `use crate::{part…, part…}`.
fn uses(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for (_, after) in text.match_indices("crate::").map(|(at, m)| (at, &text[at + m.len()..])) {
        let Some(list) = after.strip_prefix('{') else {
            found.insert(word(after));
            continue;
        };
        let mut depth = 1;
        let mut at_start = true;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => at_start = true,
                c if at_start && c.is_ascii_alphabetic() => {
                    found.insert(word(&list[at..]));
                    at_start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

#[test]
fn imports_go_one_way() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let parts: BTreeSet<&str> = MAY_USE.iter().map(|(part, _)| *part).collect();
    let mut seen = BTreeSet::new();
    for file in files {
        let part = part(&file);
        if part == "lib" || part == "main" {
            continue;
        }
        let allowed = MAY_USE.iter().find(|(name, _)| *name == part);
        let (_, allowed) = allowed.unwrap_or_else(|| unreachable!("{part} has no place here"));
        for used in uses(&fs::read_to_string(&file).unwrap()) {
            let fine = used == part || !parts.contains(used.as_str());
            assert!(fine || allowed.contains(&used.as_str()), "{} uses {used}", file.display());
        }
        seen.insert(part);
    }
    assert_eq!(seen.len(), parts.len(), "a part of the list is gone: {seen:?}");
}

/// What the engine may not name: whatever runs, waits, reads a clock or draws a number.
/// `engine/clippy.toml` says the same of the standard library's types.
const NOT_IN_THE_ENGINE: &[&str] = &[
    "actix",
    "tokio",
    "futures",
    "std::thread",
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::process",
    "SystemTime",
    "time::Instant",
    "RandomState",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "getrandom",
    "rand::",
    "log::error",
    "log::warn",
    "log::info",
    "Mutex",
    "RwLock",
    "unsafe",
];

#[test]
fn the_engine_names_no_runtime_clock_or_random_source() {
    let mut files = Vec::new();
    let source = root().join("../engine/src");
    sources(&source, &mut files);
    assert!(files.len() > 10, "the engine is elsewhere");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for name in NOT_IN_THE_ENGINE {
            let of_std = *name == "time::Instant" && !text.contains("std::time::Instant");
            assert!(of_std || !text.contains(name), "{} names {name}", file.display());
        }
    }
    let manifest = fs::read_to_string(root().join("../engine/Cargo.toml")).unwrap();
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap();
    let names: Vec<&str> = dependencies
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty()))
        .collect();
    assert_eq!(names, ["bytes", "maru-protocol", "serde", "thiserror", "uuid"]);
}

#[test]
fn no_server_has_the_defects_of_the_simulation() {
    let manifest = fs::read_to_string(root().join("../engine/Cargo.toml")).unwrap();
    assert!(manifest.contains("\ndefects = []\n"), "the feature has another name");
    assert!(!manifest.contains("\ndefault"), "a feature of the engine is on by default");
    for manifest in
        ["Cargo.toml", "../Cargo.toml", "../protocol/Cargo.toml", "../loadtest/Cargo.toml"]
    {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        assert!(!text.contains("defects"), "{manifest} switches mistakes on");
    }
}

#[test]
fn only_app_and_cli_name_a_store_or_an_index() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for file in files {
        let part = part(&file);
        if !["app", "cli", "journal", "search"].contains(&part.as_str()) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(
                !text.contains("sqlite") && !text.contains("postgres::"),
                "{} names a store",
                file.display()
            );
        }
    }
}

#[test]
fn every_dependency_has_a_purpose() {
    let page = fs::read_to_string(root().join("../docs/design/dependencies.md")).unwrap();
    let (_, table) = page.split_once("# Every direct dependency").unwrap();
    for manifest in
        ["Cargo.toml", "../engine/Cargo.toml", "../protocol/Cargo.toml", "../loadtest/Cargo.toml"]
    {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside && line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let name = line.split(['=', '.', ' ']).next().unwrap();
                let named = table
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                    .any(|word| word == name);
                assert!(
                    named || ["maru-engine", "maru-protocol"].contains(&name),
                    "{name} of {manifest} has no purpose"
                );
            }
        }
    }
}

#[test]
fn uses_are_found() {
    let text =
        "use crate::{\n    auth::{Admit, chat_of},\n    journal::Journal,\n};\ncrate::clock::X";
    let found: Vec<String> = uses(text).into_iter().collect();
    assert_eq!(found, ["auth", "clock", "journal"]);
}

/// One style of modules: `foo.rs` beside `foo/`, and a module's tests in `foo/tests.rs`.
#[test]
fn modules_have_one_style() {
    for folder in ["src", "../engine/src", "../protocol/src", "../loadtest/src"] {
        let mut files = Vec::new();
        sources(&root().join(folder), &mut files);
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy();
            assert!(name != "mod.rs" && !name.ends_with("_tests.rs"), "{}", file.display());
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("#[path"), "{} names a path", file.display());
        }
    }
}

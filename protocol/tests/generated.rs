//! The committed TypeScript types and JSON Schemas are what the crate says today.
//! `MARU_GENERATE=1` (or `make generate`) writes them anew.

#![allow(clippy::unwrap_used)] // a test may

use std::{fs, path::PathBuf};

use maru_protocol::generate::{asyncapi, client_schema, server_schema, typescript};

fn fresh(path: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("MARU_GENERATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is stale: run `make generate`", path.display());
}

#[test]
fn typescript_is_fresh() {
    fresh("../frontend/src/protocol/generated.ts", &typescript());
}

#[test]
fn schemas_are_fresh() {
    fresh("schema/client.json", &client_schema());
    fresh("schema/server.json", &server_schema());
}

#[test]
fn the_asyncapi_document_is_fresh() {
    fresh("../docs/asyncapi.yaml", &asyncapi());
}

//! Frames in `golden/` mean the same here and in the frontend: decoded, encoded again, unchanged.

#![allow(clippy::unwrap_used)] // a test may

use std::{collections::BTreeSet, fs, path::PathBuf};

use maru_protocol::{ClientFrame, ServerFrame};
use serde_json::Value;

fn golden(file: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn holds<T: serde::de::DeserializeOwned + serde::Serialize>(file: &str) -> BTreeSet<String> {
    let frames = golden(file);
    for frame in &frames {
        let decoded: T = serde_json::from_value(frame.clone()).unwrap();
        assert_eq!(&serde_json::to_value(&decoded).unwrap(), frame);
    }
    frames.iter().map(|f| f["type"].as_str().unwrap().to_owned()).collect()
}

/// Every variant of the enum, as serde lists them in its complaint about an unknown one.
fn variants<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(r#"{"type":"?"}"#).err().unwrap().to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn client_frames() {
    assert_eq!(holds::<ClientFrame>("client.json"), variants::<ClientFrame>());
}

#[test]
fn server_frames() {
    assert_eq!(holds::<ServerFrame>("server.json"), variants::<ServerFrame>());
}
